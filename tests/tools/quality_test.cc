#include <catch2/catch.hpp>

#include "tests/support/scratch_folder.h"
#include "tools/quality/label_set.h"
#include "tools/quality/measure.h"
#include "tools/quality/score.h"

using namespace tally;
using namespace tally::quality;

namespace {

// Truth: a, b, b, unknown.
LabelSet small_set() {
  LabelSet set;
  set.name = "small";
  set.tasks = 4;
  set.workers = 2;
  set.labels = {"a", "b"};
  set.answers = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {2, 0, 0}, {3, 0, 0}};
  set.truth = {0, 1, 1, -1};
  return set;
}

// A task for each label, with three answers that all say the label, whose truth it is.
LabelSet set_of(const std::vector<std::string>& labels) {
  LabelSet set{.name = "made up", .workers = 3, .labels = labels};
  for (std::int32_t task = 0; task < std::ssize(labels); ++task) {
    for (std::int32_t worker = 0; worker < 3; ++worker) set.answers.push_back({task, worker, task});
    set.truth.push_back(task);
  }
  set.tasks = static_cast<std::int32_t>(labels.size());
  return set;
}

std::vector<std::string> many(const std::string& before) {
  std::vector<std::string> labels;
  for (int i = 100; i < 200; ++i) labels.push_back(before + std::to_string(i));
  return labels;
}

std::vector<std::string> keys_of(const nlohmann::ordered_json& line) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  return keys;
}

}  // namespace

TEST_CASE("answers are labels where few different ones are given, else numbers where all are, else texts") {
  CHECK(kind_of(set_of({"0", "1"})) == Kind::labels);
  CHECK(kind_of(set_of(many("-"))) == Kind::numbers);
  CHECK(kind_of(set_of(many("word "))) == Kind::texts);
}

TEST_CASE("the line of a set has the same keys whatever its answers are, and its own figure of error") {
  const std::vector<std::string> keys{"set", "method", "tasks", "answers_per_task", "accuracy", "f1", "seconds"};
  const auto line_for = [](const LabelSet& set) {
    const Kind kind = kind_of(set);
    const auto scores = measure(set, kind, "", {});
    REQUIRE(scores);
    return line_of(set.name, kind, default_method(kind), *scores);
  };
  const auto labels = line_for(set_of({"a", "b"}));
  CHECK(keys_of(labels) == keys);
  CHECK(labels["tasks"] == 2);
  CHECK(labels["accuracy"] == 1);
  CHECK(labels["f1"] == 1);

  auto with_error = keys;
  with_error.emplace_back("mean_absolute_error");
  LabelSet numbers = set_of(many("-"));
  numbers.truth[0] = 4;  // Four away from what all say.
  const auto of_numbers = line_for(numbers);
  CHECK(keys_of(of_numbers) == with_error);
  CHECK(of_numbers["accuracy"].is_null());
  CHECK(of_numbers["mean_absolute_error"] == 0.04);

  with_error.back() = "word_error_rate";
  LabelSet texts = set_of(many("word "));
  texts.truth[0] = 4;  // One of two words is another.
  const auto of_texts = line_for(texts);
  CHECK(keys_of(of_texts) == with_error);
  CHECK(of_texts["f1"].is_null());
  CHECK(of_texts["word_error_rate"] == 0.005);
}

TEST_CASE("why a set cannot be measured is said") {
  using Catch::Contains;
  const LabelSet texts = set_of(many("word "));
  CHECK_THAT(measure(texts, Kind::texts, "pooled", {}).error(), Contains("are texts") && Contains("rover"));
  CHECK_THAT(measure(texts, Kind::numbers, "", {}).error(), Contains("'word 100' is none"));
  LabelSet unknown = set_of({"a", "b"});
  unknown.truth = {-1, -1};
  CHECK_THAT(measure(unknown, Kind::labels, "", {}).error(), Contains("known truth"));
  LabelSet vast = set_of(many("word "));
  vast.workers = 40'000;
  CHECK_THAT(measure(vast, Kind::labels, "pooled", {}).error(), Contains("does not fit"));
}

TEST_CASE("a folder of sets stands for the sets in it, by name") {
  const test::ScratchFolder folder;
  for (const char* name : {"b", "a"}) {
    std::filesystem::create_directory(folder.path() / name);
    folder.write(std::string(name) + "/answers.csv", "task,worker,label\nt1,ann,no\n");
  }
  folder.write("a/truth.csv", "task,label\nt1,no\n");
  folder.write("a/README.md", "# a\n\n| origin | github some/where at 12 |\n");
  const std::filesystem::path& path = folder.path();
  CHECK(folders_of_sets({path.string(), (path / "b").string(), "nowhere"}) ==
        std::vector<std::filesystem::path>{path / "a", path / "b", path / "b", "nowhere"});
  CHECK(load_label_set(path / "a")->origin == "github some/where at 12");
}

TEST_CASE("a set is a folder with answers and truth, its labels sorted by name") {
  const test::ScratchFolder folder;
  folder.write("answers.csv", "task,worker,label\nt1,ann,no\nt1,bob,yes\nt1,ann,yes\nt2,ann,no\n");
  folder.write("truth.csv", "task,label\nt2,maybe\n");
  const auto set = load_label_set(folder.path());
  REQUIRE(set);
  CHECK(set->labels == std::vector<std::string>{"maybe", "no", "yes"});
  CHECK(set->answers.size() == 3);
  CHECK(set->truth == std::vector<std::int32_t>{-1, 0});
  CHECK_THAT(load_label_set(folder.path() / "none").error(), Catch::Contains("is not a set"));
}

TEST_CASE("at most so many answers of each task are drawn, the same by the same seed") {
  LabelSet set;
  set.tasks = 50;
  set.workers = 9;
  set.labels = {"a", "b"};
  set.truth.assign(50, 0);
  for (std::int32_t task = 0; task < 50; ++task) {
    for (std::int32_t worker = 0; worker < 9; ++worker) set.answers.push_back({task, worker, 0});
  }
  const LabelSet drawn = with_answers_max(set, 3, 7);
  const auto table = drawn.table();
  for (std::int32_t task = 0; task < 50; ++task) CHECK(table.of_task(task).size() == 3);
  const auto workers_of = [](const LabelSet& one) {
    std::vector<std::int32_t> workers;
    for (const auto& answer : one.answers) workers.push_back(answer.worker);
    return workers;
  };
  CHECK(workers_of(with_answers_max(set, 3, 7)) == workers_of(drawn));
  CHECK(workers_of(with_answers_max(set, 3, 8)) != workers_of(drawn));
}

TEST_CASE("labels believed alike count as if one of them were drawn") {
  const LabelSet set = small_set();
  const std::vector<double> belief{0.5, 0.5, 0.1, 0.9, 0.8, 0.2, 1, 0};
  CHECK(right_of(set, belief) == std::vector<double>{0.5, 1, 0});
  // Of b: hits 1; chosen 0.5 + 1; true 2.
  CHECK(f1_of(set, belief) == Approx(2 * 1 / (1.5 + 2)));
}

TEST_CASE("a task without an answer is not scored") {
  const LabelSet set = small_set();
  const std::vector<double> belief{0, 0, 0, 1, 0, 1, 1, 0};
  CHECK(right_of(set, belief) == std::vector<double>{1, 1});
}

TEST_CASE("the bootstrap's interval holds the mean, and is a point where all values are alike") {
  const std::vector<std::vector<double>> alike{{0.25, 0.25}, {0.75}};
  CHECK(bootstrap_interval(alike).low == 0.5);
  CHECK(bootstrap_interval(alike).high == 0.5);
  std::vector<double> half(400);
  for (std::size_t i = 0; i < half.size(); i += 2) half[i] = 1;
  const Interval interval = bootstrap_interval({{half}});
  // 1.96 standard errors of a share of one half among 400.
  CHECK(interval.low == Approx(0.451).margin(0.006));
  CHECK(interval.high == Approx(0.549).margin(0.006));
}
