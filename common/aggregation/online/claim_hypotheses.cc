#include "common/aggregation/online/claim_hypotheses.h"

#include <algorithm>
#include <numeric>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

constexpr std::int64_t million = 1'000'000;

// Nobody is as sure as this, nor as wrong.
constexpr std::int64_t right_min = 1'000;
constexpr std::int64_t right_max = 999'500;

// Learned by `scripts/bench online --learn --seeds 2` on eleven recorded crowds, each of which counts as sixty tasks,
// so that no crowd rules out for others what it does not show. One line a slope.
// clang-format off
constexpr ClaimPrior learned{
    60, 57, 53, 47, 38, 30, 20, 12, 4, 1, 1,
    135, 135, 134, 131, 126, 118, 100, 79, 37, 13, 1,
    143, 152, 158, 167, 173, 174, 172, 162, 112, 52, 4,
    148, 158, 166, 183, 206, 223, 240, 248, 227, 143, 18,
    192, 234, 253, 263, 259, 256, 264, 281, 287, 209, 37,
    161, 236, 279, 322, 324, 299, 264, 264, 286, 224, 47};
// clang-format on

// Of a judgement in a bucket, in its middle, that it is right.
std::int64_t right_ppm(std::int64_t slope, std::int64_t lapse, std::size_t bucket) {
  const std::int64_t log_odds = (2 * static_cast<std::int64_t>(bucket) + 1) * fixed::doubling / 4;
  constexpr std::int64_t one = std::int64_t{1} << 30;
  const std::int64_t against = fixed::power_below(log_odds * slope / 64);
  return std::clamp((million - lapse) * one / (one + against), right_min, right_max);
}

std::int64_t log_of_ppm(std::int64_t ppm) {
  return std::int64_t{fixed::log2_of(static_cast<std::uint64_t>(ppm))} - fixed::log2_of(million);
}

std::int64_t log_likelihood(const Outcomes& outcomes, const std::array<std::int64_t, claim_buckets>& right) {
  std::int64_t sum = 0;
  for (const OutcomeCount& count : outcomes) {
    const std::int64_t ppm = right[static_cast<std::size_t>(count.bucket)];
    sum += count.right * log_of_ppm(ppm) + count.wrong * log_of_ppm(million - ppm);
  }
  return sum;
}

using Order = std::array<std::size_t, claim_hypotheses>;

Order order_by(const std::array<std::int64_t, claim_hypotheses>& values) {
  Order order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

// By bucket: the hypotheses by what they say of it.
const std::array<Order, claim_buckets>& orders() {
  static const std::array<Order, claim_buckets> all = [] {
    std::array<Order, claim_buckets> made{};
    for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
      std::array<std::int64_t, claim_hypotheses> values{};
      for (std::size_t h = 0; h < claim_hypotheses; ++h) values[h] = all_claim_hypotheses()[h].right[bucket];
      made[bucket] = order_by(values);
    }
    return made;
  }();
  return all;
}

// The first in this order such that, with those before it, it has `numerator` of `denominator` parts of the weight.
std::size_t quantile(const Order& order, const ClaimWeights& weights, std::uint64_t numerator,
                     std::uint64_t denominator) {
  const std::uint64_t all = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  std::uint64_t sum = 0;
  for (const std::size_t h : order) {
    sum += weights[h];
    if (sum * denominator >= all * numerator) return h;
  }
  return order.back();
}

}  // namespace

const ClaimPrior& claim_prior() { return learned; }

const std::array<ClaimHypothesis, claim_hypotheses>& all_claim_hypotheses() {
  static const std::array<ClaimHypothesis, claim_hypotheses> all = [] {
    std::array<ClaimHypothesis, claim_hypotheses> made;
    for (std::size_t h = 0; h < claim_hypotheses; ++h) {
      for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
        const std::int64_t slope = claim_slopes[h / claim_lapses.size()];
        made[h].right[bucket] = right_ppm(slope, claim_lapses[h % claim_lapses.size()], bucket);
        made[h].same[bucket] = right_ppm(slope, 0, bucket);
      }
    }
    return made;
  }();
  return all;
}

ClaimWeights claim_weights(const ClaimPrior& prior, const ClaimBasis& basis) {
  TALLY_ASSERT(is_sound(basis.gold) && is_sound(basis.audited));
  std::array<std::int64_t, claim_hypotheses> logs{};
  for (std::size_t h = 0; h < claim_hypotheses; ++h) {
    const ClaimHypothesis& hypothesis = all_claim_hypotheses()[h];
    logs[h] = fixed::log2_of(static_cast<std::uint64_t>(prior[h])) + log_likelihood(basis.gold, hypothesis.right) +
              log_likelihood(basis.audited, hypothesis.same);
  }
  const std::int64_t most = *std::max_element(logs.begin(), logs.end());
  ClaimWeights weights{};
  for (std::size_t h = 0; h < claim_hypotheses; ++h) weights[h] = fixed::power_below(most - logs[h]);
  return weights;
}

std::int64_t claim_in(std::int32_t bucket, const ClaimWeights& weights) {
  // One in ten hypotheses may say less than what is claimed.
  const auto place = static_cast<std::size_t>(bucket);
  return all_claim_hypotheses()[quantile(orders()[place], weights, 1, 10)].right[place];
}

std::int64_t claim_quantile(const std::array<std::int64_t, claim_hypotheses>& values, const ClaimWeights& weights,
                            std::uint64_t numerator, std::uint64_t denominator) {
  return values[quantile(order_by(values), weights, numerator, denominator)];
}

}  // namespace tally::aggregation
