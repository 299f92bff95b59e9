#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

// Decimal numbers in fixed point: millionths in 64 bits, so that no rounding decides anything. The bound leaves room
// for the sum and the difference of any two.
inline constexpr std::int64_t decimal_e6_max = 1'000'000'000'000'000'000;  // A million millions.

// "12", "-0.5", "+3", ".25", "1.500000000": digits with at most one point, at most six places that are not zero at
// the end, and a size up to the bound. Nothing for anything else: no exponent, no space, no thousands separator.
[[nodiscard]] std::optional<std::int64_t> decimal_e6_from(std::string_view text);

// The shortest text of the number: 12, -0.5, 0. Reading it gives the number again.
[[nodiscard]] std::string decimal_text(std::int64_t e6);

}  // namespace tally
