#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/assert.h"

namespace tally {

// An amount of the platform's one currency, in millionths. Never a floating point number.
struct Micros {
  std::int64_t value = 0;
  friend auto operator<=>(const Micros&, const Micros&) = default;
};

// The most a single amount may be: a thousandth of what 64 bits hold, so that sums of checked amounts have room.
inline constexpr Micros amount_max{std::numeric_limits<std::int64_t>::max() / 1000};

// Sums and products that do not fit are our bug: what comes from outside is bounded by amount_max and counts before.
[[nodiscard]] inline Micros operator+(Micros a, Micros b) {
  Micros sum;
  const bool overflow = __builtin_add_overflow(a.value, b.value, &sum.value);
  TALLY_ASSERT(!overflow);
  return sum;
}
[[nodiscard]] inline Micros operator-(Micros a, Micros b) {
  Micros difference;
  const bool overflow = __builtin_sub_overflow(a.value, b.value, &difference.value);
  TALLY_ASSERT(!overflow);
  return difference;
}
inline Micros& operator+=(Micros& a, Micros b) { return a = a + b; }
inline Micros& operator-=(Micros& a, Micros b) { return a = a - b; }

// amount * count, or nothing when that does not fit below amount_max.
[[nodiscard]] std::optional<Micros> times(Micros amount, std::int64_t count);

// The platform's fee on one reward: rate parts per million of it, rounded up to the next micro. Rounding up on each
// answer (never on sums) makes the fee of a batch exactly the sum of its parts, whatever the order of payment.
[[nodiscard]] Micros fee_on(Micros reward, std::int64_t rate_ppm);

// "0.05", "12", "3.000001": a plain decimal, not negative, at most six places. Nothing for anything else.
[[nodiscard]] std::optional<Micros> micros_from(std::string_view text);
// At least two places, no more than needed: 0.05, 12.00, 3.000001, -1.50.
[[nodiscard]] std::string to_text(Micros amount);

}  // namespace tally
