#include "common/cli/figures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/base/assert.h"
#include "common/base/decimal.h"
#include "common/cli/safe_text.h"

namespace tally::cli {

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first_digit = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string money(Micros amount, const std::string& currency) {
  return to_text(amount) + (currency.empty() ? "" : " " + safe_for_terminal(currency, false));
}

std::string percent_of(std::int64_t part, std::int64_t whole) {
  // Rounded down, so that 100% means all. Counts of items leave room for the factor.
  const std::int64_t tenths = whole > 0 ? part * 1000 / whole : 0;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::string counted(std::int64_t count, const std::string& thing) {
  return grouped(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string decimal(double value, int places) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, places);
  TALLY_ASSERT(end.ec == std::errc());
  return {text.data(), end.ptr};
}

std::string percent(double share) {
  // What is a tenth but for the rounding of a product counts as one.
  return decimal(std::floor(share * 1000 + 1e-6) / 10, 1) + "%";
}

std::string or_dash(const std::optional<double>& value, int places) { return value ? decimal(*value, places) : "-"; }

double share_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string ppm_text(std::int64_t ppm) { return decimal_text(ppm); }

std::string ppm_percent(std::int64_t ppm) { return percent(static_cast<double>(ppm) / 1e6); }

std::string claim_text(std::int64_t ppm) { return decimal_text(ppm / 1000 * 1000); }

std::string lines_of(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) {
    text += "  " + name + std::string(width - name.size() + 2, ' ') + safe_for_terminal(value, false) + "\n";
  }
  return text;
}

}  // namespace tally::cli
