#include "common/aggregation/online/fixed_point.h"

#include <bit>

#include "common/base/assert.h"

namespace tally::aggregation::fixed {
namespace {

constexpr int steps = 256;  // Of a doubling, in both tables; between them it is linear.
constexpr int step_bits = 8;

// log2(1 + i / steps) in units. Bit by bit: squaring a number doubles its logarithm.
constexpr std::int32_t log2_of_step(int i) {
  std::uint64_t mantissa = (std::uint64_t{1} << 31) + (static_cast<std::uint64_t>(i) << (31 - step_bits));
  std::int32_t result = 0;
  for (int bit = 15; bit >= 0; --bit) {
    mantissa = (mantissa * mantissa) >> 31;
    if (mantissa >= (std::uint64_t{1} << 32)) {
      mantissa >>= 1;
      result += 1 << bit;
    }
  }
  return result;
}

constexpr std::array<std::int32_t, steps + 1> logs = [] {
  std::array<std::int32_t, steps + 1> table{};
  for (int i = 0; i < steps; ++i) table[static_cast<std::size_t>(i)] = log2_of_step(i);
  table[steps] = doubling;
  return table;
}();

constexpr std::uint64_t root_of(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit > 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= x) root += bit;
  }
  return root;
}

// 2^(-i / steps) in parts of 2^30: a product of roots of one half.
constexpr std::array<std::uint32_t, steps + 1> powers = [] {
  std::array<std::uint64_t, step_bits> roots{};  // 2^(-1/2), 2^(-1/4), … in parts of 2^30.
  std::uint64_t root = std::uint64_t{1} << 29;
  for (std::uint64_t& next : roots) next = root = root_of(root << 30);
  std::array<std::uint32_t, steps + 1> table{};
  for (std::size_t i = 0; i < steps; ++i) {
    std::uint64_t power = std::uint64_t{1} << 30;
    for (std::size_t bit = 0; bit < step_bits; ++bit) {
      if ((i >> (step_bits - 1 - bit)) & 1U) power = (power * roots[bit]) >> 30;
    }
    table[i] = static_cast<std::uint32_t>(power);
  }
  table[steps] = std::uint32_t{1} << 29;
  return table;
}();

}  // namespace

std::int32_t log2_of(std::uint64_t x) {
  TALLY_ASSERT(x >= 1);
  const int whole = static_cast<int>(std::bit_width(x)) - 1;
  // The digits after the leading one, as parts of 2^32.
  const std::uint64_t rest = whole == 0 ? 0 : (x << (64 - whole)) >> 32;
  const auto step = static_cast<std::size_t>(rest >> (32 - step_bits));
  const auto within = static_cast<std::int64_t>(rest & ((std::uint64_t{1} << (32 - step_bits)) - 1));
  const std::int64_t slope = logs[step + 1] - logs[step];
  return whole * doubling + logs[step] + static_cast<std::int32_t>((slope * within) >> (32 - step_bits));
}

std::uint32_t power_below(std::int64_t units) {
  TALLY_ASSERT(units >= 0);
  const std::int64_t whole = units / doubling;
  if (whole > 30) return 0;
  const std::int64_t rest = units % doubling;
  constexpr int within_bits = 16 - step_bits;
  const auto step = static_cast<std::size_t>(rest >> within_bits);
  const std::int64_t within = rest & ((1 << within_bits) - 1);
  const std::int64_t fall = static_cast<std::int64_t>(powers[step]) - static_cast<std::int64_t>(powers[step + 1]);
  const auto power = static_cast<std::uint32_t>(powers[step] - ((fall * within) >> within_bits));
  return power >> whole;
}

}  // namespace tally::aggregation::fixed
