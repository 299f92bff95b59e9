#include "worker-client/form_reader.h"

#include <sstream>

#include "tests/worker-client/play.h"
#include "worker-client/option_entry.h"

using namespace tally;
using namespace tally::worker;

namespace {

FieldSpec choice(std::vector<std::string> options) { return {"c", "choice", "Which?", true, std::move(options), {}}; }
FieldSpec choices(std::vector<std::string> options, bool required = true) {
  return {"cs", "choices", "Which of them?", required, std::move(options), {}};
}

struct Reading {
  Choice choice = Choice::stop;
  AnswerValues draft;
  std::string screen;
  std::vector<std::string> prompts;
  std::vector<std::string> initials;
  std::size_t lines_left = 0;
};

Reading read(const std::vector<FieldSpec>& form, std::vector<std::string> lines, AnswerValues draft = {}) {
  PlayedLines keyboard(std::move(lines));
  std::ostringstream screen;
  Reading made;
  made.draft = std::move(draft);
  FormReader reader(keyboard, screen, form,
                    {.time_left = [] { return "9:41"; }, .show_item = [&] { screen << "THE ITEM\n"; }});
  made.choice = reader.read(made.draft);
  made.screen = screen.str();
  made.prompts = keyboard.prompts;
  made.initials = keyboard.initials;
  made.lines_left = keyboard.left();
  return made;
}

using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("options are numbered, but not where a number could be mistaken for an option") {
  CHECK(option_labels(Values{"yes", "no"}) == Values{"1", "2"});
  CHECK(option_labels(Values{"0", "1", "many"}) == Values{"a", "b", "c"});
  CHECK(option_labels(Values{"1", "A"}) == Values{"#1", "#2"});
  Values many{"0"};
  for (int i = 1; i < 30; ++i) many.push_back("option " + std::to_string(i));
  CHECK(option_labels(many)[25] == "z");
  CHECK(option_labels(many)[26] == "aa");
}

TEST_CASE("a choice is entered by its label, its text, or its text in other case") {
  const auto [entry, meant] = GENERATE(table<std::string, std::string>({{"1", "Yes"},
                                                                        {" 2 ", "No"},
                                                                        {"yes", "Yes"},
                                                                        {"NO", "No"},
                                                                        {"not sure, 1", "not sure, 1"},
                                                                        {"3", "not sure, 1"}}));
  const auto values = values_from(choice({"Yes", "No", "not sure, 1"}), entry);
  REQUIRE(values);
  CHECK(*values == Values{meant});
}

TEST_CASE("the text of an option wins over the label of another") {
  CHECK(*values_from(choice({"2", "1"}), "1") == Values{"1"});
  CHECK(*values_from(choice({"2", "1"}), "a") == Values{"2"});
  CHECK(*values_from(choice({"b", "a", "7"}), "a") == Values{"a"});
}

TEST_CASE("what is no option is said to be none, with what can be entered") {
  const auto entry =
      GENERATE(as<std::string>{}, "0", "4", "-1", "maybe", "1,2", "1 2", "99999999999999999999", "\x1b[2J");
  const auto values = values_from(choice({"Yes", "No", "Unclear"}), entry);
  REQUIRE_FALSE(values);
  CHECK_THAT(values.error(), Catch::Contains("none of the options; enter 1 to 3"));
  CHECK(values.error().find('\x1b') == std::string::npos);
}

TEST_CASE("two options that differ in case only must be written exactly") {
  CHECK(*values_from(choice({"Polish", "polish"}), "polish") == Values{"polish"});
  CHECK_FALSE(values_from(choice({"Polish", "polish"}), "POLISH"));
}

TEST_CASE("several choices are entered with commas, semicolons or blanks, in any order, and twice counts once") {
  const FieldSpec field = choices({"red", "green", "dark blue"});
  CHECK(*values_from(field, "1") == Values{"red"});
  CHECK(*values_from(field, "3,1") == Values{"dark blue", "red"});
  CHECK(*values_from(field, "1 2") == Values{"red", "green"});
  CHECK(*values_from(field, "dark blue; red") == Values{"dark blue", "red"});
  CHECK(*values_from(field, "dark blue, 2, 2") == Values{"dark blue", "green"});
  CHECK(*values_from(field, "dark blue") == Values{"dark blue"});
  CHECK_FALSE(values_from(field, "1,4"));
  CHECK_FALSE(values_from(field, "1,purple"));
  CHECK_FALSE(values_from(field, ","));
}

TEST_CASE("options that hold commas can be chosen together") {
  const FieldSpec field = choices({"salt, pepper", "oil"});
  CHECK(*values_from(field, "salt, pepper") == Values{"salt, pepper"});
  CHECK(*values_from(field, "salt, pepper; oil") == Values{"salt, pepper", "oil"});
  CHECK(*values_from(field, "1,2") == Values{"salt, pepper", "oil"});
}

TEST_CASE("a number is checked as the broker checks it") {
  const FieldSpec field{"n", "number", "How many?", true, {}, {{"min", "0"}, {"max", "10"}}};
  for (const char* good : {"0", "10", " 3.5 ", "+2", ".25"}) CHECK(values_from(field, good));
  for (const char* bad : {"11", "-1", "three", "1e1", "1,5", "0.1234567", "1 2", "--1", "\xff", "1\x1b[A"}) {
    const auto values = values_from(field, bad);
    REQUIRE_FALSE(values);
    CHECK(values.error().find('\x1b') == std::string::npos);
  }
  CHECK_THAT(values_from(field, "11").error(), Catch::Contains("a number from 0 to 10"));
}

TEST_CASE("a text is checked as the broker checks it") {
  const FieldSpec field{"t", "text", "What does it say?", true, {}, {{"length_max", "5"}}};
  CHECK(*values_from(field, "Züri") == Values{"Züri"});
  CHECK_FALSE(values_from(field, "longer"));
  CHECK_FALSE(values_from(field, "\xff\xfe"));
  CHECK_FALSE(values_from(field, "   "));
}

TEST_CASE("a required field must be filled in, an optional one may be left empty") {
  CHECK_THAT(values_from(choice({"a", "b"}), "").error(), Catch::Contains("required"));
  CHECK(values_from(choices({"x", "y"}, false), "")->empty());
  CHECK(values_from({"n", "number", "n", false, {}, {}}, "  ")->empty());
}

TEST_CASE("a form is read field by field, wrong entries are asked for again, and y sends it") {
  const Reading made = read(bird_spec().form, {"sparrow", "", "2", "eleven", "3", "y"});
  CHECK(made.choice == Choice::answer);
  CHECK(made.draft == AnswerValues{{"bird", {"wren"}}, {"count", {"3"}}});
  CHECK(made.lines_left == 0);
  CHECK_THAT(made.screen, Catch::Contains("1/2  Which bird?") && Catch::Contains("1) robin") &&
                              Catch::Contains("'sparrow' is none of the options") && Catch::Contains("is required") &&
                              Catch::Contains("Enter leaves it empty"));
  CHECK_THAT(made.prompts[0], Catch::StartsWith("[9:41]"));
}

TEST_CASE("what was entered can be changed before it is sent") {
  const Reading made = read(bird_spec().form, {"1", "", "x", "9", "1", "wren", "2", "4", "2", "", "y"});
  CHECK(made.choice == Choice::answer);
  CHECK(made.draft == AnswerValues{{"bird", {"wren"}}, {"count", {}}});
  CHECK(made.lines_left == 0);
  // The value to be changed is there to be edited.
  CHECK(std::count(made.initials.begin(), made.initials.end(), "robin") == 1);
  CHECK(std::count(made.initials.begin(), made.initials.end(), "4") == 1);
  CHECK_THAT(made.screen, Catch::Contains("(left empty)") && Catch::Contains("a number from 1 to 2 to change"));
}

TEST_CASE(":back goes back a field, and what was not entered yet is asked again") {
  const Reading made = read(bird_spec().form, {":back", "1", ":back", "2", "5", ":back", "6", "y"});
  CHECK(made.choice == Choice::answer);
  CHECK(made.draft == AnswerValues{{"bird", {"wren"}}, {"count", {"6"}}});
}

TEST_CASE("commands work at every prompt") {
  const auto [command, choice] = GENERATE(table<std::string, Choice>({{":skip", Choice::skip},
                                                                      {":unskip", Choice::unskip},
                                                                      {":return", Choice::give_back},
                                                                      {":stop", Choice::stop},
                                                                      {" :skip", Choice::skip}}));
  if (command[0] == ':') {
    CHECK(read(bird_spec().form, {command}).choice == choice);
    CHECK(read(bird_spec().form, {"1", command}).choice == choice);
    CHECK(read(bird_spec().form, {"1", "", command}).choice == choice);
  } else {
    CHECK(read(bird_spec().form, {command}).choice == Choice::stop);  // No command, no option, and then the end.
  }
}

TEST_CASE("an unknown command is not taken for an answer, and a double colon is") {
  const std::vector<FieldSpec> form{{"t", "text", "Text?", true, {}, {}}};
  const Reading made = read(form, {":skipp", ":help", "::) smile", "y"});
  CHECK(made.choice == Choice::answer);
  CHECK(made.draft == AnswerValues{{"t", {":) smile"}}});
  CHECK_THAT(made.screen, Catch::Contains("There is no command :skipp"));
  CHECK(count_of(made.screen, ":unskip") == 2);
}

TEST_CASE(":show shows the item again") {
  CHECK_THAT(read(bird_spec().form, {":show", "1", "", "y"}).screen, Catch::Contains("THE ITEM"));
}

TEST_CASE("the end of input stops without an answer, and a draft goes on where it was") {
  const Reading cut = read(bird_spec().form, {"2"});
  CHECK(cut.choice == Choice::stop);
  CHECK(cut.draft == AnswerValues{{"bird", {"wren"}}});
  const Reading rest = read(bird_spec().form, {"7", "y"}, cut.draft);
  CHECK(rest.choice == Choice::answer);
  CHECK(rest.draft == AnswerValues{{"bird", {"wren"}}, {"count", {"7"}}});
}

TEST_CASE("labels and options that would steer the terminal are shown harmlessly") {
  const std::vector<FieldSpec> form{{"c", "choice", "Which\x1b]0;owned\x07?", true, {"a\x1b[31mred", "b\u202e"}, {}}};
  const Reading made = read(form, {"1", "y"});
  CHECK(made.choice == Choice::answer);
  CHECK(made.draft == AnswerValues{{"c", {"a\x1b[31mred"}}});
  CHECK(made.screen.find('\x1b') == std::string::npos);
  CHECK(made.screen.find('\x07') == std::string::npos);
  CHECK(made.screen.find("\u202e") == std::string::npos);
  CHECK_THAT(made.screen, Catch::Contains("a␛[31mred"));
}
