// Recorded answers handed in again while the broker, or its database, is killed outright: what was acknowledged is
// stored, verdicts are the vote over what is stored, nobody is paid twice, and it comes to its end.
#include "tools/stack/replay.h"

#include <atomic>
#include <iterator>
#include <random>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "tests/e2e/market.h"

namespace tally::e2e {
namespace {

// Each of the tasks is answered by that many of the workers, so many in ten of them right.
stack::RecordedSet made_up_set(std::size_t tasks, std::size_t workers, std::size_t answers_each,
                               std::uint64_t right_of_ten = 7) {
  stack::RecordedSet set;
  set.name = "made-up";
  for (std::size_t i = 0; i < workers; ++i) set.workers.push_back("w" + std::to_string(i));
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < tasks; ++i) {
    set.tasks.push_back("t" + std::to_string(i));
    const bool truth = random() % 2 == 0;
    set.truth.emplace_back(truth ? "yes" : "no");
    for (std::size_t j = 0; j < answers_each; ++j) {
      const bool right = random() % 10 < right_of_ten;
      set.answers.push_back({i, (i + j) % workers, right == truth ? "yes" : "no", 0});
    }
  }
  return set;
}

stack::ReplayReport play(stack::ReplayConfig config, const stack::RecordedSet& set) {
  config.broker = program("tally-broker");
  config.time_max_ms = 240'000;
  const auto field = stack::label_field(set, "auto");
  REQUIRE(field);
  std::ostringstream progress;
  const std::atomic<bool> interrupted{false};
  stack::ReplayReport report = stack::replay(config, set, *field, progress, interrupted);
  INFO(progress.str());
  for (const std::string& wrong : report.findings.wrong) UNSCOPED_INFO(wrong);
  CHECK(report.findings.wrong_count == 0);
  CHECK(report.audit == "clean");
  return report;
}

}  // namespace

TEST_CASE("every recorded answer is bought, and the verdicts are those of a vote") {
  const auto set = made_up_set(60, 12, 8);
  stack::ReplayConfig config;
  config.all = true;
  const auto report = play(config, set);
  CHECK(report.findings.answers == std::ssize(set.answers));
  CHECK(report.acknowledged == std::ssize(set.answers));
}

TEST_CASE("a replay comes to its end over kills of the broker and of PostgreSQL, and nothing is lost or paid twice",
          "[fault-1][fault-2]") {
  const auto set = made_up_set(250, 16, 8);
  stack::ReplayConfig config;
  config.tasks_in_hand_max = 1;
  SECTION("of the broker, every answer bought") {
    config.all = true;
    config.broker_kills = 5;
  }
  SECTION("of PostgreSQL") {
    config.redundancy = {3, 7, 3};
    config.postgres_kills = 4;
  }
  SECTION("of both") {
    config.redundancy = {3, 7, 3};
    config.broker_kills = 3;
    config.postgres_kills = 3;
  }
  const auto report = play(config, set);
  CHECK(report.broker_kills == config.broker_kills);
  CHECK(report.postgres_kills == config.postgres_kills);
  CHECK(report.findings.settled + report.findings.undecided == std::ssize(set.tasks));
  if (config.all) CHECK(report.findings.answers == std::ssize(set.answers));
}

TEST_CASE("a posterior is reached with fewer answers than were recorded, over kills of the broker") {
  const auto set = made_up_set(200, 16, 9, 8);
  stack::ReplayConfig config;
  config.redundancy = {3, 9, 1, 990'000};
  config.in_order = true;
  config.max_all = true;
  config.broker_kills = 2;
  const auto report = play(config, set);
  CHECK(report.broker_kills == 2);
  CHECK(report.findings.settled + report.findings.best_guesses == 200);
  CHECK(report.findings.answers < std::ssize(set.answers) * 8 / 10);
  CHECK(report.findings.right > 180);
}

TEST_CASE("with gold a confidence is reached, and of those that claim it as many are right, over kills of the broker") {
  const auto set = made_up_set(400, 20, 9, 9);
  stack::ReplayConfig config;
  config.redundancy = {3, 9, 1, 0, 900'000, 20'000};
  config.in_order = true;
  config.max_all = true;
  config.gold = 100;
  config.broker_kills = 2;
  const auto report = play(config, set);
  CHECK(report.gold == 100);
  CHECK(report.findings.with_truth == 300);
  const stack::ClaimBin& settled = report.findings.of_settled;
  CHECK(settled.tasks > 200);
  CHECK(settled.claimed_ppm >= settled.tasks * 900'000);
  CHECK(settled.right * 1'000'000 >= settled.claimed_ppm);
  CHECK(report.coverage_best > 0.95);
  CHECK(report.findings.answers < std::ssize(set.answers) * 8 / 10);
}

}  // namespace tally::e2e
