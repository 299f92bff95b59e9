#include "common/project/project_file.h"

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>

#include "common/project/check_spec.h"
#include "common/project/columns.h"
#include "common/project/items_csv.h"

using namespace tally;
using namespace tally::project;

namespace {

const std::string small = R"(title = "T"
reward = "0.05"
[[field]]
name = "f"
type = "choice"
options = ["a", "b"]
)";

ProjectSpec parsed(const std::string& text) {
  const auto file = project_from_toml(text, "p.toml");
  if (!file) FAIL(file.error());
  return file->spec;
}

std::string wrong_with(const std::string& text) {
  const auto spec = project_from_toml(text, "p.toml");
  INFO(text);
  REQUIRE_FALSE(spec);
  return spec.error();
}

// The small file with one line more at its top, which is then line 1.
std::string wrong_top(const std::string& line) { return wrong_with(line + "\n" + small); }
// With one line more at its end, in the field: line 7.
std::string wrong_field(const std::string& line) { return wrong_with(small + line + "\n"); }
std::string wrong_reward(const std::string& value) {
  return wrong_with("title = \"T\"\nreward = " + value + "\n[[field]]\nname = \"f\"\ntype = \"text\"\n");
}

std::string page() {
  const char* root = std::getenv("TALLY_SOURCE_DIR");
  std::ifstream in(std::string(root == nullptr ? "." : root) + "/docs/project-file.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

// The first code block of the documentation in this language.
std::string block(const std::string& language) {
  const std::string page = ::page();
  const std::string begin = "```" + language + "\n";
  const auto from = page.find(begin);
  REQUIRE(from != std::string::npos);
  return page.substr(from + begin.size(), page.find("```\n", from + begin.size()) - from - begin.size());
}

}  // namespace

TEST_CASE("the documented project with its items is accepted") {
  ProjectSpec spec = parsed(block("toml"));
  std::istringstream in(block("csv"));
  auto reader = ItemsReader::open(in);
  REQUIRE(reader);
  REQUIRE(fit_columns(spec, reader->header()));
  const auto checked = check_spec(spec, Time{1'800'000'000'000});
  if (!checked) FAIL(checked.error().detail);
  CHECK(spec.title == "Is this address readable?");
  CHECK(spec.reward == Micros{50'000});
  CHECK(spec.lease == Duration{600'000});
  CHECK(spec.deadline_ms == time_from("2099-12-31T18:00:00Z")->ms);
  CHECK(spec.redundancy == Redundancy{3, 5, 2});
  CHECK(spec.columns == std::vector<ColumnSpec>{{"photo", ColumnKind::image}, {"city", ColumnKind::text}});
  REQUIRE(spec.form.size() == 3);
  CHECK(spec.form[1].settings == std::map<std::string, std::string>{{"length_max", "200"}});
  CHECK(spec.form[2].settings ==
        std::map<std::string, std::string>{{"max", "9999"}, {"min", "1"}, {"tolerance", "0.5"}});
  CHECK(spec.form[2].label == "house_number");
  CHECK_FALSE(spec.form[2].required);
  CHECK((*reader->next())->item.values == std::vector<std::string>{"https://photos.example/1.jpg", "Zürich"});
}

TEST_CASE("the documented sections about workers are accepted") {
  for (const char* section : {"[require]\n", "[training]\n"}) {
    const std::string all = page();
    const auto from = all.find(std::string("```toml\n") + section);
    REQUIRE(from != std::string::npos);
    const ProjectSpec spec = parsed(small + all.substr(from + 8, all.find("```\n", from + 8) - from - 8));
    CHECK(spec != parsed(small));
  }
}

TEST_CASE("what the file does not say has its default") {
  ProjectSpec expected;
  expected.title = "T";
  expected.reward = Micros{50'000};
  expected.form = {{.name = "f", .type = "choice", .label = "f", .options = {"a", "b"}}};
  CHECK(parsed(small) == expected);
}

TEST_CASE("every key reaches its place") {
  const ProjectSpec spec = parsed(R"(instructions = "i"
template = "${a}"
pay = "review"
lease = "90s"
review_delay = "2d"
patience = "3h"
deadline = 2030-01-02
tasks_per_worker_max = 7
pull_by_item = true
redundancy = { min = 2, max = 9, quorum = 4, theta = 0.995 }
columns = { a = "link", "b c" = "text" }
)" + small);
  CHECK(spec.instructions == "i");
  CHECK(spec.item_template == "${a}");
  CHECK(spec.pay == PayPolicy::review);
  CHECK(spec.lease == Duration{90'000});
  CHECK(spec.review_delay == Duration{2LL * 86'400'000});
  CHECK(spec.patience == Duration{3LL * 3'600'000});
  CHECK(spec.deadline_ms == time_from("2030-01-02")->ms);
  CHECK(spec.tasks_per_worker_max == 7);
  CHECK(spec.pull_by_item);
  CHECK(spec.redundancy == Redundancy{2, 9, 4, 995'000});
  CHECK(spec.columns == std::vector<ColumnSpec>{{"a", ColumnKind::link}, {"b c", ColumnKind::text}});
}

TEST_CASE("a reward is exact, or refused") {
  const auto reward = [](const std::string& value) {
    return parsed("title = \"T\"\nreward = " + value + "\n[[field]]\nname = \"f\"\ntype = \"text\"\n").reward;
  };
  CHECK(reward("\"0.000001\"") == Micros{1});
  CHECK(reward("3") == Micros{3'000'000});
  CHECK_THAT(wrong_reward("0.05"),
             Catch::StartsWith("p.toml:2: reward must be in quotes") && Catch::Contains("binary fraction"));
  CHECK_THAT(wrong_reward("1e3"), Catch::Contains("binary fraction"));
  for (const char* value : {"\"\"", "\"-1\"", "\"0.0000001\"", "\"1,5\"", "-1", "9223372036854775807", "true", "[1]"}) {
    CHECK_THAT(wrong_reward(value), Catch::StartsWith("p.toml:2: reward must"));
  }
}

TEST_CASE("a deadline has a zone") {
  const auto deadline = [](const std::string& value) {
    return parsed("deadline = " + value + "\n" + small).deadline_ms;
  };
  const std::int64_t moment = time_from("2030-06-01T10:00:00Z")->ms;
  CHECK(deadline("2030-06-01T10:00:00Z") == moment);
  CHECK(deadline("2030-06-01T12:00:00+02:00") == moment);
  CHECK(deadline("2030-06-01T05:30:00-04:30") == moment);
  CHECK(deadline("\"2030-06-01T10:00:00Z\"") == moment);
  for (const char* value : {"2030-06-01T10:00:00", "10:00:00", "\"tomorrow\"", "5"}) {
    CHECK_THAT(wrong_top(std::string("deadline = ") + value), Catch::StartsWith("p.toml:1: deadline must be a moment"));
  }
}

TEST_CASE("an unknown key is refused at its line, with the nearest name") {
  CHECK_THAT(wrong_top("instrctions = \"x\""),
             Catch::Equals("p.toml:1: unknown key 'instrctions'; did you mean 'instructions'?"));
  CHECK_THAT(wrong_top("zzz = 1"), Catch::Equals("p.toml:1: unknown key 'zzz'"));
  CHECK_THAT(wrong_field("option = []"),
             Catch::Equals("p.toml:7: unknown key 'option' in [[field]]; did you mean 'options'?"));
  CHECK_THAT(wrong_field("tolerance = 1"), Catch::StartsWith("p.toml:7: unknown key 'tolerance' in [[field]]"));
  CHECK_THAT(wrong_with(small + "[redundancy]\nqurom = 2\n"),
             Catch::Equals("p.toml:8: unknown key 'qurom' in [redundancy]; did you mean 'quorum'?"));
}

TEST_CASE("a value of the wrong type or out of range is refused at its line") {
  CHECK_THAT(wrong_top("instructions = 5"), Catch::Equals("p.toml:1: instructions must be text in quotes"));
  CHECK_THAT(wrong_top("lease = 600"), Catch::StartsWith("p.toml:1: lease must be a length of time"));
  CHECK_THAT(wrong_top("lease = \"10 minutes\""), Catch::StartsWith("p.toml:1: lease must be a length of time"));
  CHECK_THAT(wrong_top("pay = \"agreing\""),
             Catch::Equals("p.toml:1: pay must be one of \"agreeing\", \"all\", \"review\"; did you mean 'agreeing'?"));
  CHECK_THAT(wrong_top("pull_by_item = \"yes\""), Catch::Contains("true or false"));
  CHECK_THAT(wrong_top("tasks_per_worker_max = -1"), Catch::Contains("whole number from 0"));
  CHECK_THAT(wrong_top("redundancy = 3"), Catch::Contains("must be a table"));
  CHECK_THAT(wrong_top("redundancy = { min = 101 }"), Catch::Contains("from 1 to 100"));
  CHECK_THAT(wrong_top("redundancy = { min = 4, max = 3 }"), Catch::Contains("max must not be below min"));
  CHECK_THAT(wrong_top("redundancy = { quorum = 6 }"), Catch::Contains("quorum must not be above max"));
  for (const char* theta : {"1", "1.0", "0.4", "-0.9", "nan", "inf", "\"0.9\"", "[0.9]"}) {
    CHECK_THAT(wrong_top(std::string("redundancy = { theta = ") + theta + " }"),
               Catch::Contains("theta must be from 0.5 to 0.999999, such as 0.99"));
  }
  for (const char* confidence : {"1", "1.0", "0.4", "-0.9", "nan", "\"0.9\""}) {
    CHECK_THAT(wrong_top(std::string("redundancy = { confidence = ") + confidence + " }"),
               Catch::Contains("confidence must be from 0.5 to 0.999, such as 0.95"));
  }
  CHECK_THAT(wrong_top("redundancy = { confidence = 0.9, audit = 0.6 }"),
             Catch::Contains("audit must be from 0.0 to 0.5, such as 0.02"));
  CHECK_THAT(wrong_top("redundancy = { audit = 0.1 }"), Catch::Contains("audit goes with confidence"));
  CHECK_THAT(wrong_top("redundancy = { theta = 0.9, confidence = 0.9 }"),
             Catch::Contains("takes theta or confidence, not both"));
  CHECK_THAT(wrong_top("columns = { a = \"picture\" }"), Catch::Contains("the kind of column 'a' must be one of"));
  CHECK_THAT(wrong_field("required = 1"), Catch::StartsWith("p.toml:7: required must be true or false"));
  CHECK_THAT(wrong_field("label = 1"), Catch::StartsWith("p.toml:7: label must be text"));
}

TEST_CASE("what is missing is named") {
  CHECK_THAT(wrong_with("reward = 1\n[[field]]\nname = \"f\"\ntype = \"text\"\n"), Catch::Contains("title is missing"));
  CHECK_THAT(wrong_with("title = \"T\"\n[[field]]\nname = \"f\"\ntype = \"text\"\n"),
             Catch::Contains("reward is missing"));
  CHECK_THAT(wrong_with("title = \"T\"\nreward = 1\n"), Catch::Contains("[[field]] is missing"));
  CHECK_THAT(wrong_with("title = \"T\"\nreward = 1\n[[field]]\ntype = \"text\"\n"),
             Catch::Equals("p.toml:3: name is missing in [[field]]"));
  CHECK_THAT(wrong_with("title = \"T\"\nreward = 1\n[field]\nname = \"f\"\n"), Catch::Contains("in two brackets"));
  CHECK_THAT(wrong_with(""), Catch::StartsWith("p.toml:"));
}

TEST_CASE("a field that is no field is refused at its line") {
  CHECK_THAT(wrong_with(small + "[[field]]\nname = \"g\"\ntype = \"radio\"\nfoo = 1\n"),
             Catch::StartsWith("p.toml:7: field 'g' has the unknown type 'radio'"));
  CHECK_THAT(wrong_with(small + "[[field]]\nname = \"g\"\ntype = \"choice\"\n"),
             Catch::StartsWith("p.toml:7: field 'g' needs 2 to 200 options"));
  CHECK_THAT(wrong_with(small + "[[field]]\nname = \"g\"\ntype = \"choice\"\noptions = [1, 2]\n"),
             Catch::StartsWith("p.toml:7") || Catch::StartsWith("p.toml:10"));
  CHECK_THAT(wrong_with(small + "[[field]]\nname = \"f\"\ntype = \"text\"\n"), Catch::Contains("'f' is there twice"));
  CHECK_THAT(wrong_field("required = false"), Catch::Contains("at least one field must be required"));
}

TEST_CASE("a decimal setting is taken as it was typed") {
  const auto tolerance = [](const std::string& typed) {
    return parsed(
               "title = \"Größe\"\nreward = 1\n[[field]]\nname = \"n\"\ntype = \"number\"\n  label = \"é\"\ntolerance "
               "= " +
               typed + " # half\n")
        .form[0]
        .settings.at("tolerance");
  };
  CHECK(tolerance("0.1") == "0.1");
  CHECK(tolerance("+0.50") == "+0.50");
  CHECK(tolerance("\"0.25\"") == "0.25");
  CHECK(tolerance("2") == "2");
  const std::string inline_field = "field = [{ label = \"é東\", name = \"n\", tolerance = 0.75, type = \"number\" }]\n";
  CHECK(parsed("title = \"T\"\nreward = 1\n" + inline_field).form[0].settings.at("tolerance") == "0.75");
}

TEST_CASE("a decimal setting that is not exact is refused") {
  for (const char* typed : {"1e-3", "inf", "nan", "0.1234567", "1_000.5", "true"}) {
    CHECK_THAT(wrong_with("title = \"T\"\nreward = 1\n[[field]]\nname = \"n\"\ntype = \"number\"\ntolerance = " +
                          std::string(typed) + "\n"),
               Catch::Contains("tolerance must be"));
  }
}

TEST_CASE("of several mistakes the first by line is told") {
  CHECK_THAT(wrong_with("title = 1\nlease = 1\nreward = 0.5\n"), Catch::StartsWith("p.toml:1: title"));
}

TEST_CASE("a file that is not TOML is refused with its line") {
  CHECK_THAT(wrong_with("title = \"T\"\nreward = \n"), Catch::StartsWith("p.toml:2: "));
  CHECK_THAT(wrong_with("title = \"T\"\ntitle = \"U\"\n"), Catch::StartsWith("p.toml:2: "));
  CHECK_THAT(wrong_with("title = \"\xff\"\n"), Catch::StartsWith("p.toml:1: "));
  CHECK_THAT(load_project("/nowhere/p.toml").error(), Catch::Contains("cannot be opened"));
  CHECK_FALSE(load_project("/"));
}

TEST_CASE("columns come in the order of the items file, with the kinds of the project file") {
  ProjectSpec spec;
  spec.columns = {{"photo", ColumnKind::image}};
  REQUIRE(fit_columns(spec, {"id", "photo"}));
  CHECK(spec.columns == std::vector<ColumnSpec>{{"id", ColumnKind::text}, {"photo", ColumnKind::image}});
  spec.columns = {{"phto", ColumnKind::image}};
  CHECK(fit_columns(spec, {"id", "photo"}).error() == "phto");
}

TEST_CASE("a project file with a byte changed gives a spec or a mistake with a line") {
  std::mt19937 random(24);
  const std::string text = block("toml");
  for (int i = 0; i < 3000; ++i) {
    std::string broken = text;
    broken[random() % broken.size()] = static_cast<char>(random());
    if (random() % 4 == 0) broken.resize(random() % broken.size());
    const auto spec = project_from_toml(broken, "p.toml");
    if (!spec) REQUIRE_THAT(spec.error(), Catch::StartsWith("p.toml:"));
  }
}
