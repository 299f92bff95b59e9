#include "tools/quality/online_play.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "common/aggregation/online/policy_replay.h"

using namespace tally;
using quality::LabelSet;
using quality::OnlinePlay;

namespace {

// Workers 0 to 3 are right in nine of ten, the others in six.
LabelSet crowd() {
  std::mt19937_64 random(7);
  LabelSet set{.name = "made up", .tasks = 120, .workers = 8, .labels = {"a", "b"}};
  for (std::int32_t task = 0; task < set.tasks; ++task) {
    set.truth.push_back(static_cast<std::int32_t>(random() % 2));
    for (std::int32_t worker = 0; worker < set.workers; ++worker) {
      const bool is_right = random() % 10 < (worker < 4 ? 9U : 6U);
      set.answers.push_back({task, worker, is_right ? set.truth.back() : 1 - set.truth.back()});
    }
  }
  return set;
}

Redundancy by_theta(std::int32_t min, std::int64_t theta_ppm = 950'000) {
  Redundancy redundancy;
  redundancy.min = min;
  redundancy.max = 8;
  redundancy.quorum = 1;
  redundancy.theta_ppm = theta_ppm;
  return redundancy;
}

std::int64_t answers_of(const OnlinePlay& play) {
  std::int64_t answers = 0;
  for (const auto& outcome : play.outcomes()) answers += outcome.answers;
  return answers;
}

std::vector<aggregation::labels::Answer> mixed(const LabelSet& set) {
  auto order = set.answers;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  return order;
}

}  // namespace

TEST_CASE("a play buys the answers and reaches the verdicts that the replay of a policy does") {
  const LabelSet set = crowd();
  OnlinePlay play(set, {by_theta(3)});
  std::vector<aggregation::ReplayBallot> ballots;
  for (const auto& answer : mixed(set)) ballots.push_back({{}, answer.label});
  std::vector<aggregation::ReplayAnswer> answers;
  for (const auto& answer : mixed(set)) {
    play.take(answer);
    answers.push_back({answer.task, AccountId{answer.worker + 1}, {&ballots[answers.size()], 1}});
  }
  const aggregation::ReplayField field{nullptr, 0, true, 2};
  const auto replayed = aggregation::replay_policy(
      {.redundancy = by_theta(3), .fields = {&field, 1}, .tasks = set.tasks, .answers = answers});
  const auto outcomes = play.outcomes();
  REQUIRE(outcomes.size() == replayed.size());
  for (std::size_t task = 0; task < outcomes.size(); ++task) {
    CHECK(outcomes[task].answers == std::ssize(replayed[task].bought));
    CHECK(outcomes[task].label == replayed[task].judged.at(0).label);
  }
}

TEST_CASE("spot checks buy second answers where one would settle") {
  const LabelSet set = crowd();
  OnlinePlay without(set, {by_theta(1, 600'000)});
  OnlinePlay with(set, {by_theta(1, 600'000), true, "salt"});
  for (const auto& answer : mixed(set)) {
    without.take(answer);
    with.take(answer);
  }
  CHECK(answers_of(with) > answers_of(without));
}

TEST_CASE("workers who choose hand in no more than is open, and each task once") {
  const LabelSet set = crowd();
  OnlinePlay play(set, {by_theta(3)});
  play_chosen(play, mixed(set));
  for (const auto& outcome : play.outcomes()) {
    CHECK(outcome.answers >= 3);
    CHECK(outcome.answers <= 8);
  }
  CHECK(answers_of(play) < std::ssize(set.answers));
}
