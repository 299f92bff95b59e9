#include "common/aggregation/labels/beliefs.h"

// wawa (worker agreement with aggregate): a vote weighs as much as its worker agrees with the plain vote. Source:
// Appen's "confidence score", as documented by crowd-kit (Wawa).
namespace tally::aggregation::labels {
namespace {

// By worker: the share of answers that are the plain vote's; where the vote is tied, a share of it.
std::vector<double> agreement_with_vote(const Problem& problem) {
  std::vector<double> belief = weighted_shares(problem);
  for (std::int32_t task = 0; task < problem.answers.tasks(); ++task) {
    const auto row = row_of(belief, problem.answers, task);
    keep_most_believed(row);
  }
  return agreement_with(belief, problem.answers);
}

Estimate estimate(const Problem& problem, Workforce&) {
  std::vector<double> skill = agreement_with_vote(problem);
  std::vector<double> belief = weighted_shares(problem, skill);
  return {std::move(belief), std::move(skill), {}};
}

}  // namespace

extern const Method wawa_method;
const Method wawa_method{"wawa", "votes weighted by each worker's agreement with the plain vote", false, estimate};

}  // namespace tally::aggregation::labels
