// What tally-admin quality task shows.
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "admin/quality/show.h"
#include "common/cli/program.h"
#include "tests/admin/made_project.h"
#include "tests/admin/shown.h"

namespace tally::admin::quality {
namespace {

using Catch::Contains;
using test::MadeProject;

MadeProject three_tasks() {
  MadeProject project = test::made_project({}, 1);
  project.rows.clear();
  for (std::int32_t task = 1; task <= 3; ++task) {
    ResultRow row = test::row_of(task, "bird", {"robin", "robin", "wren"});
    row.state = TaskState::settled;
    row.judged = {{"bird", true, "robin", 940'000, "skill", {}, 998'000}};
    row.gold = {{"bird", "wren"}};
    row.cost = Micros{36'000};
    project.rows.push_back(row);
  }
  return project;
}

std::string shown(const MadeProject& project, const TaskWanted& wanted) {
  return test::shown_by(show_task, project, wanted, 1);
}

cli::Failure failure_of(const MadeProject& project, const TaskWanted& wanted) {
  return test::failure_of([&] { return shown(project, wanted); });
}

}  // namespace

TEST_CASE("a task is found by its id and by its item, with verdict, claim, posterior, gold and who disagrees") {
  const MadeProject project = three_tasks();
  const std::string text = shown(project, {"17", "t17.1.2"});
  CHECK_THAT(text, Contains("t17.1.2, item 2: settled") && Contains("seconds") && Contains("     7.0  ") &&
                       Contains("Item 2") && Contains("'robin', settled by skill") && Contains("0.94") &&
                       Contains("0.998, which is what the model alone says") &&
                       Contains("'wren': the verdict is wrong") && Contains("workers 35"));
  CHECK(shown(project, {"17", "2"}) == text);
}

TEST_CASE("the answers of a task are a table for programs, and its verdicts objects") {
  const MadeProject project = three_tasks();
  const std::string csv = shown(project, {"17", "3", {false, true}});
  CHECK_THAT(csv, Catch::StartsWith("task,assignment,worker,at,seconds,answer.bird,pay,paid,reason\r\n") &&
                      Contains("t17.1.3,a17.1.23,35,") && Contains(",7.0,wren,paid,0.01,"));
  std::istringstream lines(shown(project, {"17", "3", {true, false}}));
  std::vector<std::string> about;
  for (std::string line; std::getline(lines, line);) about.push_back(nlohmann::json::parse(line)["about"]);
  CHECK(about == std::vector<std::string>{"task", "verdict", "answer", "answer", "answer"});
}

TEST_CASE("texts are shown as they were written, and an erased one as nothing") {
  MadeProject project = three_tasks();
  project.spec.form = {{"note", "text", "What is it?", true, {}, {}}};
  project.rows = {test::row_of(1, "note", {"a \x1b[2J robin", "a robin"})};
  project.rows[0].given[1].values.clear();
  const std::string text = shown(project, {"17", "1"});
  CHECK_THAT(text, Contains("robin") && !Contains("\x1b") && Contains("verdict  none"));
}

TEST_CASE("a task that is none, or of another project, is refused with what to write") {
  const MadeProject project = three_tasks();
  CHECK_THAT(failure_of(project, {"17", "robin"}).text, Contains("write it like t17.1.204"));
  CHECK_THAT(failure_of(project, {"17", "t18.1.1"}).text, Contains("is of project 18, not 17"));
  CHECK(failure_of(project, {"17", "4"}).code == cli::exit_refused);
  CHECK(failure_of(project, {"17", "a17.1.1"}).code == cli::exit_usage);
  MadeProject odd = three_tasks();
  odd.rows[0].values.clear();
  CHECK_THAT(failure_of(odd, {"17", "1"}).text, Contains("0 values for the 1 columns"));
}

}  // namespace tally::admin::quality
