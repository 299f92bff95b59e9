#pragma once

#include <array>
#include <cstdint>

// Logarithms and powers in whole numbers, from tables made of whole numbers, so that every compiler and machine makes
// the same decision of the same answers.
namespace tally::aggregation::fixed {

// The unit of a logarithm: so many are a doubling.
inline constexpr std::int32_t doubling = 1 << 16;

// log2(x) in units, rounded down but for two units. REQUIRES x >= 1.
[[nodiscard]] std::int32_t log2_of(std::uint64_t x);

// 2^(-units / doubling) as parts of 2^30, to one part in a million. REQUIRES units >= 0. 0 beyond 30 doublings.
[[nodiscard]] std::uint32_t power_below(std::int64_t units);

}  // namespace tally::aggregation::fixed
