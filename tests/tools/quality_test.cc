#include <catch2/catch.hpp>

#include "tests/support/scratch_folder.h"
#include "tools/quality/label_set.h"
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

}  // namespace

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
