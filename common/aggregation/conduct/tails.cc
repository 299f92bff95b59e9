#include "common/aggregation/conduct/tails.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/base/assert.h"

namespace tally::aggregation::conduct {
namespace {

const double log_10 = std::log(10.0);

// Of the gamma function, to 1e-10 or better: by its recurrence up to 10, then Stirling's series (Abramowitz, Stegun:
// "Handbook of mathematical functions", 6.1.41). std::lgamma writes to a global, which threads would share.
double log_gamma(double x) {
  double below = 0;
  for (; x < 10; x += 1) below -= std::log(x);
  const double square = 1 / (x * x);
  const double series = (1.0 / 12 - square * (1.0 / 360 - square / 1260)) / x;
  return below + (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::acos(-1.0)) + series;
}

// log10 of first × (1 + r(0) + r(0) r(1) + …), to where terms no longer count. Terms first may grow and then fall; in
// the sums of this file a ratio falls with its place, so a small ratio promises a small rest.
template <typename Ratio>
double log10_sum(double log_first, std::int64_t ratios, const Ratio& ratio) {
  double sum = 1;
  double term = 1;
  double scale = 0;  // Taken out of sum and term, so that neither overflows.
  for (std::int64_t i = 0; i < ratios; ++i) {
    const double next = ratio(i);
    term *= next;
    sum += term;
    if (next < 1 && term < sum * 1e-12 * (1 - next)) break;
    if (sum > 1e200) {
      scale += std::log(sum);
      term /= sum;
      sum = 1;
    }
  }
  return std::min(0.0, (log_first + scale + std::log(sum)) / log_10);
}

// From the least probable upward, so that the order is one of decreasing suspicion; equal ones by their place.
std::vector<std::size_t> by_probability(std::span<const double> log10_p) {
  std::vector<std::size_t> order(log10_p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return log10_p[a] < log10_p[b]; });
  return order;
}

constexpr std::int64_t endless = std::int64_t{1} << 40;

}  // namespace

double log10_binomial_or_more(std::int64_t count, std::int64_t of, double p) {
  TALLY_ASSERT(count >= 0);
  TALLY_ASSERT(count <= of);
  TALLY_ASSERT(p > 0 && p < 1);
  if (count == 0) return 0;
  const auto n = static_cast<double>(of);
  const auto k = static_cast<double>(count);
  const double log_first =
      log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1) + k * std::log(p) + (n - k) * std::log1p(-p);
  const double odds = p / (1 - p);
  return log10_sum(log_first, of - count, [&](std::int64_t i) {
    const double at = k + static_cast<double>(i);
    return (n - at) / (at + 1) * odds;
  });
}

double log10_binomial_or_less(std::int64_t count, std::int64_t of, double p) {
  return log10_binomial_or_more(of - count, of, 1 - p);
}

double log10_count_or_more(std::int64_t count, double mean, double dispersion) {
  TALLY_ASSERT(count >= 0);
  TALLY_ASSERT(mean > 0 && std::isfinite(mean));
  TALLY_ASSERT(dispersion >= dispersion_min && std::isfinite(dispersion));
  if (count == 0) return 0;
  const auto k = static_cast<double>(count);
  const double size = 1 / dispersion;
  const double q = mean / (mean + size);
  const double log_first =
      log_gamma(k + size) - log_gamma(size) - log_gamma(k + 1) + size * std::log1p(-q) + k * std::log(q);
  return log10_sum(log_first, endless, [&](std::int64_t i) {
    const double at = k + static_cast<double>(i);
    return (at + size) / (at + 1) * q;
  });
}

double log10_normal_or_more(double z) {
  if (z < 30) return std::log10(std::erfc(z / std::sqrt(2.0)) / 2);
  // Beyond it the function underflows; its asymptotic form is then exact enough.
  return (-z * z / 2 - std::log(z * std::sqrt(2 * std::acos(-1.0)))) / log_10;
}

std::vector<std::size_t> holm(std::span<const double> log10_p, std::int64_t tests, double level) {
  TALLY_ASSERT(std::ssize(log10_p) <= tests);
  std::vector<std::size_t> order = by_probability(log10_p);
  std::size_t standing = 0;
  while (standing < order.size() &&
         log10_p[order[standing]] <=
             std::log10(level / static_cast<double>(tests - static_cast<std::int64_t>(standing)))) {
    ++standing;
  }
  order.resize(standing);
  return order;
}

std::vector<std::size_t> benjamini_hochberg(std::span<const double> log10_p, std::int64_t tests, double level) {
  TALLY_ASSERT(std::ssize(log10_p) <= tests);
  std::vector<std::size_t> order = by_probability(log10_p);
  std::size_t standing = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double share = static_cast<double>(i + 1) / static_cast<double>(tests);
    if (log10_p[order[i]] <= std::log10(level * share)) standing = i + 1;
  }
  order.resize(standing);
  return order;
}

}  // namespace tally::aggregation::conduct
