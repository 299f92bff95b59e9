#include "worker-client/exec_line.h"

#include <nlohmann/json.hpp>

#include "tests/worker-client/play.h"

using namespace tally;
using namespace tally::worker;
using nlohmann::json;

namespace {

const std::vector<FieldSpec> form{{"bird", "choice", "Which bird?", true, {"robin", "wren"}, {}},
                                  {"colours", "choices", "Which colours?", false, {"red", "brown"}, {}},
                                  {"count", "number", "How many?", false, {}, {{"max", "10"}}}};

Result<ExecAnswer, ExecRubbish> answer(std::string_view line) {
  return answer_from(line, to_text(assignment(9)), form);
}

}  // namespace

TEST_CASE("a task is one line of JSON with all that a program needs") {
  ProjectSpec spec = bird_spec();
  spec.form = form;
  spec.instructions = "Two\nlines";
  const std::string line = task_line(bird_task(9, "a \"photo\"\n\x1b${photo}"), spec, Duration{590'000});
  CHECK(line.find('\n') == std::string::npos);
  const json task = json::parse(line);
  CHECK(task.at("assignment") == "a17.1.9");
  CHECK(task.at("task") == "t17.1.9");
  CHECK(task.at("project") == 17);
  CHECK(task.at("item") == json{{"photo", "a \"photo\"\n\x1b${photo}"}});
  CHECK(task.at("shown") == "Photo: a \"photo\"\n\x1b${photo}");
  CHECK(task.at("instructions") == "Two\nlines");
  CHECK(task.at("reward") == "0.05");
  CHECK(task.at("lease_left_ms") == 590'000);
  REQUIRE(task.at("form").size() == 3);
  CHECK(task.at("form")[0].at("name") == "bird");
  CHECK(task.at("form")[0].at("options") == json{"robin", "wren"});
  CHECK(task.at("form")[0].at("required") == true);
  CHECK(task.at("form")[2].at("settings") == json{{"max", "10"}});
}

TEST_CASE("which task it is stands in its line only where workers are told") {
  TaskOffer offer = bird_task(9);
  offer.task.reset();
  offer.item_no.reset();
  const json task = json::parse(task_line(offer, bird_spec(), Duration{1}));
  CHECK(task.at("assignment") == "a17.1.9");
  CHECK_FALSE(task.contains("task"));
  CHECK_FALSE(task.contains("item_no"));
}

TEST_CASE("an item that is not UTF-8 still makes a line that is JSON") {
  CHECK(json::parse(task_line(bird_task(9, "\xff"), bird_spec(), Duration{1})).at("item").at("photo") == "\ufffd");
}

TEST_CASE("values are text, numbers, or lists of them; null and an empty list are no value") {
  const auto made = answer(R"({"assignment":"a17.1.9","values":{"bird":"wren","colours":["red","brown"],"count":3}})");
  REQUIRE(made);
  CHECK_FALSE(made->skip);
  CHECK(made->values == AnswerValues{{"bird", {"wren"}}, {"colours", {"red", "brown"}}, {"count", {"3"}}});
  const auto few = answer(R"( {"values":{"bird":["robin"],"colours":[],"count":null},"assignment":"a17.1.9"} )");
  REQUIRE(few);
  CHECK(few->values == AnswerValues{{"bird", {"robin"}}});
  CHECK(answer(R"({"assignment":"a17.1.9","values":{"bird":"wren","count":0.5}})")->values.at("count")[0] == "0.5");
}

TEST_CASE("a program may skip a task") {
  CHECK(answer(R"({"assignment":"a17.1.9","skip":true})")->skip);
  CHECK_FALSE(answer(R"({"assignment":"a17.1.9","skip":false,"values":{"bird":"wren"}})")->skip);
}

TEST_CASE("what is no answer to the task leaves us out of step with the program") {
  const auto line =
      GENERATE(as<std::string>{}, "", "   ", "ready", "null", "true", "17", "\"a17.1.9\"", "[]", "{}", "{", "{]",
               "{\"assignment\":", "{\"assignment\":\"a17.1.9\"", "\xff\xfe", "\x1b[2J",
               R"({"assignment":"a17.1.8","values":{"bird":"wren"}})", R"({"assignment":9,"values":{"bird":"wren"}})",
               R"({"assignment":null,"values":{"bird":"wren"}})", R"({"values":{"bird":"wren"}})",
               R"({"assignment":"a17.1.9","values":{"bird":"wren"}} {"more":1})",
               std::string("{\"assignment\":\"a17.1.9\0\"}", 25), "{\"assignment\":\"a17.1.9\xff\"}");
  CAPTURE(line);
  const auto made = answer(line);
  REQUIRE_FALSE(made);
  CHECK_FALSE(made.error().in_step);
  CHECK_FALSE(made.error().what.empty());
  CHECK(made.error().what.find('\x1b') == std::string::npos);
}

TEST_CASE("an answer that does not fit is refused here, and the next line can be trusted") {
  const auto rest = GENERATE(
      as<std::string>{}, R"("values":{})", R"("values":{"bird":"sparrow"})", R"("values":{"bird":["wren","robin"]})",
      R"("values":{"bird":true})", R"("values":{"bird":{"a":1}})", R"("values":{"bird":[["wren"]]})",
      R"("values":{"bird":"wren","count":11})", R"("values":{"bird":"wren","count":1e30})",
      R"("values":{"bird":"wren","colours":["red","red"]})", R"("values":{"bird":"wren","beak":"long"})",
      R"("values":["wren"])", R"("values":"wren")", R"("values":null)", R"("skip":false)", R"("skip":"yes")",
      R"("skip":1)", R"("skip":null)", R"("skip":true,"values":{"bird":"wren"})", R"("answer":{"bird":"wren"})",
      R"("values":{"bird":"wren"},"value":1)");
  CAPTURE(rest);
  const auto made = answer("{\"assignment\":\"a17.1.9\"," + rest + "}");
  REQUIRE_FALSE(made);
  CHECK(made.error().in_step);
  CHECK_FALSE(made.error().what.empty());
}

TEST_CASE("JSON nested a million deep is refused and harms nobody") {
  std::string opening;
  opening.resize(1'000'000, '[');
  CHECK_FALSE(answer(opening));
  std::string nested;
  nested.resize(50'000, '[');
  nested.resize(100'000, ']');
  CHECK_FALSE(answer(R"({"assignment":"a17.1.9","values":{"bird":)" + nested + "}}"));
}

TEST_CASE("what a program said is shown short and harmlessly") {
  CHECK(excerpt("\x1b[31mred\n") == "␛[31mred␊");
  std::string endless;
  endless.resize(10'000'000, 'x');
  CHECK(excerpt(endless).size() < 250);
}
