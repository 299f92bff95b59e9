#include "common/aggregation/online/claims.h"

#include <algorithm>
#include <numeric>

#include "common/aggregation/online/claim_hypotheses.h"
#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

constexpr std::int32_t count_max = 1 << 20;

// Where outcomes may fall that tell most: of the slope, lower ones, and of the lapse, the surest.
constexpr std::array<std::int32_t, 9> telling_buckets{2, 4, 5, 6, 8, 10, 12, 16, claim_buckets - 1};

}  // namespace

std::int32_t claim_bucket(const LabelJudgement& judgement) {
  const std::int64_t half_doublings = judgement.log_odds / (fixed::doubling / 2);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(half_doublings, 0, claim_buckets - 1));
}

void add_outcomes(Outcomes& to, const Outcomes& more) {
  for (const OutcomeCount& each : more) {
    count_outcome(to, each.bucket, true, each.right);
    count_outcome(to, each.bucket, false, each.wrong);
  }
}

bool is_sound(const Outcomes& outcomes) {
  std::int32_t last = -1;
  for (const OutcomeCount& count : outcomes) {
    const auto is_count = [](std::int32_t n) { return n >= 0 && n <= count_max; };
    if (count.bucket <= last || count.bucket >= static_cast<std::int32_t>(claim_buckets)) return false;
    if (!is_count(count.right) || !is_count(count.wrong)) return false;
    last = count.bucket;
  }
  return true;
}

void count_outcome(Outcomes& outcomes, std::int32_t bucket, bool is_right, std::int32_t times) {
  auto place =
      std::find_if(outcomes.begin(), outcomes.end(), [&](const OutcomeCount& count) { return count.bucket >= bucket; });
  if (place == outcomes.end() || place->bucket != bucket) place = outcomes.insert(place, {bucket, 0, 0});
  // Those of a whole project may be more than is told apart: a million alike say as much as two.
  std::int32_t& count = is_right ? place->right : place->wrong;
  count = static_cast<std::int32_t>(std::min<std::int64_t>(std::int64_t{count} + times, count_max));
}

Claims::Claims(const ClaimBasis& basis) {
  const ClaimWeights weights = claim_weights(claim_prior(), basis);
  for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
    ppm_[bucket] = claim_in(static_cast<std::int32_t>(bucket), weights);
  }
}

Claims hopeful_claims(const ClaimBasis& basis, std::int64_t open) {
  Claims best(basis);
  if (open == 0) return best;
  for (const std::int32_t bucket : telling_buckets) {
    ClaimBasis hopeful = basis;
    count_outcome(hopeful.gold, bucket, true, static_cast<std::int32_t>(std::min<std::int64_t>(open, count_max / 2)));
    const Claims claims(hopeful);
    for (std::size_t i = 0; i < claim_buckets; ++i) best.ppm_[i] = std::max(best.ppm_[i], claims.ppm_[i]);
  }
  return best;
}

ExpectedAccuracy expected_accuracy(const ClaimBasis& basis, const std::array<std::int64_t, claim_buckets>& verdicts) {
  const std::int64_t count = std::accumulate(verdicts.begin(), verdicts.end(), std::int64_t{0});
  TALLY_ASSERT(count > 0);
  const ClaimWeights weights = claim_weights(claim_prior(), basis);
  std::array<std::int64_t, claim_hypotheses> accuracy{};
  std::int64_t all = 0;
  std::int64_t sum = 0;
  for (std::size_t h = 0; h < claim_hypotheses; ++h) {
    for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
      accuracy[h] += verdicts[bucket] * all_claim_hypotheses()[h].right[bucket];
    }
    accuracy[h] /= count;
    const auto weight = static_cast<std::int64_t>(weights[h] >> 10);  // So that the sum of products has room.
    all += weight;
    sum += weight * accuracy[h];
  }
  return {sum / all, claim_quantile(accuracy, weights, 1, 20), claim_quantile(accuracy, weights, 19, 20)};
}

}  // namespace tally::aggregation
