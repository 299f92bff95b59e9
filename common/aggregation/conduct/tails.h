#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Inside conduct: how improbable a count is, as a logarithm to base 10 so that nothing underflows, and what remains
// improbable among many.
namespace tally::aggregation::conduct {

// Of `count` or more of `of` that happen with probability p each. REQUIRES 0 <= count <= of and 0 < p < 1.
[[nodiscard]] double log10_binomial_or_more(std::int64_t count, std::int64_t of, double p);
// Of `count` or less.
[[nodiscard]] double log10_binomial_or_less(std::int64_t count, std::int64_t of, double p);

// Of `count` or more where they come with that mean and the variance mean + dispersion × mean² (negative binomial).
// REQUIRES count >= 0, mean > 0, dispersion >= dispersion_min: with less it is a binomial count to all that matters.
inline constexpr double dispersion_min = 1e-6;
[[nodiscard]] double log10_count_or_more(std::int64_t count, double mean, double dispersion);

// Of a standard normal value of z or more.
[[nodiscard]] double log10_normal_or_more(double z);

// The places of those that stand at the level among `tests` tests, of which all that could stand are given.
// REQUIRES tests >= the number given.
[[nodiscard]] std::vector<std::size_t> holm(std::span<const double> log10_p, std::int64_t tests, double level);
[[nodiscard]] std::vector<std::size_t> benjamini_hochberg(std::span<const double> log10_p, std::int64_t tests,
                                                          double level);

}  // namespace tally::aggregation::conduct
