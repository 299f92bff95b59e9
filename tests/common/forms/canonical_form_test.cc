#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "common/aggregation/registry.h"
#include "common/forms/form.h"

using namespace tally;

namespace {

FieldSpec choice() { return {.name = "f", .type = "choice", .label = "?", .options = {"red", "green", "blue"}}; }
FieldSpec choices() { return {.name = "f", .type = "choices", .label = "?", .options = {"red", "green", "blue"}}; }
FieldSpec number() { return {.name = "f", .type = "number", .label = "?"}; }
FieldSpec text() { return {.name = "f", .type = "text", .label = "?"}; }

FieldSpec with(FieldSpec field, const std::string& setting, const std::string& value) {
  field.settings[setting] = value;
  return field;
}

Result<Ballots, Refusal> form_of(const FieldSpec& field, std::vector<std::string> values) {
  REQUIRE(forms::check_form({field}));
  return forms::canonical_form({field}, {{"f", std::move(values)}}, "salt");
}

std::string ballot(const FieldSpec& field, std::vector<std::string> values) {
  const auto ballots = form_of(field, std::move(values));
  REQUIRE(ballots);
  REQUIRE(ballots->size() == 1);
  return ballots->front();
}

std::string wrong_with(const FieldSpec& field, std::vector<std::string> values) {
  const auto ballots = form_of(field, std::move(values));
  REQUIRE_FALSE(ballots);
  CHECK(ballots.error().code == RefusalCode::answer_invalid);
  return ballots.error().detail;
}

}  // namespace

TEST_CASE("a choice's ballot is the option, and nothing else is taken") {
  CHECK(ballot(choice(), {"green"}) == "green");
  for (const char* value : {"Green", " green", "yellow"}) {
    CHECK_THAT(wrong_with(choice(), {value}), Catch::Contains("field 'f' has a value that is none of its options"));
  }
  CHECK_THAT(wrong_with(choice(), {"red", "green"}), Catch::Contains("one option"));
}

TEST_CASE("the same choices in any order are the same ballot") {
  std::vector<std::string> values{"blue", "green", "red"};
  do {
    CHECK(ballot(choices(), values) ==
          "red\x1fgreen\x1f"
          "blue");
  } while (std::next_permutation(values.begin(), values.end()));
  CHECK(ballot(choices(), {"blue"}) == "blue");
  CHECK_THAT(wrong_with(choices(), {"red", "red"}), Catch::Contains("twice"));
  CHECK_THAT(wrong_with(choices(), {"red", "pink"}), Catch::Contains("none of its options"));
  CHECK_THAT(wrong_with(choices(), {"red", ""}), Catch::Contains("empty"));
}

TEST_CASE("numbers that are equal are the same ballot") {
  for (const char* value : {"1.5", "+1.50", " 1.5 ", "01.500000", "1.5000000000"})
    CHECK(ballot(number(), {value}) == "1.5");
  CHECK(ballot(number(), {"-0"}) == "0");
  CHECK(ballot(number(), {".1"}) == "0.1");
  for (const char* value : {"one", "1,5", "1e3", "0.0000001", "99999999999999", "nan", "1 2", "0x1"}) {
    CHECK_THAT(wrong_with(number(), {value}), Catch::Contains("takes a decimal number"));
  }
  CHECK_THAT(wrong_with(number(), {"1", "2"}), Catch::Contains("one number"));
}

TEST_CASE("a number's bounds are included") {
  const FieldSpec field = with(with(number(), "min", "0"), "max", "10.50");
  CHECK(ballot(field, {"0"}) == "0");
  CHECK(ballot(field, {"10.5"}) == "10.5");
  CHECK_THAT(wrong_with(field, {"10.500001"}), Catch::Contains("takes a number from 0 to 10.5"));
  CHECK_THAT(wrong_with(field, {"-0.000001"}), Catch::Contains("takes a number from 0 to 10.5"));
}

TEST_CASE("a ballot of free text holds no content, and cannot be compared across salts and fields") {
  const std::string given = ballot(text(), {"Main Street 5"});
  CHECK(given.size() == 33);
  CHECK(given[0] == '#');
  CHECK(given.find_first_not_of("0123456789abcdef", 1) == std::string::npos);
  CHECK(ballot(text(), {" main  STREET 5\n"}) == given);
  CHECK(ballot(text(), {"Main Street 6"}) != given);

  FieldSpec other = text();
  other.name = "g";
  const auto of = [](const FieldSpec& field, std::string_view salt) {
    return forms::canonical_form({field}, {{field.name, {"Main Street 5"}}}, salt).value().front();
  };
  CHECK(of(text(), "salt") == given);
  CHECK(of(text(), "pepper") != given);
  CHECK(of(other, "salt") != given);
}

TEST_CASE("an exact text is compared byte by byte") {
  const FieldSpec field = with(text(), "compare", "exact");
  CHECK(ballot(field, {"A"}) != ballot(field, {"a"}));
  CHECK(ballot(field, {"a "}) != ballot(field, {"a"}));
  CHECK(ballot(field, {"a"}) == ballot(field, {"a"}));
}

TEST_CASE("a text is bounded in characters, not bytes") {
  const FieldSpec field = with(text(), "length_max", "3");
  CHECK(ballot(field, {"東京都"}).size() == 33);
  CHECK_THAT(wrong_with(field, {"abcd"}), Catch::Contains("at most 3 characters; this has 4"));
  CHECK(ballot(text(), {std::string(2000, 'x')}).size() == 33);
  CHECK_THAT(wrong_with(text(), {std::string(2001, 'x')}), Catch::Contains("at most 2000 characters"));
}

TEST_CASE("values of any type must be UTF-8 without NUL") {
  for (const FieldSpec& field : {choice(), choices(), number(), text()}) {
    for (const std::string& broken : {std::string("\xff"), std::string("a\0", 2), std::string("\xed\xa0\x80")}) {
      CHECK_THAT(wrong_with(field, {broken}), Catch::Contains("UTF-8"));
    }
  }
}

TEST_CASE("what shows nothing was not entered") {
  for (FieldSpec field : {choice(), choices(), number(), text()}) {
    for (const std::vector<std::string>& nothing : {std::vector<std::string>{}, {""}, {" \n"}, {"\u200b"}}) {
      field.required = true;
      CHECK(wrong_with(field, nothing) == "field 'f' is required");
      field.required = false;
      CHECK(forms::canonical_form({field}, {{"f", nothing}}, "salt").value() == Ballots{""});
    }
  }
}

TEST_CASE("an optional field may be missing, a required one not") {
  FieldSpec optional = number();
  optional.name = "n";
  optional.required = false;
  const std::vector<FieldSpec> form{choice(), optional};
  CHECK(forms::canonical_form(form, {{"f", {"red"}}}, "").value() == Ballots{"red", ""});
  CHECK(forms::canonical_form(form, {{"n", {"1"}}}, "").error().detail == "field 'f' is required");
}

TEST_CASE("ballots come in the order of the form") {
  FieldSpec last = number();
  last.name = "a";
  CHECK(forms::canonical_form({choice(), last}, {{"a", {"7"}}, {"f", {"red"}}}, "").value() == Ballots{"red", "7"});
}

TEST_CASE("a field that the form does not have is refused by name, never by content") {
  const auto refused = forms::canonical_form({choice()}, {{"f", {"red"}}, {"colour", {"secret"}}}, "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "the form has no field 'colour'");
  const auto harmful = forms::canonical_form({choice()}, {{"\x1b[2J", {"x"}}}, "");
  CHECK(harmful.error().detail == "the form has no field of that name");
}

TEST_CASE("no refusal of an answer tells what was entered") {
  for (const FieldSpec& field : {choice(), choices(), number()}) {
    CHECK(wrong_with(field, {"my secret"}).find("secret") == std::string::npos);
  }
}

TEST_CASE("each field names an aggregation method that there is") {
  CHECK(forms::default_method(choice()) == "plurality");
  CHECK(forms::default_method(number()) == "plurality");
  CHECK(forms::default_method(with(number(), "tolerance", "0")) == "plurality");
  CHECK(forms::default_method(with(number(), "tolerance", "0.5")) == "tolerance");
  CHECK(forms::tolerance_e6(with(number(), "tolerance", "0.5")) == 500'000);
  CHECK(forms::tolerance_e6(choice()) == 0);
  for (const FieldSpec& field : {choice(), choices(), text(), number(), with(number(), "tolerance", "1")}) {
    CHECK(aggregation::find_method(forms::default_method(field)) != nullptr);
  }
}

TEST_CASE("people read choices with semicolons, and only text is free") {
  CHECK(forms::readable(ballot(choices(), {"blue", "red"})) == "red; blue");
  CHECK(forms::readable("red") == "red");
  CHECK(forms::readable("").empty());
  CHECK(forms::is_free_text(text()));
  CHECK_FALSE(forms::is_free_text(number()));
}

TEST_CASE("any bytes at all give a ballot or a refusal that can be stored") {
  std::mt19937 random(3);
  const std::vector<FieldSpec> fields{choice(), choices(), number(), text()};
  for (int i = 0; i < 20'000; ++i) {
    std::string value;
    for (auto n = random() % 12; n > 0; --n)
      value += static_cast<char>(random() % 3 == 0 ? random() : '0' + random() % 10);
    const auto ballots = form_of(fields[random() % fields.size()], {value});
    if (!ballots) CHECK(forms::canonical_form({text()}, {{"f", {ballots.error().detail}}}, ""));
    if (ballots) CHECK(ballots->size() == 1);
  }
}
