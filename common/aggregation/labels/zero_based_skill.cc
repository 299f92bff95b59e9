#include "common/aggregation/labels/beliefs.h"

// zero_based_skill: like wawa, but the vote that workers are compared with is itself weighted by their skills, which
// move towards their agreement by steps that get smaller. Source: Toloka's "dynamic overlap by skill", as documented by
// crowd-kit (ZeroBasedSkill), with its steps.
namespace tally::aggregation::labels {
namespace {

constexpr int rounds = 100;
constexpr int rounds_per_step = 20;  // After so many the step is halved.

Estimate estimate(const Problem& problem, Workforce&) {
  const AnswerTable& answers = problem.answers;
  const double least = answers.labels() > 0 ? 1.0 / answers.labels() + 1e-5 : 1;
  std::vector<double> skill(static_cast<std::size_t>(answers.workers()), least);
  double step = 1;
  for (int round = 0; round < rounds; ++round) {
    if (round > 0 && round % rounds_per_step == 0) step /= 2;
    std::vector<double> vote = weighted_shares(problem, skill);
    for (std::int32_t task = 0; task < answers.tasks(); ++task) keep_most_believed(row_of(vote, answers, task));
    const std::vector<double> agreed = agreement_with(vote, answers);
    for (std::size_t worker = 0; worker < skill.size(); ++worker)
      skill[worker] += step * (agreed[worker] - skill[worker]);
  }
  std::vector<double> belief = weighted_shares(problem, skill);
  return {std::move(belief), std::move(skill), {}};
}

}  // namespace

extern const Method zero_based_skill_method;
const Method zero_based_skill_method{"zero_based_skill", "votes weighted by agreement with the weighted vote", false,
                                     estimate};

}  // namespace tally::aggregation::labels
