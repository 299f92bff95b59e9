// [require] and [training]: as a project file says them, and as the broker checks them.
#include <catch2/catch.hpp>

#include "common/project/check_people.h"
#include "common/project/check_spec.h"
#include "common/project/people_text.h"
#include "common/project/project_file.h"

using namespace tally;
using namespace tally::project;

namespace {

const std::string small = R"(title = "T"
reward = "0.05"
[[field]]
name = "bird"
type = "choice"
options = ["robin", "wren"]
)";

ProjectFile parsed(const std::string& text) {
  const auto file = project_from_toml(text, "p.toml");
  if (!file) FAIL(file.error());
  return *file;
}

// With this after the small file, whose sections begin at line 7.
std::string wrong(const std::string& section) {
  const auto file = project_from_toml(small + section + "\n", "p.toml");
  INFO(section);
  REQUIRE_FALSE(file);
  return file.error();
}

ProjectSpec good() {
  ProjectSpec spec = parsed(small).spec;
  spec.columns = {{"photo", ColumnKind::text}};
  spec.require.qualifications = {{"adult", 0}, {"french", 80}};
  spec.require.judged_min = 100;
  spec.require.agreement_ppm = 900'000;
  spec.require.gold_ppm = 700'000;
  spec.training.tasks = {{{"1.jpg"}, {{"bird", {"robin"}}}, "Red."}};
  spec.training.grants = "birds";
  return spec;
}

template <class Change>
std::string refused(const Change& change) {
  ProjectSpec spec = good();
  change(spec);
  const auto checked = check_spec(spec, Time{});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == RefusalCode::spec_invalid);
  return checked.error().detail;
}

}  // namespace

TEST_CASE("what a project file asks of workers reaches its place") {
  const ProjectFile file = parsed(small + R"([require]
qualifications = { french = 80, adult = 0 }
judged = 100
agreement = 0.9
gold = 0.7
gold_after = 8
[training]
file = "training.csv"
pass = 0.75
rounds = 3
grants = "birds"
)");
  const Requirements& require = file.spec.require;
  CHECK(require.qualifications == std::vector<QualificationNeed>{{"adult", 0}, {"french", 80}});
  CHECK(require.judged_min == 100);
  CHECK(require.agreement_ppm == 900'000);
  CHECK(require.gold_ppm == 700'000);
  CHECK(require.gold_after == 8);
  CHECK(file.training_file == "training.csv");
  CHECK(file.spec.training == Training{{}, 750'000, 3, "birds"});

  const ProjectFile named = parsed(small + "[require]\nqualifications = [\"b\", \"a\"]\n[training]\nfile = \"t\"\n");
  CHECK(named.spec.require.qualifications == std::vector<QualificationNeed>{{"a", 0}, {"b", 0}});
  CHECK(named.spec.training == Training{});
  CHECK(parsed(small + "[training]\nfile = \"t\"\npass = 1\n").spec.training.pass_ppm == 1'000'000);
  CHECK(parsed(small).training_file.empty());
  CHECK(parsed("redundancy = { theta = 0.9, checks = 0.1 }\n" + small).spec.redundancy.checks_ppm == 100'000);
}

TEST_CASE("what a project file asks of workers wrongly is refused at its line") {
  CHECK_THAT(wrong("[require]\njudgd = 5"), Catch::Equals("p.toml:8: unknown key 'judgd' in [require]; did you mean "
                                                          "'judged'?"));
  CHECK_THAT(wrong("[require]\njudged = -1"), Catch::StartsWith("p.toml:8: judged must be a whole number from 0"));
  for (const char* share : {"1.1", "-0.1", "true", "\"0.9\"", "nan", "inf", "2", "9e99"}) {
    CHECK_THAT(wrong(std::string("[require]\nagreement = ") + share),
               Catch::StartsWith("p.toml:8: agreement must be from 0.0 to 1.0"));
    CHECK_THAT(wrong(std::string("[require]\ngold = ") + share), Catch::StartsWith("p.toml:8: gold must be from"));
    CHECK_THAT(wrong(std::string("[training]\nfile = \"t\"\npass = ") + share),
               Catch::StartsWith("p.toml:9: pass must be above 0.0"));
  }
  CHECK_THAT(wrong("[training]\nfile = \"t\"\npass = 0.0"), Catch::Contains("pass must be above 0.0"));
  CHECK_THAT(wrong("[require]\ngold = 0.5\ngold_after = 0"), Catch::StartsWith("p.toml:9: gold_after must be"));
  CHECK_THAT(wrong("[require]\ngold_after = 5"), Catch::Contains("gold_after goes with gold in [require]"));
  CHECK_THAT(wrong("[require]\nqualifications = \"french\""), Catch::Contains("scores by name, { french = 80 }"));
  CHECK_THAT(wrong("[require]\nqualifications = [1]"), Catch::Contains("must be names in quotes"));
  CHECK_THAT(wrong("[require]\nqualifications = [\"a\", \"a\"]"), Catch::Contains("has 'a' twice"));
  CHECK_THAT(wrong("[require]\nqualifications = [\"French\"]"), Catch::Contains("begins with a letter"));
  CHECK_THAT(wrong("[require]\nqualifications = { a = 101 }"),
             Catch::Contains("the score of 'a' must be a whole number from 0 to 100"));
  CHECK_THAT(wrong("[require]\nqualifications = { a = \"x\" }"), Catch::Contains("the score of 'a'"));
  CHECK_THAT(wrong("[training]\npass = 0.5"), Catch::StartsWith("p.toml:7: file is missing in [training]"));
  CHECK_THAT(wrong("[training]\nfile = \"\""), Catch::Contains("must name a CSV file"));
  CHECK_THAT(wrong("[training]\nfile = \"t\"\nrounds = 21"),
             Catch::Contains("rounds must be a whole number from 1 to"));
  CHECK_THAT(wrong("[training]\nfile = \"t\"\ngrants = \"A\""), Catch::Contains("grants in [training]"));
  CHECK_THAT(wrong("[redundancy]\nchecks = 0.1"), Catch::Contains("checks goes with theta or confidence"));
  CHECK_THAT(wrong("[redundancy]\ntheta = 0.9\nchecks = 0.6"), Catch::Contains("checks must be from 0.0 to 0.5"));
}

TEST_CASE("a spec that asks something of workers within the bounds is accepted") {
  CHECK(check_spec(good(), Time{}));
  ProjectSpec edge = good();
  edge.training.tasks.resize(training_tasks_max, edge.training.tasks.front());
  edge.training.tasks.front().explanation = std::string(2'000, 'x');
  edge.training.pass_ppm = 1;
  edge.training.rounds_max = 20;
  edge.require.qualifications = {{"a" + std::string(39, '-'), 100}};
  edge.redundancy.theta_ppm = 990'000;
  edge.redundancy.checks_ppm = checks_ppm_max;
  CHECK(check_spec(edge, Time{}));
}

TEST_CASE("the broker refuses requirements that nobody could mean") {
  using Needs = std::vector<QualificationNeed>;
  for (const Needs& needs : {Needs{{"", 0}}, Needs{{"A", 0}}, Needs{{"1a", 0}}, Needs{{"a b", 0}}, Needs{{"\xff", 0}},
                             Needs{{std::string(41, 'a'), 0}}, Needs{{"a", -1}}, Needs{{"a", 101}},
                             Needs{{"a", 1}, {"a", 2}}, Needs(21, {"a", 0})}) {
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.require.qualifications = needs; }), Catch::StartsWith("require"));
  }
  for (const std::int64_t wrong : {std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.require.judged_min = wrong; }), Catch::Contains("judged"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.require.agreement_ppm = wrong; }), Catch::Contains("agreement"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.require.gold_ppm = wrong; }), Catch::Contains("gold"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.require.gold_after = wrong; }), Catch::Contains("gold_after"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.training.pass_ppm = wrong; }), Catch::Contains("pass"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.training.rounds_max = wrong; }), Catch::Contains("rounds"));
    CHECK_THAT(refused([&](ProjectSpec& spec) { spec.redundancy.checks_ppm = wrong; }), Catch::Contains("checks"));
  }
  CHECK_THAT(refused([](ProjectSpec& spec) { spec.redundancy.checks_ppm = 1; }), Catch::Contains("goes with theta"));
}

TEST_CASE("the broker refuses a training that nobody could pass, or that is too large") {
  const auto task = [](auto change) {
    return refused([&](ProjectSpec& spec) { change(spec.training.tasks.front()); });
  };
  CHECK_THAT(task([](TrainingTask& t) { t.values = {}; }),
             Catch::Equals("training task 1: it has 0 values for 1 columns"));
  CHECK_THAT(task([](TrainingTask& t) { t.values = {std::string("a\0", 2)}; }), Catch::Contains("not UTF-8"));
  CHECK_THAT(task([](TrainingTask& t) { t.gold.clear(); }), Catch::Contains("nothing says what is right"));
  CHECK_THAT(task([](TrainingTask& t) { t.gold["fish"] = {"robin"}; }), Catch::Contains("the form does not have"));
  CHECK_THAT(task([](TrainingTask& t) { t.gold["bird"] = {"eagle"}; }), Catch::Contains("is no answer"));
  CHECK_THAT(task([](TrainingTask& t) { t.gold["bird"] = {}; }), Catch::Contains("is no answer"));
  CHECK_THAT(task([](TrainingTask& t) { t.explanation = std::string(2'001, 'x'); }), Catch::Contains("over 2000"));
  CHECK_THAT(task([](TrainingTask& t) { t.explanation = "\x1b"; }), Catch::Contains("control characters"));
  CHECK_THAT(refused([](ProjectSpec& s) { s.training.tasks.resize(51, s.training.tasks.front()); }),
             Catch::Contains("more than 50 tasks"));
  CHECK_THAT(refused([](ProjectSpec& s) { s.training.tasks.front().values[0] = std::string(200'001, 'x'); }),
             Catch::Contains("over 200000 bytes"));
  CHECK_THAT(refused([](ProjectSpec& s) { s.training.tasks.clear(); }), Catch::Contains("training has no tasks"));
  CHECK_THAT(refused([](ProjectSpec& s) { s.training.pass_ppm = 0; }), Catch::Contains("pass must be above 0"));
  CHECK_THAT(refused([](ProjectSpec& s) { s.training.grants = "Birds"; }), Catch::StartsWith("training grants"));
}

TEST_CASE("what is asked of workers is said in words") {
  CHECK(texts_of(good().require) ==
        std::vector<std::string>{"the qualification 'adult'", "the qualification 'french' with a score of 80 or more",
                                 "100 answers that a verdict judged, over all projects",
                                 "agreement of such answers with the verdict: 90% or more",
                                 "70% right of the tasks with a known answer, once 5 of them were answered"});
  CHECK(texts_of({}).empty());
  CHECK(text_of(Training{}).empty());
  CHECK(text_of(good().training) ==
        "1 task, unpaid; 1 right pass; at most 2 rounds; who passes is given the qualification 'birds'");
}
