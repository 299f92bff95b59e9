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
  double by_skill = 0;
  std::int64_t tasks = 0;
};

double right_by_votes(const std::vector<LabelBallot>& ballots, std::int32_t labels, std::int32_t truth) {
  std::vector<std::int32_t> votes(static_cast<std::size_t>(labels));
  for (const LabelBallot& ballot : ballots) ++votes[static_cast<std::size_t>(ballot.label)];
  const std::int32_t most = *std::max_element(votes.begin(), votes.end());
  if (votes[static_cast<std::size_t>(truth)] != most) return 0;
  return 1.0 / static_cast<double>(std::count(votes.begin(), votes.end(), most));
}

void judge_crowd(const CrowdPlan& plan, std::uint64_t seed, Right& right) {
  SimulatedCrowd crowd = conduct::simulated_crowd(plan, seed);
  std::mt19937_64 random(seed);
  std::shuffle(crowd.answers.begin(), crowd.answers.end(), random);
  std::vector<std::vector<LabelBallot>> ballots(static_cast<std::size_t>(plan.tasks));
  LabelModel model(plan.labels);
  for (const conduct::Answer& answer : crowd.answers) {
    ballots[static_cast<std::size_t>(answer.task)].push_back({AccountId{answer.worker + 1}, answer.label});
    model.answered(answer.task, plan.tasks, AccountId{answer.worker + 1},
                   [&](std::int32_t task, auto& found) { found = ballots[static_cast<std::size_t>(task)]; });
  }
  for (std::size_t task = 0; task < ballots.size(); ++task) {
    if (ballots[task].empty()) continue;
    ++right.tasks;
    right.by_votes += right_by_votes(ballots[task], plan.labels, crowd.truth[task]);
    right.by_skill += judge(model.evidence(ballots[task])).label == crowd.truth[task] ? 1 : 0;
  }
}

Right over_seeds(const CrowdPlan& plan, std::uint64_t seeds) {
  Right right;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) judge_crowd(plan, seed, right);
  return right;
}

}  // namespace

TEST_CASE("with a third of the pool spamming and a ring of five verdicts by skill are still right, and votes are not") {
  const Right right = over_seeds({}, 5);
  CHECK(right.by_skill > 0.9 * static_cast<double>(right.tasks));
  CHECK(right.by_skill > right.by_votes + 0.03 * static_cast<double>(right.tasks));
}

TEST_CASE("the table of verdicts in docs/conduct.md", "[.figures]") {
  const auto print = [](const std::string& name, const CrowdPlan& plan) {
    const Right right = over_seeds(plan, 30);
    const auto percent = [&](double of) { return 100 * of / static_cast<double>(right.tasks); };
    std::cout << "| " << name << " | " << std::fixed << std::setprecision(1) << percent(right.by_votes) << " | "
              << percent(right.by_skill) << " |\n";
  };
  std::cout << "| pool | right by votes % | by skill % |\n|---|---:|---:|\n";
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
