#include "schemas/money.h"

#include "schemas/ids.h"

namespace tally {
namespace {

constexpr std::int64_t micros_per_unit = 1'000'000;
constexpr std::size_t places_max = 6;

}  // namespace

std::optional<Micros> times(Micros amount, std::int64_t count) {
  TALLY_ASSERT(amount.value >= 0);
  TALLY_ASSERT(count >= 0);
  Micros product;
  if (__builtin_mul_overflow(amount.value, count, &product.value) || product > amount_max) return std::nullopt;
  return product;
}

Micros fee_on(Micros reward, std::int64_t rate_ppm) {
  TALLY_ASSERT(reward.value >= 0 && reward <= amount_max);
  TALLY_ASSERT(rate_ppm >= 0 && rate_ppm <= 1'000'000);
  constexpr std::int64_t million = 1'000'000;
  // Whole millions first, so that the product fits in 64 bits.
  const std::int64_t whole = reward.value / million * rate_ppm;
  const std::int64_t rest = (reward.value % million * rate_ppm + million - 1) / million;
  return Micros{whole + rest};
}

std::optional<Micros> micros_from(std::string_view text) {
  const auto dot = text.find('.');
  const auto whole = whole_number_from(text.substr(0, dot));
  if (!whole || *whole > amount_max.value / micros_per_unit - 1) return std::nullopt;
  std::int64_t fraction = 0;
  if (dot != std::string_view::npos) {
    std::string digits(text.substr(dot + 1));
    if (digits.empty() || digits.size() > places_max) return std::nullopt;
    digits.resize(places_max, '0');
    const auto parsed = whole_number_from(digits);
    if (!parsed) return std::nullopt;
    fraction = *parsed;
  }
  return Micros{*whole * micros_per_unit + fraction};
}

std::string to_text(Micros amount) {
  const bool negative = amount.value < 0;
  // In unsigned arithmetic, so that the least number has a text too.
  const auto size =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(amount.value) : static_cast<std::uint64_t>(amount.value);
  std::string fraction = std::to_string(size % micros_per_unit);
  fraction.insert(0, places_max - fraction.size(), '0');
  while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
  return (negative ? "-" : "") + std::to_string(size / micros_per_unit) + '.' + fraction;
}

}  // namespace tally
