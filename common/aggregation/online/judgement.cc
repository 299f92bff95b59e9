#include "common/aggregation/online/judgement.h"

#include <algorithm>

#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

// Of one probability: none is less than one part of 2^63.
constexpr std::int32_t log_max = 63 * fixed::doubling;

bool are_logs(const std::vector<std::int32_t>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](std::int32_t n) { return -log_max <= n && n <= log_max; });
}

}  // namespace

bool is_sound(const LabelEvidence& evidence, std::size_t labels, std::size_t ballots) {
  return labels > 0 && evidence.before.size() == labels && evidence.said.size() == labels * ballots &&
         are_logs(evidence.before) && are_logs(evidence.said);
}

LabelJudgement judge(const LabelEvidence& evidence) {
  const std::size_t labels = evidence.before.size();
  TALLY_ASSERT(labels > 0 && evidence.said.size() % labels == 0);
  std::vector<std::int64_t> sums(evidence.before.begin(), evidence.before.end());
  for (std::size_t i = 0; i < evidence.said.size(); ++i) sums[i % labels] += evidence.said[i];
  const auto best = std::max_element(sums.begin(), sums.end());
  const std::int64_t most = *best;
  LabelJudgement judgement;
  judgement.label = static_cast<std::int32_t>(best - sums.begin());
  judgement.is_tied = std::count(sums.begin(), sums.end(), most) > 1;
  std::vector<std::uint64_t> powers(labels);
  std::uint64_t all = 0;
  for (std::size_t label = 0; label < labels; ++label) all += powers[label] = fixed::power_below(most - sums[label]);
  for (const std::uint64_t power : powers) {
    judgement.belief.push_back(static_cast<std::int32_t>(power * whole_share / all));
  }
  const std::uint64_t power = powers[static_cast<std::size_t>(judgement.label)];
  judgement.posterior_ppm = static_cast<std::int64_t>(power * 1'000'000 / all);
  judgement.log_odds = power == all ? 31 * fixed::doubling : fixed::log2_of(power) - fixed::log2_of(all - power);
  return judgement;
}

}  // namespace tally::aggregation
