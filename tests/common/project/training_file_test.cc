#include "common/project/training_file.h"

#include <sstream>

#include <catch2/catch.hpp>

#include "common/project/check_people.h"

using namespace tally;
using namespace tally::project;

namespace {

ProjectSpec birds() {
  ProjectSpec spec;
  spec.columns = {{"photo", ColumnKind::image}, {"place", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which?", true, {"robin", "wren"}, {}},
               {"where", "choices", "Where?", false, {"left", "left; high", "right"}, {}},
               {"count", "number", "How many?", true, {}, {{"max", "9"}}},
               {"song", "text", "What does it sing?", false, {}, {}}};
  return spec;
}

std::vector<TrainingTask> read(const std::string& text) {
  std::istringstream in(text);
  auto tasks = read_training(in, birds(), "t.csv");
  if (!tasks) FAIL(tasks.error().front());
  return *tasks;
}

std::vector<std::string> mistakes(const std::string& text) {
  std::istringstream in(text);
  const auto tasks = read_training(in, birds(), "t.csv");
  INFO(text);
  REQUIRE_FALSE(tasks);
  REQUIRE_FALSE(tasks.error().empty());
  return tasks.error();
}

}  // namespace

TEST_CASE("training tasks have the columns of the items in any order, and what is right in the fields it is known of") {
  const auto tasks = read(
      "place,_gold.bird,_explanation,photo,_gold.where,_gold.count\n"
      "Bern,robin,\"Its breast, red.\",1.jpg,left; right,2\n"
      "Zug,,,2.jpg,left; high,\n");
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].values == std::vector<std::string>{"1.jpg", "Bern"});
  CHECK(tasks[0].gold == AnswerValues{{"bird", {"robin"}}, {"count", {"2"}}, {"where", {"left", "right"}}});
  CHECK(tasks[0].explanation == "Its breast, red.");
  CHECK(tasks[1].gold == AnswerValues{{"where", {"left; high"}}});
  CHECK(tasks[1].explanation.empty());
}

TEST_CASE("choices in a cell are joined as results join them, also where an option holds the joint") {
  const FieldSpec where = birds().form[1];
  using Values = std::vector<std::string>;
  CHECK(gold_from_cell(where, "left") == Values{"left"});
  CHECK(gold_from_cell(where, "right; left; high") == Values{"right", "left; high"});
  CHECK(gold_from_cell(where, "left; high; left") == Values{"left; high", "left"});
  CHECK(gold_from_cell(where, "up; left") == Values{"up", "left"});
  CHECK(gold_from_cell(where, "left; ") == Values{"left", ""});
  CHECK(gold_from_cell(birds().form[3], "tsi; tsi") == Values{"tsi; tsi"});
}

TEST_CASE("what is wrong in a training file is told by line") {
  const auto only = [](const std::string& text) {
    const auto all = mistakes(text);
    CHECK(all.size() == 1);
    return all.front();
  };
  const std::string head = "photo,place,_gold.bird\n";
  CHECK_THAT(only(""), Catch::StartsWith("t.csv:1: the file is empty"));
  CHECK_THAT(only(head), Catch::Contains("there is no row"));
  CHECK_THAT(only("photo,plce,_gold.bird\n1,2,robin\n"),
             Catch::Equals("t.csv:1: there is no column 'place', which the items have; did you mean 'plce'?"));
  CHECK_THAT(only("photo,place,tone,_gold.bird\n1,2,3,robin\n"),
             Catch::StartsWith("t.csv:1: there is a column 'tone', which the items do not have"));
  CHECK_THAT(only("photo,place,_answers,_gold.bird\n1,2,3,robin\n"), Catch::Contains("begins with _"));
  CHECK_THAT(only(head + "1,2,robin\n1,2\n"), Catch::StartsWith("t.csv:3: the row has 2 cells"));
  CHECK_THAT(only(head + "1,2,\n"), Catch::Equals("t.csv:2: nothing says what is right: _gold.FIELD is missing"));
  CHECK_THAT(only(head + "1,2,eagle\n"), Catch::StartsWith("t.csv:2: what is right is no answer: field 'bird' has"));
  CHECK_THAT(only("photo,place,_gold.count\n1,2,10\n"), Catch::Contains("field 'count'"));
  CHECK_THAT(only("photo,place,_gold.where\n1,2,left; up\n"), Catch::Contains("field 'where'"));
  CHECK_THAT(only("photo,place,_gold.brd\n1,2,robin\n"), Catch::Contains("a field that the form does not have"));
  CHECK_THAT(only(head + "1,\xff,robin\n"), Catch::StartsWith("t.csv:2: column 'place': not UTF-8"));
  CHECK_THAT(only("photo,place,_gold.bird,_explanation\n1,2,wren," + std::string(2'001, 'x') + "\n"),
             Catch::Equals("t.csv:2: the explanation is over 2000 bytes"));
  CHECK_THAT(only("photo,place,_gold.bird,_explanation\n1,2,wren,\x1b[2J\n"), Catch::Contains("control characters"));
  std::string many = head;
  for (std::size_t i = 0; i < training_tasks_max; ++i) many += "1,2,robin\n";
  CHECK(read(many).size() == training_tasks_max);
  CHECK_THAT(only(many + "1,2,robin\n"), Catch::Equals("t.csv:52: there are more than 50 training tasks"));
}

TEST_CASE("several mistakes of a training file are told together") {
  const auto all = mistakes("photo,place,_gold.bird\n1,2,eagle\n1,2,robin\n1,2,\n");
  REQUIRE(all.size() == 2);
  CHECK_THAT(all[0], Catch::StartsWith("t.csv:2: "));
  CHECK_THAT(all[1], Catch::StartsWith("t.csv:4: "));
}
