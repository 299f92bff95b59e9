#include "common/reliability/project_reliability.h"

#include <catch2/catch.hpp>

#include "common/aggregation/online/claims.h"

namespace tally::reliability {
namespace {

ProjectSpec bird_spec() {
  ProjectSpec spec;
  spec.form = {{"bird", "choice", "Which bird?", true, {"robin", "wren"}, {}},
               {"note", "text", "Anything else?", false, {}, {}}};
  spec.reward = Micros{10'000};
  spec.redundancy = {3, 7, 2, 0, 990'000, 0};
  return spec;
}

// Weighed by skill.
ResultRow row(TaskState state, const std::string& value, const std::string& gold) {
  ResultRow task;
  task.state = state;
  task.answers = 4;
  task.cost = Micros{48'000};
  if (state != TaskState::open) {
    task.judged = {{"bird", state == TaskState::settled, value, 900'000, "skill", {}, 990'000},
                   {"note", true, "", 1'000'000, "plurality", {}, 0}};
  }
  if (!gold.empty()) task.gold = {{"bird", gold}};
  return task;
}

ProjectTerms terms() {
  Welcome welcome;
  welcome.fee_ppm = 200'000;
  return terms_of(ProjectId{17}, bird_spec(), welcome);
}

}  // namespace

TEST_CASE("a project's tasks are counted by how they ended, and what they took until they closed") {
  ProjectCounts counts(bird_spec());
  for (const TaskState state :
       {TaskState::settled, TaskState::settled, TaskState::best_guess, TaskState::undecided, TaskState::open}) {
    counts.add(row(state, "robin", ""));
  }
  ResultRow audited = row(TaskState::settled, "robin", "");
  audited.audited_after = 3;
  counts.add(audited);
  const Coverage& coverage = counts.coverage();
  CHECK(coverage.tasks == 6);
  CHECK(coverage.count(TaskState::settled) == 3);
  CHECK(coverage.count(TaskState::open) == 1);
  CHECK(coverage.answers == 24);
  CHECK(coverage.audited == 1);
  CHECK(coverage.answers_beyond == 1);
  CHECK(coverage.cost == Micros{288'000});
  CHECK(coverage.answers_to_close() == 4);
  CHECK_FALSE(coverage.workers);
}

TEST_CASE("before any task closed one is taken to need all the answers it may get") {
  ProjectCounts counts(bird_spec());
  CHECK(asked_of(terms(), counts.coverage()).answers_each == 7);
  CHECK(terms().price == Micros{12'000});
}

TEST_CASE("gold proves by field, best guesses among them, and open gold proves nothing yet") {
  ProjectCounts counts(bird_spec());
  counts.add(row(TaskState::settled, "robin", "robin"));
  counts.add(row(TaskState::best_guess, "wren", "robin"));
  counts.add(row(TaskState::open, "", "wren"));
  counts.add(row(TaskState::settled, "robin", ""));
  const auto fields = counts.fields(terms());
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].values == 3);
  CHECK(fields[0].settled == 2);
  CHECK(fields[0].gold == 3);
  CHECK(fields[0].proof.of == 2);
  CHECK(fields[0].proof.right == 1);
  REQUIRE(fields[0].reach);
  CHECK(fields[0].reach->gold_open == 1);
  // What is no choice has neither labels, nor gold, nor claims.
  CHECK(fields[1].values == 3);
  CHECK(fields[1].gold == 0);
  CHECK_FALSE(fields[1].claims);
  CHECK_FALSE(fields[1].reach);
}

TEST_CASE("the gold that would do is the fewest that would, at the price of its answers") {
  const Asked asked{990'000, 4, Micros{12'000}};
  const Reach reach = reach_of(asked, {}, 0);
  CHECK_FALSE(reach.is_reached());
  REQUIRE(reach.gold_needed);
  CHECK(aggregation::hopeful_claims({}, *reach.gold_needed).highest() >= 990'000);
  CHECK(aggregation::hopeful_claims({}, *reach.gold_needed - 1).highest() < 990'000);
  CHECK(reach.cost == times(Micros{12'000}, *reach.gold_needed * 4));
}

TEST_CASE("a value or gold that the form does not have is none") {
  ProjectCounts counts(bird_spec());
  counts.add(row(TaskState::settled, "penguin", "penguin"));
  const auto fields = counts.fields(terms());
  CHECK(fields[0].values == 0);
  CHECK(fields[0].gold == 0);
}

}  // namespace tally::reliability
