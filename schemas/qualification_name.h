#pragma once

#include <cstddef>
#include <string_view>

namespace tally {

inline constexpr std::size_t qualification_name_bytes_max = 40;
inline constexpr std::string_view qualification_name_rule =
    "a qualification's name is lower-case letters, digits, '-' and '_', begins with a letter, and has at most 40 "
    "characters";

// Of those that an admin or a rule grants; a training round adds "@" and the account of the project's owner.
[[nodiscard]] bool is_qualification_name(std::string_view name);

}  // namespace tally
