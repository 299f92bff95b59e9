// What tally-admin quality worker makes of results.
#include <algorithm>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "admin/quality/show.h"
#include "admin/quality/worker_figures.h"
#include "common/cli/program.h"
#include "tests/admin/made_project.h"
#include "tests/admin/shown.h"

namespace tally::admin::quality {
namespace {

using Catch::Contains;
using test::MadePlan;
using test::MadeProject;

// Eight who look, and one (account 41) who does not.
MadePlan crowd_with_one_who_guesses() {
  MadePlan plan;
  plan.tasks = 300;
  plan.redundancy = {5, 5, 3};
  plan.skills = {0.95, 0.9, 0.92, 0.88, 0.95, 0.9, 0.93, 0.9, 0.5};
  return plan;
}

std::string shown(const MadeProject& project, const WorkerWanted& wanted) {
  return test::shown_by(show_workers, project, wanted);
}

cli::Failure failure_of(const MadeProject& project, const WorkerWanted& wanted) {
  return test::failure_of([&] { return shown(project, wanted); });
}

Collected collected_of(const MadeProject& project) {
  Collector collector(project.spec);
  for (const ResultRow& row : project.rows) collector.take(row);
  return std::move(collector).collected();
}

}  // namespace

TEST_CASE("who answers without looking stands first, with the reason; the worker's own sentence only when asked for") {
  const MadeProject project = test::made_project(crowd_with_one_who_guesses(), 1);
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  REQUIRE(crowd.workers.size() == 9);
  CHECK(crowd.workers[0].account == AccountId{41});
  REQUIRE_FALSE(crowd.workers[0].signals.empty());
  for (std::size_t i = 1; i < crowd.workers.size(); ++i) CHECK(crowd.workers[i].signals.empty());
  const std::string text = shown(project, {"17"});
  CHECK_THAT(text, Contains("worker 41 agrees with the others") && Contains("reasons to look, not verdicts") &&
                       !Contains("tell them"));
  WorkerWanted wanted{"17"};
  wanted.tell = true;
  CHECK_THAT(shown(project, wanted), Contains("tell them: Your answers agree with"));
}

TEST_CASE("gold tells a worker's accuracy, and one worker is shown in detail with what they confuse") {
  MadePlan plan = crowd_with_one_who_guesses();
  plan.gold = 100;
  const MadeProject project = test::made_project(plan, 2);
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  std::int64_t on_gold = 0;
  std::int64_t given = 0;
  for (const WorkerFigures& worker : crowd.workers) on_gold += worker.gold.count;
  for (std::size_t i = 0; i < 100; ++i) given += project.rows[i].answers;
  CHECK(on_gold == given);
  WorkerWanted wanted{"17", "33"};
  CHECK_THAT(shown(project, wanted), Contains("Worker 33") && Contains("is robin") && Contains("right") &&
                                         Contains("7.0 an answer, ") && !Contains("Worker 34"));
}

TEST_CASE("workers who share wrong answers are a ring or alike, and are pointed at tasks where gold would tell") {
  MadePlan plan;
  plan.tasks = 400;
  plan.options = {"a", "b", "c", "d"};
  plan.redundancy = {5, 5, 3};
  plan.skills = {0.85, 0.85, 0.85, 0.85, 0.85, 0.85, 0.6, 0.6};
  plan.copies = {7};
  const MadeProject project = test::made_project(plan, 3);
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  const bool is_found = !crowd.rings.empty() || !crowd.alike.empty();
  REQUIRE(is_found);
  const auto& accounts = crowd.rings.empty() ? crowd.alike[0].accounts : crowd.rings[0];
  CHECK(accounts == std::vector<AccountId>{AccountId{39}, AccountId{40}});
  for (const AlikeGroup& group : crowd.alike) {
    CHECK(group.tasks_count > 0);
    CHECK_FALSE(group.tasks.empty());
  }
  CHECK_THAT(shown(project, {"17"}), Contains("39, 40"));
}

TEST_CASE("seconds between answers leave out breaks, and answers that were handed in together") {
  MadeProject project = test::made_project({}, 4);
  project.rows.clear();
  project.spec.lease = Duration{60'000};
  const std::vector<std::int64_t> at_ms{0, 5'000, 5'000, 12'000, 500'000};
  for (std::int32_t task = 1; task <= 5; ++task) {
    project.rows.push_back(test::row_of(task, "bird", {"robin"}));
    project.rows.back().given[0].at_ms = at_ms[static_cast<std::size_t>(task - 1)];
  }
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  REQUIRE(crowd.workers[0].seconds_between);
  CHECK(*crowd.workers[0].seconds_between == Approx(7.0));
  CHECK_THAT(shown(project, {"17", "33"}), Contains("7.0 an answer, 7.0 from one answer to the next"));
}

TEST_CASE("who takes a tenth of the time of the others is too fast, with the median and the pace in every form") {
  MadeProject project = test::made_project(crowd_with_one_who_guesses(), 7);
  test::give_time(project, AccountId{35}, 700);
  test::give_time(project, AccountId{36}, 3'500);
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  for (const WorkerFigures& worker : crowd.workers) {
    INFO(worker.account.value);
    const bool is_fast = worker.account == AccountId{35};
    const double share = is_fast ? 0.1 : worker.account == AccountId{36} ? 0.5 : 1;
    REQUIRE(worker.seconds);
    REQUIRE(worker.pace);
    CHECK(*worker.seconds == Approx(7 * share));
    CHECK(*worker.pace == Approx(share).epsilon(0.001));
    const auto is_too_fast = [](const WorkerSignal& signal) { return signal.kind == "too_fast"; };
    CHECK(std::any_of(worker.signals.begin(), worker.signals.end(), is_too_fast) == is_fast);
  }
  CHECK_THAT(shown(project, {"17"}), Contains("too_fast: worker 35 took less than 25 % of the usual time"));
  WorkerWanted wanted{"17", "35"};
  CHECK_THAT(shown(project, wanted), Contains("0.7 an answer") && Contains("0.10 of the usual time"));
  wanted.form.csv = true;
  CHECK_THAT(shown(project, wanted), Contains(",seconds,pace,seconds_between,") && Contains(",0.7,0.1,"));
  wanted.form = {true, false};
  const auto object = nlohmann::json::parse(shown(project, wanted));
  CHECK(object["seconds"] == 0.7);
  CHECK(object["pace"] == 0.1);
  CHECK(object["signals"] == "too_fast");
}

TEST_CASE("haste shows in a form without a choice too") {
  MadeProject project;
  project.spec.columns = {{"text", ColumnKind::text}};
  project.spec.form = {{"count", "number", "How many?", true, {}, {{"tolerance", "1"}}}};
  for (std::int32_t task = 1; task <= 40; ++task) {
    project.rows.push_back(test::row_of(task, "count", {"10", "10", "10", "10", "10"}));
  }
  test::give_time(project, AccountId{37}, 0);  // Within the millisecond.
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  CHECK_FALSE(crowd.is_judged);
  CHECK(crowd.workers[0].account == AccountId{37});
  REQUIRE(crowd.workers[0].signals.size() == 1);
  CHECK(crowd.workers[0].signals[0].kind == "too_fast");
  CHECK_THAT(shown(project, {"17"}), Contains("worker 37 took less than 25 %"));
}

TEST_CASE("a field that is no choice gets agreement with the verdict, within its tolerance, and no signals") {
  MadeProject project;
  project.spec.columns = {{"text", ColumnKind::text}};
  project.spec.form = {{"count", "number", "How many?", true, {}, {{"tolerance", "1"}}}};
  for (std::int32_t task = 1; task <= 3; ++task) {
    project.rows.push_back(test::row_of(task, "count", {"10", "10.5", "40"}));
    project.rows.back().judged = {{"count", true, "10", 660'000, "tolerance", {}, 0}};
  }
  const Collected collected = collected_of(project);
  const Crowd crowd = crowd_of(collected, usual_field(collected));
  CHECK_FALSE(crowd.is_judged);
  CHECK(crowd.workers[0].account == AccountId{35});
  CHECK(crowd.workers[0].agreement.right == 0);
  CHECK(crowd.workers[1].agreement.right == 3);
  CHECK_THAT(shown(project, {"17"}), Contains("need a choice"));
  CHECK_THAT(shown(project, {"17", "33"}), Contains("Worker 33"));
}

TEST_CASE("programs get a row a worker") {
  const MadeProject project = test::made_project(crowd_with_one_who_guesses(), 5);
  WorkerWanted wanted{"17"};
  wanted.form.json = true;
  std::istringstream lines(shown(project, wanted));
  std::int64_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = nlohmann::json::parse(line);
    CHECK(object["field"] == "bird");
    CHECK(object["answers"].get<int>() > 0);
    if (count == 0) CHECK(object["worker"] == 41);
  }
  CHECK(count == 9);
  wanted.form = {false, true};
  wanted.worker = "33";
  CHECK_THAT(shown(project, wanted), Catch::StartsWith("worker,field,answers,") && Contains("\r\n33,bird,"));
}

TEST_CASE("a worker who is none, or has answered nothing, is told so") {
  const MadeProject project = test::made_project(crowd_with_one_who_guesses(), 6);
  CHECK(failure_of(project, {"17", "ann"}).code == cli::exit_usage);
  CHECK_THAT(failure_of(project, {"17", "99"}).text, Contains("account 99 has answered nothing in project 17"));
  CHECK(failure_of(project, {"17", "33", "colour"}).code == cli::exit_usage);
  CHECK(failure_of(project, {"x"}).code == cli::exit_usage);
}

}  // namespace tally::admin::quality
