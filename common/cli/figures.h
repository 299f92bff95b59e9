#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schemas/money.h"

// Numbers as people read them.
namespace tally::cli {

[[nodiscard]] std::string grouped(std::int64_t number);                       // 1,234,567
[[nodiscard]] std::string money(Micros amount, const std::string& currency);  // 0.05 USD
[[nodiscard]] std::string percent_of(std::int64_t part, std::int64_t whole);  // 12.3%; of nothing: 0.0%

[[nodiscard]] std::string counted(std::int64_t count, const std::string& thing);  // 1 task; 1,200 tasks

[[nodiscard]] std::string decimal(double value, int places);  // 0.84
[[nodiscard]] std::string or_dash(const std::optional<double>& value, int places);
[[nodiscard]] std::string percent(double share);                       // 12.3%, rounded down to a tenth
[[nodiscard]] double share_of(std::int64_t part, std::int64_t whole);  // 0 of nothing

// Parts of a million:
[[nodiscard]] std::string ppm_text(std::int64_t ppm);     // 0.95
[[nodiscard]] std::string ppm_percent(std::int64_t ppm);  // 95.0%
[[nodiscard]] std::string claim_text(std::int64_t ppm);   // 0.964: rounded down, so that no claim is shown as more

// Lines of a name and what it is, the latter below each other. Safe for the terminal.
[[nodiscard]] std::string lines_of(const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace tally::cli
