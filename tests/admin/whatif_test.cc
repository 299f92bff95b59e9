// What tally-admin whatif makes of results.
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "admin/quality/policy_figures.h"
#include "admin/quality/redundancy_text.h"
#include "admin/quality/show.h"
#include "common/cli/program.h"
#include "tests/admin/made_project.h"

namespace tally::admin::quality {
namespace {

using Catch::Contains;
using test::MadePlan;
using test::MadeProject;

MadePlan plan_with(const Redundancy& redundancy) {
  MadePlan plan;
  plan.redundancy = redundancy;
  plan.answers_max = redundancy.max;
  plan.skills = {0.9, 0.85, 0.8, 0.75, 0.9, 0.7, 0.85, 0.8, 0.8};
  plan.gold = 40;
  plan.parts = 2;
  return plan;
}

Collected collected_of(const MadeProject& project) {
  Collector collector(project.spec);
  for (const ResultRow& row : project.rows) collector.take(row);
  return std::move(collector).collected();
}

std::string failure_text(const std::string& text, const ProjectSpec& spec) {
  try {
    static_cast<void>(redundancy_from(text, spec));
  } catch (const cli::Failure& failure) {
    CHECK(failure.code == cli::exit_usage);
    return failure.text;
  }
  FAIL("'" << text << "' was taken");
  return {};
}

std::string shown(const MadeProject& project, const PolicyWanted& wanted) {
  Asker asker = test::asker_of(project);
  std::ostringstream out;
  show_what_if(
      asker, wanted, [](std::int64_t) {}, out);
  return out.str();
}

}  // namespace

TEST_CASE("a policy played again over the answers that it bought buys them all and reaches the same verdicts") {
  const Redundancy redundancy = GENERATE(Redundancy{3, 5, 2}, Redundancy{3, 7, 2, 990'000, 0, 0},
                                         Redundancy{3, 7, 2, 0, 900'000, 0}, Redundancy{2, 5, 2, 0, 990'000, 0});
  INFO(to_words(redundancy));
  const MadeProject project = test::made_project(plan_with(redundancy), 1);
  const PolicyFigures figures = what_if(collected_of(project), redundancy, Micros{12'000});
  CHECK(figures.replayed.answers == figures.as_it_went.answers);
  CHECK(figures.replayed.cost == figures.as_it_went.cost);
  CHECK(figures.replayed.settled == figures.as_it_went.settled);
  CHECK(figures.out_of_answers == figures.open_now);
  REQUIRE(figures.fields.size() == 1);
  CHECK(figures.fields[0].differs == 0);
  CHECK(figures.fields[0].then.proof.right == figures.fields[0].now.proof.right);
  CHECK(figures.fields[0].then.claims_ppm == figures.fields[0].now.claims_ppm);
}

TEST_CASE("one answer a task costs a third, and is less right than three") {
  const MadeProject project = test::made_project(plan_with({3, 3, 2}), 2);
  const PolicyFigures figures = what_if(collected_of(project), {1, 1, 1}, Micros{12'000});
  CHECK(figures.replayed.answers == 200);
  CHECK(figures.replayed.cost == Micros{200 * 12'000});
  CHECK(figures.replayed.settled == 200);
  CHECK(figures.out_of_answers == 0);
  CHECK(figures.fields[0].differs > 0);
  CHECK(figures.fields[0].compared == 200);
}

TEST_CASE("a policy that wants more answers than there are gives a lower bound, and says so") {
  const MadeProject project = test::made_project(plan_with({3, 3, 2}), 3);
  const PolicyFigures figures = what_if(collected_of(project), {5, 7, 4}, Micros{12'000});
  CHECK(figures.replayed.answers == figures.as_it_went.answers);
  CHECK(figures.out_of_answers == 200);
  CHECK_THAT(shown(project, {"17", "min=5,max=7,quorum=4"}),
             Contains("The stored answers ran out: of 200 tasks") && Contains("lower bound"));
}

TEST_CASE("votes may be weighed after the fact, and claims come with it") {
  const MadeProject project = test::made_project(plan_with({5, 5, 3}), 4);
  const PolicyFigures figures = what_if(collected_of(project), {3, 5, 2, 0, 800'000, 0}, Micros{12'000});
  CHECK(figures.replayed.answers < figures.as_it_went.answers);
  CHECK_FALSE(figures.fields[0].now.mean_claim());
  REQUIRE(figures.fields[0].then.mean_claim());
  CHECK(*figures.fields[0].then.mean_claim() > 0.5);
  CHECK(figures.fields[0].then.proof.of == 40);
}

TEST_CASE("who pays for agreeing answers pays what would have agreed") {
  MadeProject project = test::made_project({}, 5);
  project.rows = {test::row_of(1, "bird", {"robin", "robin", "wren", "robin"})};
  project.spec.pay = PayPolicy::agreeing;
  const Collected collected = collected_of(project);
  CHECK(what_if(collected, {3, 4, 2}, Micros{12'000}).replayed.cost == Micros{24'000});
  CHECK(what_if(collected, {4, 4, 3}, Micros{12'000}).replayed.cost == Micros{36'000});
  CHECK(what_if(collected, {4, 4, 4}, Micros{12'000}).replayed.cost == Micros{48'000});  // Not settled: all.
  project.spec.pay = PayPolicy::all;
  CHECK(what_if(collected_of(project), {3, 4, 2}, Micros{12'000}).replayed.cost == Micros{36'000});
}

TEST_CASE("numbers and texts are played again by their votes") {
  MadeProject project;
  project.spec = test::made_project({}, 6).spec;
  project.spec.form = {{"count", "number", "How many?", true, {}, {{"tolerance", "1"}}},
                       {"note", "text", "Anything?", false, {}, {}}};
  project.rows = {test::row_of(1, "count", {"10", "10.5", "40"})};
  project.rows[0].given[0].values["note"] = {"two nests"};
  const PolicyFigures figures = what_if(collected_of(project), {2, 3, 2}, Micros{12'000});
  CHECK(figures.replayed.answers == 2);
  CHECK(figures.replayed.settled == 1);
  CHECK(figures.fields[0].then.values == 1);
}

TEST_CASE("a redundancy is read as it is written, and what is left out is the project's") {
  ProjectSpec spec = test::made_project({}, 7).spec;
  spec.redundancy = {3, 5, 2, 0, 950'000, 20'000};
  CHECK(redundancy_from("min=3,max=7,quorum=2", spec) == Redundancy{3, 7, 2});
  CHECK(redundancy_from("min=3,max=7,theta=0.99", spec) == Redundancy{3, 7, 2, 990'000, 0, 0});
  CHECK(redundancy_from("confidence=0.95,max=9", spec) == Redundancy{3, 9, 2, 0, 950'000, 0});
  CHECK(redundancy_from("max=1", spec) == Redundancy{1, 1, 1});
  CHECK(redundancy_from("min=9", spec) == Redundancy{9, 9, 2});
  CHECK(to_words({3, 9, 2, 0, 950'000, 0}) == "min=3,max=9,quorum=2,confidence=0.95");
  CHECK_THAT(failure_text("", spec), Contains("no name=value"));
  CHECK_THAT(failure_text("min", spec), Contains("'min' is no name=value"));
  CHECK_THAT(failure_text("min=3,", spec), Contains("no name=value"));
  CHECK_THAT(failure_text("min=0", spec), Contains("from 1 to 100"));
  CHECK_THAT(failure_text("min=101", spec), Contains("from 1 to 100"));
  CHECK_THAT(failure_text("min=3.5", spec), Contains("'3.5'"));
  CHECK_THAT(failure_text("min=3,min=4", spec), Contains("there twice"));
  CHECK_THAT(failure_text("min=5,max=3", spec), Contains("max must not be below min"));
  CHECK_THAT(failure_text("max=3,quorum=4", spec), Contains("quorum must not be above max"));
  CHECK_THAT(failure_text("theta=0.99,confidence=0.9", spec), Contains("one of them"));
  CHECK_THAT(failure_text("theta=95%", spec), Contains("from 0.5 to 0.999999"));
  CHECK_THAT(failure_text("confidence=1", spec), Contains("from 0.5 to 0.999"));
  CHECK_THAT(failure_text("votes=3", spec), Contains("min, max, quorum, theta and confidence"));
  spec.form = {{"note", "text", "Anything?", true, {}, {}}};
  CHECK_THAT(failure_text("theta=0.99", spec), Contains("needs a required field of type choice"));
}

TEST_CASE("both policies stand side by side, and it is said that nothing changes") {
  const MadeProject project = test::made_project(plan_with({3, 5, 2}), 8);
  CHECK_THAT(shown(project, {"17", "min=2,max=3"}), Contains("As it went: min=3,max=5,quorum=2") &&
                                                        Contains("What if:    min=2,max=3,quorum=2") &&
                                                        Contains("what was paid is paid") && Contains("right on gold"));
  std::istringstream lines(shown(project, {"17", "min=2,max=3", {true, false}}));
  std::vector<std::string> about;
  for (std::string line; std::getline(lines, line);) about.push_back(nlohmann::json::parse(line)["about"]);
  CHECK(about == std::vector<std::string>{"project", "as_it_went", "what_if", "field"});
  CHECK_THAT(shown(project, {"17", "min=2,max=3", {false, true}}), Contains("\r\nwhat_if,,answers,"));
}

}  // namespace tally::admin::quality
