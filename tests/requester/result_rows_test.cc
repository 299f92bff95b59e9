#include "requester/result_rows.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/cli/csv_writer.h"

using namespace tally;
using namespace tally::requester;

namespace {

FieldSpec field(const std::string& name) { return {.name = name, .type = "text"}; }

ProjectSpec spec_of() {
  ProjectSpec spec;
  spec.columns = {{"text", ColumnKind::text}, {"verdict.mood", ColumnKind::text}};
  spec.form = {field("mood"), field("tags")};
  return spec;
}

ResultRow settled() {
  ResultRow task;
  task.task = {part_of(ProjectId{17}, 1), 4};
  task.item_no = 4;
  task.values = {"=1+1", "x"};
  task.state = TaskState::settled;
  task.judged = {{"mood", true, "good", 970'000, "plurality", {{"good", 3}, {"b:a;d", 1}}},
                 {"tags", false, "", 0, "plurality", {{"a; b", 1}, {"c", 1}}}};
  task.answers = 4;
  task.cost = Micros{180'000};
  AnswerRow answer;
  answer.assignment = {part_of(ProjectId{17}, 1), 9};
  answer.worker = AccountId{21};
  answer.at_ms = 1'800'000'000'000;
  answer.took_ms = 12'340;
  answer.values = {{"mood", {"good"}}, {"tags", {"a", "b"}}};
  answer.state = PayState::paid;
  answer.paid = Micros{50'000};
  task.given = {answer, answer};
  task.given[1].values = {{"mood", {"@bad"}}};
  return task;
}

std::string csv_of(const std::vector<std::string>& cells) {
  std::ostringstream out;
  cli::CsvWriter(out).row(cells);
  return out.str();
}

}  // namespace

TEST_CASE("where a share is audited, rows tell which tasks were, and after how many answers") {
  ProjectSpec spec = spec_of();
  spec.redundancy = {3, 5, 1, 0, 900'000, 20'000};
  ResultRow task = settled();
  CHECK(result_header(spec, RowsOf::tasks).back() == "_audited_after");
  CHECK(result_cells(spec, task, RowsOf::tasks)[0].back().empty());
  task.audited_after = 3;
  CHECK(result_cells(spec, task, RowsOf::tasks)[0].back() == "3");
  CHECK(result_cells(spec, task, RowsOf::tasks)[0].size() == result_header(spec, RowsOf::tasks).size());
}

TEST_CASE("a task is one row: its item, then per field verdict, confidence and votes, then what it cost") {
  CHECK(csv_of(result_header(spec_of(), RowsOf::tasks)) ==
        "_item,_task,text,verdict.mood,_verdict.mood,_confidence.mood,_votes.mood,_verdict.tags,_confidence.tags,"
        "_votes.tags,_state,_reason,_answers_given,_cost\r\n");
  const auto rows = result_cells(spec_of(), settled(), RowsOf::tasks);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == std::vector<std::string>{"4", "t17.1.4", "=1+1", "x", "good", "0.97", R"({"good":3,"b:a;d":1})", "",
                                            "", R"({"a; b":1,"c":1})", "settled", "", "4", "0.18"});
}

TEST_CASE("with answers each is a row with who gave it and what became of it") {
  const auto rows = result_cells(spec_of(), settled(), RowsOf::answers);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == std::vector<std::string>{"4", "t17.1.4", "=1+1", "x", "a17.1.9", "21", "2027-01-15T08:00:00Z",
                                            "12.34", "good", "a; b", "paid", "0.05", ""});
  CHECK(rows[1].at(9).empty());
}

TEST_CASE("a task without a verdict has empty cells, and a task without answers no rows of answers") {
  ResultRow open = settled();
  open.state = TaskState::open;
  open.judged.clear();
  open.given.clear();
  const auto rows = result_cells(spec_of(), open, RowsOf::tasks);
  CHECK(rows.at(0).at(4).empty());
  CHECK(rows.at(0).at(10) == "open");
  CHECK(result_cells(spec_of(), open, RowsOf::answers).empty());
  CHECK(result_lines(spec_of(), open, RowsOf::answers).empty());
}

TEST_CASE("where votes are counted a task has what was posted as known when that is asked for, by skill always") {
  ProjectSpec spec = spec_of();
  ResultRow task = settled();
  task.gold = {{"mood", "good"}};
  const auto place_of = [&](const std::string& name, bool has_gold) {
    const auto header = result_header(spec, RowsOf::tasks, has_gold);
    CHECK(result_cells(spec, task, RowsOf::tasks, has_gold).at(0).size() == header.size());
    return std::find(header.begin(), header.end(), name) - header.begin();
  };
  CHECK(place_of("_gold.mood", false) == std::ssize(result_header(spec, RowsOf::tasks)));
  CHECK(place_of("_gold.mood", true) == 7);
  CHECK(result_cells(spec, task, RowsOf::tasks, true)[0][7] == "good");
  CHECK(result_cells(spec, task, RowsOf::tasks, true)[0][11].empty());
  CHECK(place_of("_gold.tags", true) == 11);
  CHECK(result_header(spec, RowsOf::answers, true) == result_header(spec, RowsOf::answers));
  spec.redundancy.theta_ppm = 990'000;
  CHECK(place_of("_posterior.mood", false) == 7);
  CHECK(place_of("_gold.mood", false) == 8);
}

TEST_CASE("every row has as many cells as the header, whose names are all different") {
  ProjectSpec spec = spec_of();
  // Names that meet those of other columns when they are put together carelessly.
  spec.columns = {{"state", {}}, {"verdict.state", {}}, {"item", {}}};
  spec.form = {field("state"), field("item"), field("state_votes"), field("reason"), field("cost"), field("pay")};
  ResultRow task = settled();
  task.values = {"1", "2", "3"};
  for (const RowsOf rows : {RowsOf::tasks, RowsOf::answers}) {
    const auto header = result_header(spec, rows);
    CHECK(std::set<std::string>(header.begin(), header.end()).size() == header.size());
    for (const auto& cells : result_cells(spec, task, rows)) CHECK(cells.size() == header.size());
    const auto with_gold = result_header(spec, rows, true);
    CHECK(std::set<std::string>(with_gold.begin(), with_gold.end()).size() == with_gold.size());
  }
}

TEST_CASE("no cell of a CSV file of results is a formula, whoever wrote it") {
  for (const RowsOf rows : {RowsOf::tasks, RowsOf::answers}) {
    for (const auto& cells : result_cells(spec_of(), settled(), rows)) {
      const std::string line = csv_of(cells);
      CHECK_THAT(line, Catch::Contains(",'=1+1,") && !Catch::Contains(",@bad"));
    }
  }
}

TEST_CASE("a line of JSON holds everything as it is") {
  const auto lines = result_lines(spec_of(), settled(), RowsOf::tasks);
  REQUIRE(lines.size() == 1);
  const auto json = nlohmann::json::parse(lines[0]);
  CHECK(json["item"] == 4);
  CHECK(json["values"]["text"] == "=1+1");
  CHECK(json["verdicts"]["mood"]["value"] == "good");
  CHECK(json["verdicts"]["mood"]["confidence"] == 0.97);
  CHECK(json["verdicts"]["mood"]["votes"]["b:a;d"] == 1);
  CHECK(json["verdicts"]["tags"]["value"].is_null());
  CHECK(json["cost"] == "0.18");
  const auto answers = result_lines(spec_of(), settled(), RowsOf::answers);
  REQUIRE(answers.size() == 2);
  CHECK(nlohmann::json::parse(answers[0])["seconds"] == 12.34);
  CHECK(nlohmann::json::parse(answers[0])["answer"]["tags"] == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a line of JSON is one line of valid text, whatever was answered") {
  ResultRow task = settled();
  task.given[0].values["mood"] = {"two\nlines \x1b[2J \xff"};
  const auto lines = result_lines(spec_of(), task, RowsOf::answers);
  CHECK(lines.at(0).find('\n') == std::string::npos);
  CHECK(lines.at(0).find('\x1b') == std::string::npos);
  CHECK_NOTHROW(nlohmann::json::parse(lines.at(0)));
}

TEST_CASE("a row that does not fit the project's columns is objected to") {
  ResultRow task = settled();
  CHECK(objection_to(spec_of(), task).empty());
  task.values.pop_back();
  CHECK_THAT(objection_to(spec_of(), task), Catch::Contains("item 4"));
}
