// Verdicts by skill in pools with spammers and a ring, answer by answer as they come in.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/online/label_model.h"
#include "tests/common/aggregation/simulated_crowd.h"

namespace tally::aggregation {
namespace {

using conduct::CrowdPlan;
using conduct::SimulatedCrowd;

struct Right {
  double by_votes = 0;  // A tie is right by as much as one drawn of it.
  std::int64_t by_skill = 0;
  std::int64_t without_accused = 0;  // By skill, of what those said whom no signal is about.
  std::int64_t of_lookers = 0;       // By skill, of what those said who look: nobody can know that.
  std::int64_t tasks = 0;
};

using Ballots = std::vector<std::vector<LabelBallot>>;  // By task.

double right_by_votes(const std::vector<LabelBallot>& ballots, std::int32_t labels, std::int32_t truth) {
  std::vector<std::int32_t> votes(static_cast<std::size_t>(labels));
  for (const LabelBallot& ballot : ballots) ++votes[static_cast<std::size_t>(ballot.label)];
  const std::int32_t most = *std::max_element(votes.begin(), votes.end());
  if (votes[static_cast<std::size_t>(truth)] != most) return 0;
  return 1.0 / static_cast<double>(std::count(votes.begin(), votes.end(), most));
}

// Tasks that the model, fed answer by answer, is right about in the end.
std::int64_t right_by_skill(const SimulatedCrowd& crowd, const std::function<bool(std::int32_t)>& counts) {
  Ballots ballots(static_cast<std::size_t>(crowd.plan.tasks));
  LabelModel model(crowd.plan.labels);
  for (const conduct::Answer& answer : crowd.answers) {
    if (!counts(answer.worker)) continue;
    ballots[static_cast<std::size_t>(answer.task)].push_back({AccountId{answer.worker + 1}, answer.label});
    model.answered(answer.task, crowd.plan.tasks, AccountId{answer.worker + 1},
                   [&](std::int32_t task, auto& found) { found = ballots[static_cast<std::size_t>(task)]; });
  }
  std::int64_t right = 0;
  for (std::size_t task = 0; task < ballots.size(); ++task) {
    right += judge(model.evidence(ballots[task])).label == crowd.truth[task] ? 1 : 0;
  }
  return right;
}

void judge_crowd(const CrowdPlan& plan, std::uint64_t seed, Right& right) {
  SimulatedCrowd crowd = conduct::simulated_crowd(plan, seed);
  std::mt19937_64 random(seed);
  std::shuffle(crowd.answers.begin(), crowd.answers.end(), random);
  Ballots ballots(static_cast<std::size_t>(plan.tasks));
  for (const conduct::Answer& answer : crowd.answers) {
    ballots[static_cast<std::size_t>(answer.task)].push_back({AccountId{answer.worker + 1}, answer.label});
  }
  for (std::size_t task = 0; task < ballots.size(); ++task) {
    right.by_votes += right_by_votes(ballots[task], plan.labels, crowd.truth[task]);
  }
  right.tasks += plan.tasks;
  std::vector<bool> is_accused(static_cast<std::size_t>(plan.workers));
  for (const auto& signal : conduct::conduct_of(crowd.input()).signals) {
    is_accused[static_cast<std::size_t>(signal.worker)] = true;
  }
  right.by_skill += right_by_skill(crowd, [](std::int32_t) { return true; });
  right.without_accused +=
      right_by_skill(crowd, [&](std::int32_t worker) { return !is_accused[static_cast<std::size_t>(worker)]; });
  right.of_lookers += right_by_skill(crowd, [&](std::int32_t worker) {
    return crowd.manners[static_cast<std::size_t>(worker)] == conduct::Manner::looks;
  });
}

Right over_seeds(const CrowdPlan& plan, std::uint64_t seeds) {
  Right right;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) judge_crowd(plan, seed, right);
  return right;
}

}  // namespace

TEST_CASE("with spammers and a ring in the pool, verdicts without those that signals name are as right as can be") {
  const Right right = over_seeds({}, 5);
  CHECK(static_cast<double>(right.by_skill) > right.by_votes);
  CHECK(right.without_accused > right.by_skill);
  CHECK(static_cast<double>(right.without_accused) > 0.98 * static_cast<double>(right.of_lookers));
}

TEST_CASE("the table of verdicts in docs/conduct.md", "[.figures]") {
  const auto print = [](const std::string& name, const CrowdPlan& plan) {
    const Right right = over_seeds(plan, 30);
    const auto percent = [&](auto of) { return 100 * static_cast<double>(of) / static_cast<double>(right.tasks); };
    std::cout << "| " << name << " | " << std::fixed << std::setprecision(1) << percent(right.by_votes) << " | "
              << percent(right.by_skill) << " | " << percent(right.without_accused) << " | "
              << percent(right.of_lookers) << " |\n";
  };
  std::cout << "| pool | right by votes % | by skill | without the accused | of those who look "
               "|\n|---|---:|---:|---:|---:|\n";
  CrowdPlan plan;
  print("30 % spammers, a ring of five", plan);
  plan.tempting = 0.3;
  print("the same, three tenths of tasks tempting", plan);
  plan = {};
  plan.labels = 2;
  print("30 % spammers, a ring of five, two labels", plan);
  plan = {};
  plan.spammers = 0.45;
  print("45 % spammers, a ring of five", plan);
  plan = {};
  plan.answers_min = plan.answers_max = 5;
  plan.ring = 7;
  plan.ring_tasks = 200;
  for (const std::int32_t of_task : {3, 5}) {
    plan.ring_of_task = of_task;
    print("a ring of seven with " + std::to_string(of_task) + " of 5 answers on a third of the tasks", plan);
  }
}

}  // namespace tally::aggregation
