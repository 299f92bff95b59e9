// A policy that is played again over stored answers.
#include "common/aggregation/online/policy_replay.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/online/policy_step.h"

namespace tally::aggregation {
namespace {

const std::vector<std::string> options{"robin", "wren"};

struct Said {
  std::int32_t task = 0;
  std::int64_t worker = 0;
  std::int32_t label = 0;
};

// Of one field, a required choice of two.
std::vector<ReplayedTask> replay(const Redundancy& redundancy, std::int32_t tasks, const std::vector<Said>& said,
                                 const std::vector<ReplayGold>& gold = {}) {
  const ReplayField field{find_method("plurality"), 0, true, 2};
  std::vector<ReplayBallot> ballots;
  for (const Said& each : said) ballots.push_back({options[static_cast<std::size_t>(each.label)], each.label});
  std::vector<ReplayAnswer> answers;
  for (std::size_t i = 0; i < said.size(); ++i) {
    answers.push_back({said[i].task, AccountId{said[i].worker}, std::span(&ballots[i], 1)});
  }
  return replay_policy({redundancy, std::span(&field, 1), tasks, answers, gold});
}

// Everybody answers every task, right in nine of ten; the truth is the task's number modulo 2.
std::vector<Said> crowd(std::int32_t tasks, std::int64_t workers, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> chance;
  std::vector<Said> said;
  for (std::int32_t task = 0; task < tasks; ++task) {
    for (std::int64_t worker = 1; worker <= workers; ++worker) {
      said.push_back({task, worker, chance(random) < 0.9 ? task % 2 : 1 - task % 2});
    }
  }
  std::shuffle(said.begin(), said.end(), random);
  return said;
}

std::int64_t settled_in(const std::vector<ReplayedTask>& tasks) {
  return std::count_if(tasks.begin(), tasks.end(),
                       [](const ReplayedTask& task) { return task.reason && is_settling(*task.reason); });
}

}  // namespace

TEST_CASE("votes: a task buys until its quorum, then no more") {
  const auto tasks = replay({2, 4, 2}, 2, {{0, 1, 0}, {1, 1, 0}, {0, 2, 0}, {0, 3, 1}, {1, 2, 1}, {1, 3, 1}});
  CHECK(tasks[0].bought == std::vector<std::int32_t>{0, 2});
  CHECK(tasks[0].reason == VerdictReason::quorum);
  CHECK(tasks[0].judged[0].value == "robin");
  CHECK(tasks[1].bought == std::vector<std::int32_t>{1, 4, 5});
  CHECK(tasks[1].judged[0].value == "wren");
}

TEST_CASE("a task whose answers run out is open, and one that ends at max without a quorum is not settled") {
  const auto tasks = replay({2, 3, 3}, 3, {{0, 1, 0}, {1, 1, 0}, {1, 2, 1}, {1, 3, 0}, {1, 4, 0}});
  CHECK_FALSE(tasks[0].reason);
  CHECK(tasks[1].reason == VerdictReason::max_reached);
  CHECK(tasks[1].bought.size() == 3);
  CHECK_FALSE(tasks[1].judged[0].has_value);
  CHECK_FALSE(tasks[2].reason);
  CHECK(tasks[2].judged.empty());
}

TEST_CASE("by skill each task buys the first of its answers, from min to max of them, and says how sure it is") {
  const Redundancy redundancy = GENERATE(Redundancy{3, 7, 2, 990'000, 0, 0}, Redundancy{3, 7, 2, 0, 800'000, 0});
  const std::vector<Said> said = crowd(100, 7, 1);
  const auto tasks = replay(redundancy, 100, said);
  for (std::int32_t task = 0; task < 100; ++task) {
    const ReplayedTask& played = tasks[static_cast<std::size_t>(task)];
    CHECK(played.bought.size() >= 3);
    CHECK(played.bought.size() <= 7);
    std::size_t next = 0;
    for (std::int32_t no = 0; next < played.bought.size(); ++no) {
      if (said[static_cast<std::size_t>(no)].task == task) CHECK(played.bought[next++] == no);
    }
    REQUIRE(played.judged.size() == 1);
    CHECK(played.judged[0].is_by_skill);
    CHECK(played.judged[0].confidence_ppm > 0);
  }
  CHECK(settled_in(tasks) > 0);
}

TEST_CASE("gold that turns out right lets more verdicts be claimed") {
  const std::vector<Said> said = crowd(300, 7, 2);
  std::vector<ReplayGold> gold;
  for (std::int32_t task = 0; task < 150; ++task) gold.push_back({task, 0, task % 2});
  const Redundancy redundancy{3, 7, 2, 0, 970'000, 0};
  CHECK(settled_in(replay(redundancy, 300, said, gold)) > settled_in(replay(redundancy, 300, said)));
}

TEST_CASE("a task closes when its required fields are settled, at max, or when more is in vain, in this order") {
  const std::vector<FieldStep> settled{{true, true, false}, {false, false, false}};
  const std::vector<FieldStep> half{{true, true, false}, {true, false, false}};
  const std::vector<FieldStep> vain{{true, true, false}, {true, false, true}};
  const Redundancy votes{2, 4, 2};
  const Redundancy theta{2, 4, 2, 990'000, 0, 0};
  const Redundancy confidence{2, 4, 2, 0, 950'000, 0};
  CHECK(reason_to_close(settled, votes, 2) == VerdictReason::quorum);
  CHECK(reason_to_close(settled, theta, 2) == VerdictReason::theta_reached);
  CHECK(reason_to_close(settled, confidence, 4) == VerdictReason::confidence_reached);
  CHECK_FALSE(reason_to_close(half, confidence, 3));
  CHECK(reason_to_close(half, confidence, 4) == VerdictReason::max_reached);
  CHECK(reason_to_close(vain, confidence, 3) == VerdictReason::futile);
  CHECK(reason_to_close(vain, confidence, 4) == VerdictReason::max_reached);
}

}  // namespace tally::aggregation
