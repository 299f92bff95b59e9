#include "aggregate/answers_file.h"

#include <sstream>

#include <catch2/catch.hpp>

using namespace tally;
using namespace tally::aggregate;

namespace {

Result<Answers, std::string> read(const std::string& csv, Repeats repeats = Repeats::last,
                                  const Columns& columns = {}) {
  std::istringstream in(csv);
  return read_answers(in, "a.csv", columns, repeats);
}

std::string error_of(const std::string& csv) {
  const auto answers = read(csv);
  return answers ? "" : answers.error();
}

}  // namespace

TEST_CASE("a table of answers is read by its columns' names, whatever their order and the columns beside them") {
  const auto answers = read("time,label,worker,task\n1,cat,ann,t1\n2,dog,bob,t1\n3,\"a, \"\"b\"\"\",ann,t2\r\n");
  REQUIRE(answers);
  CHECK(answers->tasks.count() == 2);
  CHECK(answers->workers.name(1) == "bob");
  CHECK(answers->labels.name(2) == "a, \"b\"");
  REQUIRE(answers->rows.size() == 3);
  CHECK(answers->rows[2].task == 1);
  CHECK(answers->rows[2].worker == 0);

  const auto renamed = read("item,who,said\nt1,ann,cat\n", Repeats::last, {"item", "who", "said"});
  REQUIRE(renamed);
  CHECK(renamed->labels.name(0) == "cat");
}

TEST_CASE("of a worker's answers to one task the last counts, the first, or all") {
  const std::string csv = "task,worker,label\nt,ann,cat\nt,bob,cat\nt,ann,dog\nu,ann,cat\n";
  const auto label_of_ann = [](const Answers& answers) {
    std::string labels;
    for (const auto& row : answers.rows) {
      if (row.task == 0 && row.worker == 0) labels += answers.labels.name(row.label) + " ";
    }
    return labels;
  };
  const auto last = read(csv);
  CHECK(label_of_ann(*last) == "dog ");
  CHECK(last->repeated == 1);
  CHECK(label_of_ann(*read(csv, Repeats::first)) == "cat ");
  const auto all = read(csv, Repeats::all);
  CHECK(label_of_ann(*all) == "cat dog ");
  CHECK(all->repeated == 0);
}

TEST_CASE("what is wrong with a table of answers is told by its line, with what to do") {
  CHECK_THAT(error_of(""), Catch::StartsWith("a.csv:1:"));
  CHECK_THAT(error_of("task,worker\nt,ann\n"),
             Catch::StartsWith("a.csv:1: the column 'label' is missing; the file has 'task', 'worker'."));
  CHECK_THAT(error_of("task,worker,label\nt,ann,cat\nt,bob\n"), Catch::StartsWith("a.csv:3:"));
  CHECK_THAT(error_of("task,worker,label\nt,ann,cat\nt, ,dog\n"),
             Catch::StartsWith("a.csv:3: the worker is empty; fill it in"));
  CHECK_THAT(error_of("task,worker,label\nt,ann,\"cat\nt,bob,dog\n"), Catch::StartsWith("a.csv:2:"));
  CHECK_THAT(error_of("task,worker,label\n"), Catch::Contains("a.csv:"));
  CHECK_THAT(error_of("task,worker,label\nt,ann,c\xff\n"), Catch::StartsWith("a.csv:2:"));
}

TEST_CASE("gold is read beside the answers, and may not contradict itself") {
  auto answers = read("task,worker,label\nt,ann,cat\nu,ann,dog\n");
  std::istringstream gold("task,label\nu,bird\nnobody answered this,cat\nu,bird\n");
  const auto unanswered = read_gold(gold, "g.csv", {}, *answers);
  REQUIRE(unanswered);
  CHECK(*unanswered == 1);
  CHECK(answers->gold == std::vector<std::int32_t>{-1, 2});
  CHECK(answers->gold_count == 1);
  CHECK(answers->labels.name(2) == "bird");

  std::istringstream twice("task,label\nu,bird\nu,cat\n");
  const auto wrong = read_gold(twice, "g.csv", {}, *answers);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error() == "g.csv:3: the task 'u' has the label 'bird' further up; keep one");
}
