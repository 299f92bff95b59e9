#include "common/aggregation/lead.h"

#include "common/base/assert.h"
#include "common/base/decimal.h"

namespace tally::aggregation {
namespace {

// part / whole in millionths, rounded down. The product can need more than 64 bits.
std::int64_t share_ppm(std::int64_t part, std::int64_t whole) {
  TALLY_ASSERT(part >= 0);
  TALLY_ASSERT(part <= whole);
  if (whole == 0) return 0;
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(part) * 1'000'000 / whole);
}

std::int64_t weight_of(std::span<const Vote> votes) {
  std::int64_t weight_ppm = 0;
  for (const Vote& vote : votes) weight_ppm += vote.weight_ppm;
  return weight_ppm;
}

}  // namespace

FieldVerdict judge_by(LeadFunction lead, std::span<const Ballot> ballots, const Policy& policy) {
  const Redundancy& redundancy = policy.redundancy;
  TALLY_ASSERT(redundancy.min >= 1);
  TALLY_ASSERT(redundancy.max >= redundancy.min);
  TALLY_ASSERT(redundancy.quorum >= 1);
  TALLY_ASSERT(policy.tolerance_e6 >= 0);
  TALLY_ASSERT(policy.tolerance_e6 <= decimal_e6_max);

  FieldVerdict verdict;
  verdict.votes = count_votes(ballots);
  if (std::ssize(ballots) < redundancy.min) return verdict;
  const auto leader = lead(verdict.votes, policy);
  if (leader && leader->count >= redundancy.quorum) {
    verdict.outcome = FieldVerdict::Outcome::settled;
    verdict.value = leader->value;
    verdict.confidence_ppm = share_ppm(leader->weight_ppm, weight_of(verdict.votes));
  } else if (std::ssize(ballots) >= redundancy.max) {
    verdict.outcome = FieldVerdict::Outcome::undecided;
  }
  return verdict;
}

}  // namespace tally::aggregation
