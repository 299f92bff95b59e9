#include <algorithm>

#include "common/aggregation/registry.h"
#include "common/base/assert.h"

namespace tally::aggregation {
namespace {

bool is_one_ballot_a_worker(std::span<const Ballot> ballots) {
  std::vector<AccountId> workers;
  workers.reserve(ballots.size());
  for (const Ballot& ballot : ballots) workers.push_back(ballot.worker);
  std::sort(workers.begin(), workers.end());
  return std::adjacent_find(workers.begin(), workers.end()) == workers.end();
}

}  // namespace

std::vector<Vote> count_votes(std::span<const Ballot> ballots) {
  TALLY_ASSERT(is_one_ballot_a_worker(ballots));
  std::vector<Ballot> sorted(ballots.begin(), ballots.end());
  std::sort(sorted.begin(), sorted.end(), [](const Ballot& a, const Ballot& b) { return a.value < b.value; });
  std::vector<Vote> votes;
  for (const Ballot& ballot : sorted) {
    TALLY_ASSERT(ballot.weight_ppm >= 0);
    TALLY_ASSERT(ballot.weight_ppm <= weight_ppm_max);
    if (votes.empty() || votes.back().value != ballot.value) votes.push_back({std::string(ballot.value), 0, 0});
    ++votes.back().count;
    votes.back().weight_ppm += ballot.weight_ppm;
  }
  return votes;
}

}  // namespace tally::aggregation
