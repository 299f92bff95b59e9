#include "common/aggregation/labels/beliefs.h"

// gold_majority: a vote weighs as much as its worker was right on gold. Who answered little gold is taken to be like
// the crowd, by two pseudo-answers. Without gold it is the plain majority. Source: as documented by crowd-kit
// (GoldMajorityVote: votes weigh by the share of right answers on gold), which has no pseudo-answers: there a worker
// with one answer on gold weighs all or nothing.
namespace tally::aggregation::labels {
namespace {

constexpr double pseudo_answers = 2;

Estimate estimate(const Problem& problem, Workforce&) {
  const AnswerTable& answers = problem.answers;
  std::vector<double> right(static_cast<std::size_t>(answers.workers()));
  std::vector<double> given(right.size());
  double all_right = 0;
  double all_given = 0;
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    const std::int32_t gold = problem.gold_of(task);
    if (gold == unknown) continue;
    for (const Ballot& ballot : answers.of_task(task)) {
      const auto worker = static_cast<std::size_t>(ballot.worker);
      right[worker] += ballot.label == gold ? 1 : 0;
      given[worker] += 1;
      all_right += ballot.label == gold ? 1 : 0;
      all_given += 1;
    }
  }
  if (all_given <= 0) return {weighted_shares(problem), {}, {}};
  std::vector<double> skill(right.size());
  for (std::size_t worker = 0; worker < skill.size(); ++worker) {
    skill[worker] = (right[worker] + pseudo_answers * all_right / all_given) / (given[worker] + pseudo_answers);
  }
  std::vector<double> belief = weighted_shares(problem, skill);
  return {std::move(belief), std::move(skill), {}};
}

}  // namespace

extern const Method gold_majority_method;
const Method gold_majority_method{"gold_majority", "votes weighted by each worker's accuracy on gold", false, estimate};

}  // namespace tally::aggregation::labels
