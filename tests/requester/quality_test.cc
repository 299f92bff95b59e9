// What tally-requester quality makes of results, and what stands behind those of tally-requester results.
#include "requester/quality.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/cli/reliability_text.h"
#include "requester/ask.h"

namespace tally::requester {
namespace {

using Catch::Contains;

struct Made {
  ProjectSpec spec;
  std::vector<ResultRow> tasks;
};

// 40 tasks; the first `gold` are known, and all of those but one are right. The last three are a best guess, undecided,
// and open.
Made made(const Redundancy& redundancy, int gold) {
  Made project;
  project.spec.title = "Birds";
  project.spec.form = {{"bird", "choice", "Which bird?", true, {"robin", "wren"}, {}}};
  project.spec.reward = Micros{10'000};
  project.spec.redundancy = redundancy;
  const bool is_by_skill = redundancy.is_by_skill();
  for (int i = 0; i < 40; ++i) {
    ResultRow task;
    task.item_no = i + 1;
    task.state = i < 37    ? TaskState::settled
                 : i == 37 ? TaskState::best_guess
                 : i == 38 ? TaskState::undecided
                           : TaskState::open;
    task.answers = 3;
    task.cost = Micros{36'000};
    if (i < gold) task.gold = {{"bird", i == 0 ? "wren" : "robin"}};
    if (i < 39) {
      const std::string value = task.state == TaskState::undecided ? "" : "robin";
      task.judged = {{"bird",
                      i < 37,
                      value,
                      is_by_skill ? 870'000 : 1'000'000,
                      is_by_skill ? "skill" : "plurality",
                      {{"robin", 3}},
                      is_by_skill ? 996'000 : 0}};
    }
    project.tasks.push_back(std::move(task));
  }
  return project;
}

const Redundancy by_votes{3, 5, 2, 0, 0, 0};
const Redundancy by_theta{3, 5, 2, 990'000, 0, 0};
const Redundancy by_confidence{3, 5, 2, 0, 950'000, 20'000};

reliability::ProjectCounts counted(const Made& project) {
  reliability::ProjectCounts counts(project.spec);
  for (const ResultRow& task : project.tasks) counts.add(task);
  return counts;
}

reliability::ProjectTerms terms_of(const Made& project) {
  Welcome welcome;
  welcome.fee_ppm = 200'000;
  welcome.currency = "USD";
  return reliability::terms_of(ProjectId{17}, project.spec, welcome);
}

std::string shown(const Made& project, bool is_json = false) {
  std::ostringstream out;
  write_quality(out, terms_of(project), counted(project), is_json);
  return out.str();
}

std::string summary(const Made& project) { return cli::reliability_summary(terms_of(project), counted(project)); }

std::vector<nlohmann::ordered_json> objects(const Made& project) {
  std::istringstream lines(shown(project, true));
  std::vector<nlohmann::ordered_json> all;
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::ordered_json::parse(line));
  return all;
}

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("a requester sees coverage, what gold proves, what is expected, and whether claims are borne out") {
  const std::string text = shown(made(by_confidence, 20));
  CHECK_THAT(text, Contains("Project 17: Birds\n") && Contains("settled        37  92.5%") &&
                       Contains("answers  120, 3.00 a task\n") && Contains("1.44 USD paid so far, fees included"));
  CHECK_THAT(text, Contains("Field bird (choice)\n") && Contains("38, 37 of them settled") &&
                       Contains("20 gold tasks: 19 of 20 right, so the accuracy is 95.0% (") &&
                       Contains(" of these verdicts are right (") && Contains("by the gold and other projects") &&
                       Contains("claims are off by 0.080 over the gold"));
  CHECK_THAT(text, Contains("How sure (38 verdicts weighed by skill)\n") &&
                       Contains("0.8 to 0.9       38       0.870    19 of 20"));
}

TEST_CASE("a confidence that cannot be claimed comes with what would help") {
  CHECK_THAT(shown(made(by_confidence, 20)), Contains("a confidence of 0.95 cannot be claimed by the gold alone") &&
                                                 Contains("more gold tasks, all of them right: about ") &&
                                                 Contains("3 answers each at 0.012 USD"));
}

TEST_CASE("without gold it is said that nothing is proven, and whose word the expectation is") {
  const Made project = made(by_confidence, 0);
  for (const std::string& text : {shown(project), summary(project)}) {
    CHECK_THAT(text, Contains("not proven by gold: no task of this project has a known answer here") &&
                         Contains("90% sure), by what other projects have shown"));
  }
  CHECK_THAT(shown(project), !Contains("calibration"));
}

TEST_CASE("a project by theta has its claims too, though none was asked for") {
  const std::string text = shown(made(by_theta, 20));
  CHECK_THAT(text, Contains("19 of 20 right") && Contains("expected") && Contains("How sure (38 verdicts") &&
                       !Contains("asked for") && !Contains("audits"));
}

TEST_CASE("a project by votes has no claims, and is told so, what gold proves, and its coverage") {
  const std::string text = shown(made(by_votes, 20));
  CHECK_THAT(text, Contains("settled        37  92.5%") && Contains("19 of 20 right") &&
                       Contains("claims    none: a share of votes is no probability") && !Contains("expected") &&
                       !Contains("How sure"));
  CHECK_THAT(shown(made(by_votes, 0)), Contains("not proven by gold"));
}

TEST_CASE("the share of audits is told where there are any") {
  CHECK_THAT(
      shown(made(by_confidence, 0)),
      Contains("audits   0 tasks that could settle went on for the audit (0.02 of them, by lot), to 0 more answers"));
  CHECK(objects(made(by_confidence, 0))[0]["audit_share"] == 0.02);
}

TEST_CASE("what audits cost is told: the answers beyond those with which their tasks could settle") {
  Made project = made(by_confidence, 0);
  project.tasks[0].audited_after = 3;
  project.tasks[0].answers = 5;
  project.tasks[1].audited_after = 2;
  CHECK_THAT(shown(project),
             Contains("audits   2 tasks that could settle went on for the audit (0.02 of them, by lot), to 3 "
                      "more answers: at most 0.036 USD"));
  CHECK(objects(project)[0]["audited"] == 2);
  CHECK(objects(project)[0]["answers_beyond"] == 3);
  // From a broker that says what cannot be.
  project.tasks[0].audited_after = 9;
  CHECK(objects(project)[0]["answers_beyond"] == 1);
}

TEST_CASE("results end in a few lines: coverage, then of each field what is expected and what gold proves") {
  const std::string text = summary(made(by_confidence, 20));
  CHECK_THAT(text, Catch::StartsWith("Project 17; more by `tally-requester quality 17`\n") &&
                       Contains("37 of 40 tasks (92.5%); 1 best guess, 1 undecided, 1 open\n") &&
                       Contains("bird: expected  ") && Contains("bird: proof     20 gold tasks: 19 of 20 right"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  const std::string votes = summary(made(by_votes, 0));
  CHECK_THAT(votes, Contains("not proven by gold") && !Contains("expected"));
  CHECK(std::count(votes.begin(), votes.end(), '\n') == 3);
}

TEST_CASE("for programs there is an object about the project, one about each field, and one about each bin of claims") {
  const auto all = objects(made(by_confidence, 20));
  REQUIRE(all.size() == 2 + reliability::bins_from_ppm.size());
  CHECK(keys_of(all[0]) == std::vector<std::string>{"about", "project", "tasks", "settled", "best_guesses", "undecided",
                                                    "open", "answers", "answers_a_task", "cost", "audit_share",
                                                    "audited", "answers_beyond"});
  CHECK(all[0]["settled"] == 37);
  CHECK(keys_of(all[1]) == std::vector<std::string>{"about",
                                                    "field",
                                                    "type",
                                                    "verdicts",
                                                    "settled",
                                                    "gold",
                                                    "gold_judged",
                                                    "gold_right",
                                                    "accuracy_low",
                                                    "accuracy_high",
                                                    "claimed",
                                                    "expected_accuracy",
                                                    "expected_accuracy_low",
                                                    "expected_accuracy_high",
                                                    "calibration_error",
                                                    "confidence_asked",
                                                    "confidence_highest",
                                                    "gold_open",
                                                    "gold_needed",
                                                    "gold_needed_cost"});
  CHECK(all[1]["gold_right"] == 19);
  CHECK(all[1]["calibration_error"].get<double>() == Approx(0.08));
  CHECK(all[4]["about"] == "claims_from_0.8");
  CHECK(all[4]["tasks"] == 38);
  CHECK(all[4]["gold_right"] == 19);
}

TEST_CASE("for programs a project by votes without gold has nulls and no claims, never a made-up number") {
  const auto all = objects(made(by_votes, 0));
  REQUIRE(all.size() == 2);
  CHECK(all[1]["accuracy_low"].is_null());
  CHECK_FALSE(all[1].contains("expected_accuracy"));
  CHECK_FALSE(all[1].contains("confidence_asked"));
}

TEST_CASE("a project without tasks is shown, not divided by") {
  Made project = made(by_confidence, 0);
  project.tasks.clear();
  CHECK_THAT(shown(project), Contains("0, 0.00 a task") && Contains("not proven by gold"));
  CHECK_THAT(summary(project), Contains("0 of 0 tasks (0.0%)"));
  CHECK(objects(project).size() == 2);
}

TEST_CASE("a title or a field's name that others wrote cannot move the cursor") {
  Made project = made(by_confidence, 20);
  project.spec.title = "Bi\x1b[2Jrds";
  project.spec.form[0].name = "b\x1b[1mird";
  CHECK_THAT(shown(project), !Contains("\x1b"));
  CHECK_THAT(summary(project), !Contains("\x1b"));
}

TEST_CASE("a project that is no number is told what one looks like") {
  for (const char* wrong : {"birds", "-1", "0", "", "17x"}) {
    try {
      static_cast<void>(project_from(wrong));
      FAIL("'" << wrong << "' was taken for a project");
    } catch (const cli::Failure& failure) {
      CHECK(failure.code == cli::exit_usage);
      CHECK_THAT(failure.text, Contains("tally-requester list"));
    }
  }
}

}  // namespace tally::requester
