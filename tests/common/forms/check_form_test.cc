#include <catch2/catch.hpp>

#include "common/forms/form.h"

using namespace tally;

namespace {

FieldSpec choice() { return {.name = "colour", .type = "choice", .label = "Which?", .options = {"red", "green"}}; }
FieldSpec number() { return {.name = "count", .type = "number", .label = "How many?"}; }
FieldSpec text() { return {.name = "caption", .type = "text", .label = "Say it"}; }

FieldSpec with(FieldSpec field, const std::string& setting, const std::string& value) {
  field.settings[setting] = value;
  return field;
}

// The detail of the refusal; empty when the form is accepted.
std::string wrong_with(const std::vector<FieldSpec>& form) {
  const auto result = forms::check_form(form);
  if (result) return "";
  CHECK(result.error().code == RefusalCode::spec_invalid);
  return result.error().detail;
}

}  // namespace

TEST_CASE("a form with one field of each type is accepted") {
  FieldSpec many = choice();
  many.name = "colours";
  many.type = "choices";
  CHECK(wrong_with({choice(), many, with(with(number(), "min", "-1.5"), "tolerance", "0.25"),
                    with(with(text(), "compare", "exact"), "length_max", "10000")})
            .empty());
}

TEST_CASE("a form has 1 to 64 fields with names of their own, one of them required") {
  CHECK_THAT(wrong_with({}), Catch::Contains("1 to 64 fields"));
  CHECK_THAT(wrong_with({choice(), choice()}), Catch::Contains("field 'colour' is there twice"));
  FieldSpec optional = number();
  optional.required = false;
  CHECK_THAT(wrong_with({optional}), Catch::Contains("at least one field must be required"));
  std::vector<FieldSpec> form(64, number());
  for (std::size_t i = 0; i < form.size(); ++i) form[i].name = "n" + std::to_string(i);
  CHECK(wrong_with(form).empty());
  form.push_back(choice());
  CHECK_THAT(wrong_with(form), Catch::Contains("1 to 64 fields"));
}

TEST_CASE("a field's name is small letters, digits and underscores") {
  for (const std::string& name :
       {std::string(), std::string("Colour"), std::string("1st"), std::string("_a"), std::string("a-b"),
        std::string("a b"), std::string("é"), std::string("a\x1b"), std::string(65, 'a')}) {
    INFO(name);
    FieldSpec field = choice();
    field.name = name;
    const std::string detail = wrong_with({field});
    CHECK_THAT(detail, Catch::Contains("needs a name"));
    CHECK(detail.find('\x1b') == std::string::npos);
  }
  FieldSpec field = choice();
  field.name = std::string(64, 'z');
  CHECK(wrong_with({field}).empty());
}

TEST_CASE("an unknown type is refused with the types there are") {
  FieldSpec field = choice();
  field.type = "radio";
  CHECK_THAT(wrong_with({field}), Catch::Contains("choice, choices, number, text"));
}

TEST_CASE("a choice needs 2 to 200 different options that can be seen") {
  FieldSpec field = choice();
  field.options = {"one"};
  CHECK_THAT(wrong_with({field}), Catch::Contains("2 to 200"));
  field.options = {"one", "one"};
  CHECK_THAT(wrong_with({field}), Catch::Contains("has the option 'one' twice"));
  for (const std::string& broken :
       {std::string(" "), std::string("\u200b"),
        std::string("a\x1f"
                    "b"),
        std::string("a\nb"), std::string("\xff"), std::string("a\0b", 3), std::string(501, 'x')}) {
    field.options = {"one", broken};
    CHECK_THAT(wrong_with({field}), Catch::Contains("option"));
  }
  field.options.clear();
  for (int i = 0; i < 200; ++i) field.options.push_back(std::to_string(i));
  CHECK(wrong_with({field}).empty());
  field.options.emplace_back("200");
  CHECK_THAT(wrong_with({field}), Catch::Contains("2 to 200"));
}

TEST_CASE("options of a field that has none are refused") {
  FieldSpec field = number();
  field.options = {"1", "2"};
  CHECK_THAT(wrong_with({field}), Catch::Contains("of type number has no options"));
}

TEST_CASE("a setting that the type does not have is refused") {
  CHECK_THAT(wrong_with({with(choice(), "tolerance", "1")}),
             Catch::Contains("of type choice has no setting 'tolerance'"));
  CHECK_THAT(wrong_with({with(number(), "maximum", "1")}), Catch::Contains("it has max, min, tolerance"));
}

TEST_CASE("settings that cannot be meant are refused") {
  CHECK_THAT(wrong_with({with(number(), "min", "low")}), Catch::Contains("setting min must be a decimal"));
  CHECK_THAT(wrong_with({with(number(), "tolerance", "-1")}), Catch::Contains("not be negative"));
  CHECK_THAT(wrong_with({with(with(number(), "min", "2"), "max", "1")}), Catch::Contains("min is above max"));
  for (const char* length : {"0", "-1", "10001", "many", ""}) {
    CHECK_THAT(wrong_with({with(text(), "length_max", length)}), Catch::Contains("length_max"));
  }
  CHECK_THAT(wrong_with({with(text(), "compare", "fuzzy")}), Catch::Contains("normalised or exact"));
}

TEST_CASE("a label is one line that can be seen, of at most 2000 bytes") {
  FieldSpec field = number();
  for (const std::string& label :
       {std::string(), std::string(" "), std::string("a\nb"), std::string("\xc3"), std::string(2001, 'a')}) {
    field.label = label;
    CHECK_THAT(wrong_with({field}), Catch::Contains("label"));
  }
}

TEST_CASE("a form as a whole is bounded") {
  FieldSpec field = choice();
  field.options.clear();
  for (int i = 0; i < 200; ++i) field.options.push_back(std::to_string(i) + std::string(490, 'x'));
  CHECK(wrong_with({field}).empty());
  FieldSpec second = field;
  second.name = "second";
  CHECK_THAT(wrong_with({field, second}), Catch::Contains("over 100000 bytes"));
}
