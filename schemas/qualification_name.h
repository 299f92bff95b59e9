#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schemas/ids.h"

namespace tally {

inline constexpr std::size_t qualification_name_bytes_max = 40;
inline constexpr std::string_view qualification_name_rule =
    "a qualification's name is lower-case letters, digits, '-' and '_', begins with a letter, and has at most 40 "
    "characters";

// Of those that an admin or a rule grants.
[[nodiscard]] bool is_qualification_name(std::string_view name);

// What a training round grants: NAME@OWNER, with the account of the project's owner, so that no requester can hand out
// what another asks for. A requirement of NAME is met by it in projects of the same owner.
[[nodiscard]] std::string name_by_training(std::string_view name, AccountId owner);

}  // namespace tally
