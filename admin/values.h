#pragma once

#include <cstdint>
#include <string>

#include "schemas/ids.h"
#include "schemas/money.h"
#include "schemas/roles.h"
#include "schemas/time.h"

// Arguments as the user wrote them, read or refused (cli::Failure) with what to write instead.
namespace tally::admin {

[[nodiscard]] ProjectId project_from(const std::string& text);
[[nodiscard]] AccountId account_from(const std::string& text);
[[nodiscard]] Micros amount_from(const std::string& text);   // More than zero.
[[nodiscard]] Micros minimum_from(const std::string& text);  // Zero or more.
[[nodiscard]] Role role_from(const std::string& text);
[[nodiscard]] Duration validity_from(const std::string& text);
[[nodiscard]] TransferId transfer_from(const std::string& text);
[[nodiscard]] std::string run_name_from(const std::string& text);
[[nodiscard]] std::string qualification_from(const std::string& text);
[[nodiscard]] std::int64_t score_from(const std::string& text);
// One line, not empty, at most `characters_max` bytes.
[[nodiscard]] std::string line_from(const std::string& text, const char* what, std::size_t bytes_max);

}  // namespace tally::admin
