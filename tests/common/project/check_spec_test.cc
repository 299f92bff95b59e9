#include "common/project/check_spec.h"

#include <catch2/catch.hpp>

using namespace tally;

namespace {

constexpr Time now{1'800'000'000'000};

ProjectSpec good() {
  ProjectSpec spec;
  spec.title = "Addresses";
  spec.item_template = "Photo: ${photo}, for $$1";
  spec.columns = {{"photo", ColumnKind::image}, {"city", ColumnKind::text}};
  spec.form = {{.name = "readable", .type = "choice", .label = "?", .options = {"yes", "no"}}};
  spec.reward = Micros{50'000};
  return spec;
}

// The detail of the refusal; empty when the spec is accepted.
std::string wrong_with(const ProjectSpec& spec) {
  const auto result = project::check_spec(spec, now);
  if (result) return "";
  CHECK(result.error().code == RefusalCode::spec_invalid);
  CHECK_FALSE(result.error().detail.empty());
  return result.error().detail;
}

template <class Member, class Value>
std::string wrong_with(Member member, Value value) {
  ProjectSpec spec = good();
  spec.*member = value;
  return wrong_with(spec);
}

}  // namespace

TEST_CASE("a spec with everything within its bounds is accepted") {
  CHECK(wrong_with(good()).empty());
  ProjectSpec edge = good();
  edge.title = std::string(200, 'x');
  edge.instructions = std::string(20'000, 'x');
  edge.item_template.clear();
  edge.reward = amount_max;
  edge.redundancy = {.min = 100, .max = 100, .quorum = 100};
  edge.lease = Duration{1000};
  edge.deadline_ms = now.ms + 1;
  CHECK(wrong_with(edge).empty());
}

TEST_CASE("a title is one line of 1 to 200 characters") {
  for (const std::string& title : {std::string(), std::string("  "), std::string(201, 'x'), std::string("a\nb"),
                                   std::string("\xff"), std::string("a\0", 2), std::string("\x1b[2J")}) {
    CHECK_THAT(wrong_with(&ProjectSpec::title, title), Catch::StartsWith("title"));
  }
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "東";
  CHECK(wrong_with(&ProjectSpec::title, wide).empty());
}

TEST_CASE("instructions and template are bounded text that can be stored") {
  for (const std::string& text : {std::string(20'001, 'x'), std::string("\xc3"), std::string("\0", 1),
                                  std::string("\x1b"), std::string("a\r\n")}) {
    CHECK_THAT(wrong_with(&ProjectSpec::instructions, text), Catch::StartsWith("instructions"));
    CHECK_THAT(wrong_with(&ProjectSpec::item_template, text), Catch::StartsWith("template"));
  }
  CHECK(wrong_with(&ProjectSpec::instructions, std::string("one\n\ttwo")).empty());
}

TEST_CASE("columns have names of their own that a template can say") {
  const auto with = [](const std::vector<std::string>& names) {
    ProjectSpec spec = good();
    spec.item_template.clear();
    spec.columns.clear();
    for (const std::string& name : names) spec.columns.push_back({name, ColumnKind::text});
    return wrong_with(spec);
  };
  CHECK(with({"image url", "Größe", "a.b-c"}).empty());
  CHECK_THAT(with({}), Catch::Contains("1 to 200 columns"));
  CHECK_THAT(with({"a", "a"}), Catch::Contains("twice"));
  for (const char* name : {"", " ", " a", "a ", "_answers", "a}", "${a", "a\nb", "\xff"}) {
    CHECK_THAT(with({"fine", name}), Catch::StartsWith("the name of column 2 "));
  }
  CHECK_THAT(with({std::string(101, 'a')}), Catch::Contains("over 100 bytes"));
  std::vector<std::string> many;
  for (int i = 0; i <= 200; ++i) many.push_back("c" + std::to_string(i));
  CHECK_THAT(with(many), Catch::Contains("1 to 200 columns"));
  many.pop_back();
  CHECK(with(many).empty());
}

TEST_CASE("a template names only columns there are") {
  CHECK_THAT(wrong_with(&ProjectSpec::item_template, std::string("a\nb ${foto}")),
             Catch::Equals("template, line 2: there is no column 'foto'; did you mean 'photo'?"));
}

TEST_CASE("the form is checked with the spec") {
  ProjectSpec spec = good();
  spec.form[0].options = {"yes"};
  CHECK_THAT(wrong_with(spec), Catch::Contains("'readable' needs 2 to 200 options"));
  spec.form.clear();
  CHECK_THAT(wrong_with(spec), Catch::Contains("1 to 64 fields"));
}

TEST_CASE("a reward is more than zero and no more than an amount can be") {
  for (const std::int64_t micros : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, amount_max.value + 1, INT64_MAX}) {
    CHECK_THAT(wrong_with(&ProjectSpec::reward, Micros{micros}), Catch::StartsWith("reward"));
  }
  CHECK(wrong_with(&ProjectSpec::reward, Micros{1}).empty());
}

TEST_CASE("redundancy keeps 1 <= min <= max <= 100 and 1 <= quorum <= max") {
  for (const Redundancy& redundancy :
       {Redundancy{0, 5, 2}, Redundancy{-1, 5, 2}, Redundancy{6, 5, 2}, Redundancy{3, 101, 2}, Redundancy{3, 5, 0},
        Redundancy{3, 5, 6}, Redundancy{INT32_MIN, INT32_MAX, 1}}) {
    CHECK_THAT(wrong_with(&ProjectSpec::redundancy, redundancy), Catch::StartsWith("redundancy"));
  }
  CHECK(wrong_with(&ProjectSpec::redundancy, Redundancy{1, 1, 1}).empty());
  CHECK(wrong_with(&ProjectSpec::redundancy, Redundancy{1, 5, 5}).empty());
}

TEST_CASE("a theta is a probability above one half, and needs a choice among a few options") {
  for (const std::int64_t theta_ppm :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{1}, std::int64_t{499'999}, std::int64_t{1'000'000}, INT64_MAX}) {
    CHECK_THAT(wrong_with(&ProjectSpec::redundancy, Redundancy{3, 5, 2, theta_ppm}),
               Catch::Equals("redundancy theta must be from 0.5 to 0.999999"));
  }
  ProjectSpec spec = good();
  spec.redundancy.theta_ppm = 990'000;
  spec.form = {{"bird", "choice", "Which?", true, {"a", "b"}, {}}};
  CHECK(wrong_with(spec).empty());
  spec.form[0].required = false;
  spec.form.push_back({"note", "text", "What?", true, {}, {}});
  CHECK_THAT(wrong_with(spec), Catch::Contains("needs a required field of type choice"));
  spec.form[0].required = true;
  for (int i = 0; i < 31; ++i) spec.form[0].options.push_back("option " + std::to_string(i));
  CHECK_THAT(wrong_with(spec), Catch::Contains("'bird' has more than 32 options"));
}

TEST_CASE("a confidence is below certainty, is not asked for beside a theta, and brings the audit") {
  for (const std::int64_t ppm : {std::int64_t{-1}, std::int64_t{499'999}, std::int64_t{999'001}, INT64_MAX}) {
    CHECK_THAT(wrong_with(&ProjectSpec::redundancy, Redundancy{3, 5, 2, 0, ppm}),
               Catch::Equals("redundancy confidence must be from 0.5 to 0.999"));
  }
  CHECK_THAT(wrong_with(&ProjectSpec::redundancy, Redundancy{3, 5, 2, 900'000, 900'000}),
             Catch::Contains("theta or confidence, not both"));
  CHECK_THAT(wrong_with(&ProjectSpec::redundancy, Redundancy{3, 5, 2, 0, 900'000, 500'001}),
             Catch::Contains("audit must be from 0 to 0.5"));
  CHECK_THAT(wrong_with(&ProjectSpec::redundancy, Redundancy{3, 5, 2, 900'000, 0, 1}),
             Catch::Contains("audit goes with confidence"));
  ProjectSpec spec = good();
  spec.redundancy = {3, 5, 2, 0, 950'000, 20'000};
  spec.form = {{"note", "text", "What?", true, {}, {}}};
  CHECK_THAT(wrong_with(spec), Catch::Contains("confidence needs a required field of type choice"));
  spec.form = {{"bird", "choice", "Which?", true, {"a", "b"}, {}}};
  CHECK(wrong_with(spec).empty());
}

TEST_CASE("lengths of time keep their bounds") {
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{999}, INT64_MAX, INT64_MIN}) {
    CHECK_THAT(wrong_with(&ProjectSpec::lease, Duration{ms}), Catch::Equals("lease must be from 1s to 30d"));
    CHECK_THAT(wrong_with(&ProjectSpec::review_delay, Duration{ms}), Catch::StartsWith("review_delay"));
    CHECK_THAT(wrong_with(&ProjectSpec::patience, Duration{ms}), Catch::StartsWith("patience"));
  }
  CHECK(wrong_with(&ProjectSpec::lease, project::lease_max).empty());
  CHECK_FALSE(wrong_with(&ProjectSpec::lease, Duration{project::lease_max.ms + 1}).empty());
}

TEST_CASE("a deadline is in the future, or there is none") {
  CHECK(wrong_with(&ProjectSpec::deadline_ms, 0).empty());
  for (const std::int64_t ms : {now.ms, now.ms - 1, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    CHECK_THAT(wrong_with(&ProjectSpec::deadline_ms, ms), Catch::StartsWith("deadline"));
  }
}

TEST_CASE("tasks per worker are not negative") {
  CHECK(wrong_with(&ProjectSpec::tasks_per_worker_max, 1).empty());
  CHECK_FALSE(wrong_with(&ProjectSpec::tasks_per_worker_max, -1).empty());
  CHECK_FALSE(wrong_with(&ProjectSpec::tasks_per_worker_max, INT64_MAX).empty());
}
