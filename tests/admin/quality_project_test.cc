// What tally-admin quality project makes of results.
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "admin/quality/project_figures.h"
#include "admin/quality/show.h"
#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/posterior_bucket.h"
#include "common/cli/program.h"
#include "tests/admin/made_project.h"
#include "tests/admin/shown.h"

namespace tally::admin::quality {
namespace {

using Catch::Contains;
using test::MadePlan;
using test::MadeProject;

const std::vector<double> fair_crowd{0.9, 0.85, 0.8, 0.75, 0.9, 0.7, 0.85, 0.8};

MadePlan confidence_plan() {
  MadePlan plan;
  plan.redundancy = {3, 7, 2, 0, 950'000, 0};
  plan.answers_max = 7;
  plan.skills = fair_crowd;
  return plan;
}

Collected collected_of(const MadeProject& project) {
  Collector collector(project.spec);
  for (const ResultRow& row : project.rows) collector.take(row);
  return std::move(collector).collected();
}

std::string shown(const MadeProject& project, const ProjectWanted& wanted) {
  return test::shown_by(show_project, project, wanted);
}

cli::Failure failure_of(const MadeProject& project, const ProjectWanted& wanted) {
  return test::failure_of([&] { return shown(project, wanted); });
}

// The object about this.
nlohmann::json object_about(const std::string& lines, const std::string& about) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    auto object = nlohmann::json::parse(line);
    if (object["about"] == about) return object;
  }
  FAIL("nothing is said about " << about);
  return {};
}

}  // namespace

TEST_CASE("the posterior alone tells the bucket of a judgement, but for its edges") {
  CHECK(aggregation::bucket_of_posterior(0) == 0);
  CHECK(aggregation::bucket_of_posterior(500'000) == 0);
  CHECK(aggregation::bucket_of_posterior(670'000) == 2);  // Odds of two are one doubling, two halves.
  CHECK(aggregation::bucket_of_posterior(801'000) == 4);
  CHECK(aggregation::bucket_of_posterior(1'000'000) == 39);
  std::int32_t last = 0;
  for (std::int64_t ppm = 500'000; ppm <= 1'000'000; ppm += 997) {
    CHECK(aggregation::bucket_of_posterior(ppm) >= last);
    last = aggregation::bucket_of_posterior(ppm);
  }
}

TEST_CASE("coverage counts every task once, and answers and cost over all pages") {
  MadePlan plan;
  plan.tasks = 130;
  plan.skills = fair_crowd;
  const MadeProject project = test::made_project(plan, 1);
  std::int64_t answers = 0;
  Micros cost;
  for (const ResultRow& row : project.rows) {
    answers += row.answers;
    cost += row.cost;
  }
  const auto object = object_about(shown(project, {"17", "", {true, false}}), "project");
  CHECK(object["tasks"] == 130);
  CHECK(object["answers"] == answers);
  CHECK(object["cost"] == to_text(cost));
  CHECK(object["settled"].get<int>() + object["best_guesses"].get<int>() + object["undecided"].get<int>() +
            object["open"].get<int>() ==
        130);
  CHECK_THAT(shown(project, {"17"}),
             Contains("Project 17: Birds") && Contains("settled") && Contains(to_text(cost) + " USD paid so far"));
}

TEST_CASE("without gold nothing is proven, and it is said plainly") {
  MadePlan plan = confidence_plan();
  const MadeProject project = test::made_project(plan, 2);
  const std::string text = shown(project, {"17"});
  CHECK_THAT(text, Contains("not proven by gold") && Contains("by what other projects have shown") &&
                       !Contains("calibration"));
  CHECK(object_about(shown(project, {"17", "", {true, false}}), "field")["accuracy_low"].is_null());
}

TEST_CASE("gold proves how right verdicts are, with Wilson's interval") {
  MadePlan plan = confidence_plan();
  plan.gold = 60;
  const MadeProject project = test::made_project(plan, 3);
  const Collected collected = collected_of(project);
  const reliability::Proof proof = counts_of(collected, collected.fields[0]).proof;
  std::int64_t right = 0;
  std::int64_t judged = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    const ResultRow& row = project.rows[i];
    if (row.judged.empty() || row.judged[0].value.empty()) continue;
    ++judged;
    right += row.judged[0].value == project.truth[i] ? 1 : 0;
  }
  CHECK(proof.of == judged);
  CHECK(proof.right == right);
  CHECK(judged > 40);
  CHECK_THAT(shown(project, {"17"}),
             Contains(std::to_string(right) + " of " + std::to_string(judged) + " right") && Contains("calibration"));
}

TEST_CASE("the bins of claims hold every claim once, and what was expected lies within its interval") {
  MadePlan plan = confidence_plan();
  plan.gold = 60;
  const Collected collected = collected_of(test::made_project(plan, 4));
  const reliability::FieldCounts counts = counts_of(collected, collected.fields[0]);
  const auto claims = reliability::claim_figures(counts.claims);
  REQUIRE(claims);
  std::int64_t tasks = 0;
  std::int64_t gold = 0;
  for (std::size_t i = 0; i < claims->bins.size(); ++i) {
    const reliability::ClaimBin& bin = claims->bins[i];
    tasks += bin.tasks;
    gold += bin.proof.of;
    if (bin.tasks == 0) continue;
    CHECK(bin.mean_claim() >= static_cast<double>(bin.from_ppm) / 1e6);
    if (i + 1 < claims->bins.size()) CHECK(bin.mean_claim() < static_cast<double>(claims->bins[i + 1].from_ppm) / 1e6);
  }
  CHECK(tasks == claims->tasks);
  CHECK(gold == counts.proof.of);
  CHECK(claims->expected.low_ppm <= claims->expected.ppm);
  CHECK(claims->expected.ppm <= claims->expected.high_ppm);
  REQUIRE(claims->calibration_error);
  CHECK(*claims->calibration_error >= 0);
  CHECK(*claims->calibration_error < 0.5);
}

TEST_CASE("a confidence out of reach says how much gold would help, and what that costs") {
  MadePlan plan = confidence_plan();
  plan.redundancy.confidence_ppm = 990'000;
  plan.tasks = 100;
  const Collected collected = collected_of(test::made_project(plan, 5));
  const Coverage coverage = coverage_of(collected);
  const reliability::Asked asked{990'000, *coverage.answers_to_close(), Micros{12'000}};
  const auto reach = field_figures(collected, collected.fields[0], asked).reliability.reach;
  REQUIRE(reach);
  CHECK_FALSE(reach->is_reached());
  REQUIRE(reach->gold_needed);
  CHECK(aggregation::hopeful_claims({}, *reach->gold_needed).highest() >= 990'000);
  CHECK(aggregation::hopeful_claims({}, *reach->gold_needed - 1).highest() < 990'000);
  REQUIRE(reach->cost);
  CHECK(*reach->cost == times(Micros{12'000}, *reach->gold_needed * reach->answers_each));
  const MadeProject project = test::made_project(plan, 5);
  CHECK_THAT(shown(project, {"17"}),
             Contains("cannot be claimed by the gold alone") && Contains("more gold tasks, all of them right"));
}

TEST_CASE("a project by votes has no claims, and a field that was not asked for is left out") {
  MadePlan plan;
  plan.skills = fair_crowd;
  MadeProject project = test::made_project(plan, 6);
  project.spec.form.push_back({"note", "text", "Anything else?", false, {}, {}});
  project.rows[0].given[0].values["note"] = {"a wing is hurt"};
  const std::string text = shown(project, {"17"});
  CHECK_THAT(text, Contains("Field bird (choice)") && Contains("Field note (text)") && !Contains("How sure"));
  const std::string one = shown(project, {"17", "note"});
  CHECK_THAT(one, !Contains("Field bird") && Contains("Field note"));
}

TEST_CASE("numbers, sets of choices and texts get what applies to them") {
  MadeProject project;
  project.spec.columns = {{"text", ColumnKind::text}};
  project.spec.form = {{"count", "number", "How many?", true, {}, {{"tolerance", "1"}}}};
  for (std::int32_t task = 1; task <= 4; ++task) {
    const std::string exact = std::to_string(task * 10);
    project.rows.push_back(test::row_of(task, "count", {exact, exact, std::to_string(task * 10 + 1)}));
    project.rows.back().state = TaskState::settled;
    project.rows.back().judged = {{"count", true, exact, 1'000'000, "tolerance", {}, 0}};
  }
  const auto object = object_about(shown(project, {"17", "count", {true, false}}), "field");
  CHECK(object["krippendorff_alpha"].get<double>() > 0.99);
  CHECK(object["observed_agreement"].get<double>() == Approx(1.0 / 3).margin(1e-4));
  CHECK(object["verdicts"] == 4);
  CHECK_FALSE(object.contains("refit_method"));
}

TEST_CASE("an answer whose text was erased is counted and told, and breaks nothing") {
  MadePlan plan;
  plan.tasks = 20;
  plan.skills = fair_crowd;
  MadeProject project = test::made_project(plan, 7);
  project.rows[3].given[0].values.clear();
  project.rows[4].given[0].values = {{"bird", {"a penguin"}}};
  CHECK_THAT(shown(project, {"17"}), Contains("left out") && Contains("2 answers"));
  CHECK(object_about(shown(project, {"17", "", {true, false}}), "project")["answers_left_out"] == 2);
}

TEST_CASE("a project says how long answers took, and who was too fast and why") {
  MadePlan plan;
  plan.skills = fair_crowd;
  MadeProject project = test::made_project(plan, 12);
  CHECK_THAT(shown(project, {"17"}), Contains("7.0 an answer, the median of") && Contains("too fast  nobody"));
  test::give_time(project, AccountId{34}, 500);
  CHECK_THAT(shown(project, {"17"}), Contains("too fast  1 worker; look before you judge:") &&
                                         Contains("    worker 34 took less than 25 % of the usual time for "));
  const std::string lines = shown(project, {"17", "", {true, false}});
  CHECK(object_about(lines, "pace")["seconds"] == 7.0);
  CHECK(object_about(lines, "pace")["too_fast"] == 1);
  CHECK(object_about(lines, "too_fast")["worker"] == 34);
  CHECK_THAT(object_about(lines, "too_fast")["reason"].get<std::string>(), Contains("being fast alone is no proof"));
  CHECK_THAT(shown(project, {"17", "", {false, true}}), Contains("\r\ntoo_fast,,worker,34\r\n"));
}

TEST_CASE("a project without tasks or answers is shown, not divided by") {
  MadeProject project = test::made_project({}, 8);
  project.rows.clear();
  CHECK_THAT(shown(project, {"17"}), Contains("not proven by gold"));
  project.rows = {test::row_of(1, "bird", {})};
  CHECK_THAT(shown(project, {"17"}), Contains("open"));
  static_cast<void>(shown(project, {"17", "", {false, true}}));
}

TEST_CASE("what cannot be meant is refused with what to write instead") {
  MadePlan plan;
  plan.tasks = 5;
  plan.skills = fair_crowd;
  const MadeProject project = test::made_project(plan, 9);
  CHECK_THAT(failure_of(project, {"birds"}).text, Contains("tally-admin projects"));
  CHECK(failure_of(project, {"-1"}).code == cli::exit_usage);
  CHECK(failure_of(project, {"99"}).code == cli::exit_refused);
  CHECK_THAT(failure_of(project, {"17", "colour"}).text, Contains("no field 'colour'") && Contains("bird"));
  CHECK_THAT(failure_of(project, {"17", "", {true, true}}).text, Contains("not both"));
}

TEST_CASE("names that others wrote cannot move the cursor") {
  MadePlan plan;
  plan.tasks = 5;
  plan.skills = fair_crowd;
  MadeProject project = test::made_project(plan, 10);
  project.spec.title = "Bi\x1b[2Jrds";
  CHECK_THAT(shown(project, {"17"}), !Contains("\x1b"));
}

TEST_CASE("csv has a row for every figure, under one header") {
  MadePlan plan = confidence_plan();
  plan.tasks = 40;
  const std::string csv = shown(test::made_project(plan, 11), {"17", "", {false, true}});
  CHECK_THAT(csv, Catch::StartsWith("about,field,figure,value\r\n") && Contains("\r\nproject,,tasks,40\r\n") &&
                      Contains("\r\nclaims_from_0.95,bird,tasks,"));
}

}  // namespace tally::admin::quality
