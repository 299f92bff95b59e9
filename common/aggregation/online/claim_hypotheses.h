#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/aggregation/online/claims.h"

// The hypotheses of a project that claims are made from (claims.h), and how frequent each is. `scripts/bench online
// --learn` learns these frequencies from recorded crowds.
namespace tally::aggregation {

// In parts of 64: of the model's log-odds.
inline constexpr std::array<std::int64_t, 6> claim_slopes{10, 16, 22, 32, 45, 64};
// In parts of a million: of all tasks.
inline constexpr std::array<std::int64_t, 11> claim_lapses{0,      5'000,   10'000,  20'000,  35'000, 50'000,
                                                           75'000, 100'000, 150'000, 200'000, 300'000};
// All pairs: slope by slope, in the order of lapses.
inline constexpr std::size_t claim_hypotheses = claim_slopes.size() * claim_lapses.size();

struct ClaimHypothesis {
  std::array<std::int64_t, claim_buckets>
      right{};                                     // In parts of a million: that a verdict in a bucket is what is true.
  std::array<std::int64_t, claim_buckets> same{};  // That it is what the same workers say when there are more of them.
};
[[nodiscard]] const std::array<ClaimHypothesis, claim_hypotheses>& all_claim_hypotheses();

// Of each hypothesis: how frequent it is among projects. More than 0.
using ClaimPrior = std::array<std::int32_t, claim_hypotheses>;
[[nodiscard]] const ClaimPrior& claim_prior();

// How much each hypothesis is believed, in parts of 2^30 of the most believed. REQUIRES sound outcomes.
using ClaimWeights = std::array<std::uint64_t, claim_hypotheses>;
[[nodiscard]] ClaimWeights claim_weights(const ClaimPrior& prior, const ClaimBasis& basis);

// What nine in ten hypotheses, by weight, say at least of a verdict in this bucket: in parts of a million.
[[nodiscard]] std::int64_t claim_in(std::int32_t bucket, const ClaimWeights& weights);

// The value such that hypotheses with smaller ones have at most `numerator` of `denominator` parts of the weight.
[[nodiscard]] std::int64_t claim_quantile(const std::array<std::int64_t, claim_hypotheses>& values,
                                          const ClaimWeights& weights, std::uint64_t numerator,
                                          std::uint64_t denominator);

}  // namespace tally::aggregation
