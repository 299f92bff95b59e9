// Verdicts where answers are weighed by what is known of who gave them.
#include "common/aggregation/skill.h"

#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

ProjectSpec skilled(std::int32_t min, std::int32_t max, std::int64_t theta_ppm = 990'000) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {min, max, 1, theta_ppm};
  return spec;
}

AnswerValues says(const std::string& bird) { return {{"bird", {bird}}}; }

struct Workers : Market {
  explicit Workers(int count) {
    for (int i = 0; i < count; ++i) {
      names.push_back("worker " + std::to_string(i));
      static_cast<void>(worker(names.back()));
    }
  }
  // Each answers the task that is theirs next, if there is one.
  void all_say(ProjectId project, const std::string& bird, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const Tasks offered = pull(names[i], project);
      if (offered.tasks.empty()) continue;
      REQUIRE(answer(names[i], offered.tasks.front().assignment, says(bird)).accepted);
    }
  }
  [[nodiscard]] std::vector<VerdictReached> reached(ProjectId project) const {
    return world.records_of<VerdictReached>(part_of(project, 1));
  }
  std::vector<std::string> names;
};

}  // namespace

TEST_CASE("workers who agree with each other settle a task with fewer answers once that is known of them") {
  Workers market(8);
  const ProjectId project = market.open(skilled(2, 8), 40);
  const std::vector<std::string> birds{"bunting", "grosbeak", "other"};
  for (std::size_t task = 0; task < 40; ++task) {
    // Those who are at the task at the time; it may settle before all of them were.
    for (const std::string& name : market.names) {
      const Tasks offered = market.pull(name, project);
      if (offered.tasks.empty()) continue;
      const std::int64_t item = offered.tasks.front().task->no;
      const auto& bird = birds[static_cast<std::size_t>(item) % birds.size()];
      REQUIRE(market.answer(name, offered.tasks.front().assignment, says(bird)).accepted);
    }
  }
  const auto verdicts = market.reached(project);
  REQUIRE(verdicts.size() == 40);
  CHECK(verdicts.front().ballots.size() > verdicts.back().ballots.size());
  CHECK(verdicts.back().ballots.size() == 2);
  for (const VerdictReached& verdict : verdicts) {
    CHECK(verdict.reason == VerdictReason::theta_reached);
    REQUIRE(verdict.judged.size() == 1);
    CHECK(verdict.judged[0].settled);
    CHECK(verdict.judged[0].method == "skill");
    CHECK(verdict.judged[0].posterior_ppm >= 990'000);
  }
}

TEST_CASE("a verdict by skill holds all that it was made from, and is made again from it") {
  Workers market(5);
  const ProjectId project = market.open(skilled(3, 5), 6);
  for (int task = 0; task < 6; ++task) market.all_say(project, "grosbeak", 5);
  const auto verdicts = market.reached(project);
  REQUIRE_FALSE(verdicts.empty());
  for (const VerdictReached& verdict : verdicts) {
    REQUIRE(verdict.evidence.size() == 1);
    CHECK(verdict.evidence[0].field == 0);
    REQUIRE(aggregation::is_sound(verdict.evidence[0].evidence, 3, verdict.ballots.size()));
    const auto again =
        aggregation::verdict_by_skill(verdict.evidence[0].evidence, aggregation::Claims(), skilled(3, 5).redundancy);
    CHECK(again.is_settled == verdict.judged[0].settled);
    CHECK(again.posterior_ppm == verdict.judged[0].posterior_ppm);
    CHECK(again.claim_ppm == verdict.judged[0].confidence_ppm);
    CHECK(simple_spec().form[0].options[static_cast<std::size_t>(again.label)] == verdict.judged[0].value);
  }
}

TEST_CASE(
    "at its greatest number of answers a task that is not sure enough closes with its best guess, and all are paid") {
  Workers market(3);
  const ProjectId project = market.open(skilled(3, 3, 999'999), 1);
  static_cast<void>(market.work("worker 0", project, says("bunting")));
  static_cast<void>(market.work("worker 1", project, says("bunting")));
  const AssignmentId other = market.work("worker 2", project, says("grosbeak"));
  const auto verdicts = market.reached(project);
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].reason == VerdictReason::max_reached);
  CHECK_FALSE(verdicts[0].judged[0].settled);
  CHECK(verdicts[0].judged[0].value == "bunting");
  CHECK(market.tasks(project).tasks[0].state == TaskState::best_guess);
  CHECK(market.tasks(project).best_guesses == 1);
  CHECK(market.assignment(other).pay == PayState::paid);
}

TEST_CASE("a task that is closed before it settled has its best guess, and one without answers none") {
  Workers market(1);
  const ProjectId project = market.open(skilled(3, 5), 2);
  static_cast<void>(market.work("worker 0", project, says("other")));
  market.change(project, ProjectAction::end);
  CHECK(market.tasks(project).tasks[0].state == TaskState::best_guess);
  CHECK(market.tasks(project).tasks[0].judged[0].value == "other");
  CHECK(market.tasks(project).tasks[1].state == TaskState::undecided);
}

TEST_CASE("who does not agree with a settled task is unpaid, as where votes are counted") {
  Workers market(6);
  const ProjectId project = market.open(skilled(5, 6, 700'000), 1);
  const AssignmentId wrong = market.work("worker 0", project, says("grosbeak"));
  for (const char* name : {"worker 1", "worker 2", "worker 3", "worker 4"}) {
    static_cast<void>(market.work(name, project, says("bunting")));
  }
  REQUIRE(market.tasks(project).tasks[0].state == TaskState::settled);
  CHECK(market.assignment(wrong).pay == PayState::unpaid);
  CHECK(market.pay_reason(wrong) == "disagrees_on:bird");
}

TEST_CASE("what is known of workers is the same after a part was read again, from records or from a snapshot") {
  Workers market(6);
  const ProjectId project = market.open(skilled(3, 6), 30);
  const PartId part = part_of(project, 1);
  for (int task = 0; task < 10; ++task) market.all_say(project, task % 2 == 0 ? "bunting" : "other", 4);
  const auto evidence = [&](const TaskPart& tasks) {
    return tasks.models.at(0).evidence(
        std::vector<aggregation::LabelBallot>{{market.assignment({part, 1}).worker, 0}, {AccountId{4'711}, 1}});
  };
  const LabelEvidence before = evidence(market.tasks(project));
  const PartImage image = image_of(*market.world.core.find(part));
  CHECK(evidence(part_from(part, image).tasks()) == before);
  market.world.reload(part);
  CHECK(evidence(market.tasks(project)) == before);
}

}  // namespace tally::core
