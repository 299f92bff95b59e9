#include "common/base/decimal.h"

namespace tally {
namespace {

constexpr std::int64_t one_e6 = 1'000'000;
constexpr std::size_t places_max = 6;

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

std::string_view without_zeros_at_end(std::string_view digits) {
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
  return digits;
}

}  // namespace

std::optional<std::int64_t> decimal_e6_from(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!all_digits(whole) || !all_digits(fraction)) return std::nullopt;
  fraction = without_zeros_at_end(fraction);
  if (fraction.size() > places_max) return std::nullopt;

  std::int64_t e6 = 0;
  for (const char digit : whole) {
    if (e6 > decimal_e6_max / 10) return std::nullopt;
    e6 = e6 * 10 + (digit - '0') * one_e6;
  }
  std::int64_t unit = one_e6;
  for (const char digit : fraction) {
    unit /= 10;
    e6 += (digit - '0') * unit;
  }
  if (e6 > decimal_e6_max) return std::nullopt;
  return is_negative ? -e6 : e6;
}

std::string decimal_text(std::int64_t e6) {
  // In unsigned arithmetic, so that the least number has a text too.
  const auto size = e6 < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(e6) : static_cast<std::uint64_t>(e6);
  std::string text = (e6 < 0 ? "-" : "") + std::to_string(size / one_e6);
  std::string fraction = std::to_string(size % one_e6);
  fraction.insert(0, places_max - fraction.size(), '0');
  const std::string_view shown = without_zeros_at_end(fraction);
  if (!shown.empty()) text.append(".").append(shown);
  return text;
}

}  // namespace tally
