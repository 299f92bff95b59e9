#include "common/aggregation/online/claims.h"

#include <algorithm>
#include <numeric>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

constexpr std::int64_t million = 1'000'000;

// In parts of 64.
constexpr std::array<std::int64_t, 6> slopes{10, 16, 22, 32, 45, 64};
// In parts of a million.
constexpr std::array<std::int64_t, 11> lapses{0,      5'000,   10'000,  20'000,  35'000, 50'000,
                                              75'000, 100'000, 150'000, 200'000, 300'000};
constexpr std::size_t hypotheses = slopes.size() * lapses.size();

// How frequent the hypotheses are among projects. Learned on eleven recorded crowds, each of which counts as sixty
// tasks, so that no crowd rules out for others what it does not show.
constexpr std::array<std::array<std::int32_t, lapses.size()>, slopes.size()> frequency{
    {{53, 49, 46, 39, 30, 23, 14, 8, 3, 1, 1},
     {167, 167, 166, 162, 150, 134, 103, 73, 30, 10, 1},
     {156, 169, 180, 195, 209, 213, 202, 174, 97, 40, 3},
     {145, 166, 179, 199, 222, 240, 258, 256, 190, 101, 12},
     {197, 240, 256, 264, 255, 247, 251, 262, 234, 145, 24},
     {182, 262, 306, 345, 337, 296, 239, 223, 217, 152, 32}}};

// Nobody is as sure as this, nor as wrong.
constexpr std::int64_t right_min = 1'000;
constexpr std::int64_t right_max = 999'500;

constexpr std::uint64_t confidence_numerator = 1;  // One in ten hypotheses may say less than what is claimed.
constexpr std::uint64_t confidence_denominator = 10;

constexpr std::int32_t count_max = 1 << 20;

// Of a judgement in a bucket, in its middle, that it is right.
std::int64_t right_ppm(std::int64_t slope, std::int64_t lapse, std::size_t bucket) {
  const std::int64_t log_odds = (2 * static_cast<std::int64_t>(bucket) + 1) * fixed::doubling / 4;
  constexpr std::int64_t one = std::int64_t{1} << 30;
  const std::int64_t against = fixed::power_below(log_odds * slope / 64);
  return std::clamp((million - lapse) * one / (one + against), right_min, right_max);
}

struct Hypothesis {
  std::array<std::int64_t, claim_buckets> right{};  // By bucket, that a verdict is what is true.
  std::array<std::int64_t, claim_buckets> same{};   // That it is what the same workers say when there are more of them.
};

const std::array<Hypothesis, hypotheses>& all_hypotheses() {
  static const std::array<Hypothesis, hypotheses> all = [] {
    std::array<Hypothesis, hypotheses> made;
    for (std::size_t h = 0; h < hypotheses; ++h) {
      for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
        const std::int64_t slope = slopes[h / lapses.size()];
        made[h].right[bucket] = right_ppm(slope, lapses[h % lapses.size()], bucket);
        made[h].same[bucket] = right_ppm(slope, 0, bucket);
      }
    }
    return made;
  }();
  return all;
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

// How much each hypothesis is believed, in parts of 2^30 of the most believed.
std::array<std::uint64_t, hypotheses> weights_of(const ClaimBasis& basis) {
  TALLY_ASSERT(is_sound(basis.gold) && is_sound(basis.audited));
  std::array<std::int64_t, hypotheses> logs{};
  for (std::size_t h = 0; h < hypotheses; ++h) {
    const Hypothesis& hypothesis = all_hypotheses()[h];
    const std::int32_t before = frequency[h / lapses.size()][h % lapses.size()];
    logs[h] = fixed::log2_of(static_cast<std::uint64_t>(before)) + log_likelihood(basis.gold, hypothesis.right) +
              log_likelihood(basis.audited, hypothesis.same);
  }
  const std::int64_t most = *std::max_element(logs.begin(), logs.end());
  std::array<std::uint64_t, hypotheses> weights{};
  for (std::size_t h = 0; h < hypotheses; ++h) weights[h] = fixed::power_below(most - logs[h]);
  return weights;
}

using Order = std::array<std::size_t, hypotheses>;

Order order_by(const std::array<std::int64_t, hypotheses>& values) {
  Order order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

std::array<std::int64_t, hypotheses> right_in(std::size_t bucket) {
  std::array<std::int64_t, hypotheses> values{};
  for (std::size_t h = 0; h < hypotheses; ++h) values[h] = all_hypotheses()[h].right[bucket];
  return values;
}

// By bucket: the hypotheses by what they say of it.
const std::array<Order, claim_buckets>& orders() {
  static const std::array<Order, claim_buckets> all = [] {
    std::array<Order, claim_buckets> made{};
    for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) made[bucket] = order_by(right_in(bucket));
    return made;
  }();
  return all;
}

// The first in this order such that, with those before it, it has `numerator` of `denominator` parts of the weight.
std::size_t quantile(const Order& order, const std::array<std::uint64_t, hypotheses>& weights, std::uint64_t numerator,
                     std::uint64_t denominator) {
  const std::uint64_t all = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  std::uint64_t sum = 0;
  for (const std::size_t h : order) {
    sum += weights[h];
    if (sum * denominator >= all * numerator) return h;
  }
  return order.back();
}

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
  (is_right ? place->right : place->wrong) += times;
}

Claims::Claims(const ClaimBasis& basis) {
  const auto weights = weights_of(basis);
  for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
    const std::size_t h = quantile(orders()[bucket], weights, confidence_numerator, confidence_denominator);
    ppm_[bucket] = all_hypotheses()[h].right[bucket];
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
  const auto weights = weights_of(basis);
  std::array<std::int64_t, hypotheses> accuracy{};
  std::int64_t all = 0;
  std::int64_t sum = 0;
  for (std::size_t h = 0; h < hypotheses; ++h) {
    for (std::size_t bucket = 0; bucket < claim_buckets; ++bucket) {
      accuracy[h] += verdicts[bucket] * all_hypotheses()[h].right[bucket];
    }
    accuracy[h] /= count;
    const auto weight = static_cast<std::int64_t>(weights[h] >> 10);  // So that the sum of products has room.
    all += weight;
    sum += weight * accuracy[h];
  }
  const Order order = order_by(accuracy);
  return {sum / all, accuracy[quantile(order, weights, 1, 20)], accuracy[quantile(order, weights, 19, 20)]};
}

}  // namespace tally::aggregation
