// What holds for every method that estimates labels. A new one is in the registry, and so in here.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string_view>

#include <catch2/catch.hpp>

#include "common/aggregation/labels/method.h"
#include "tests/common/aggregation/labels_crowd.h"

using namespace tally::aggregation;
using namespace tally::aggregation::labels;
using namespace tally::test;

namespace {

// Workers of differing skill, some of whom prefer the first label; between none and all of them answer a task.
Labelled any_crowd(std::mt19937_64& random, std::int32_t tasks = 40) {
  Labelled made{{tasks, 2 + below(random, 8), 2 + below(random, 4)}, {}, {}};
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    made.truth.push_back(below(random, made.size.labels));
    for (std::int32_t worker = 0; worker < made.size.workers; ++worker) {
      if (below(random, 3) == 0) continue;
      const bool is_right = below(random, 10) < 4 + worker;
      const std::int32_t wrong = worker % 3 == 0 ? 0 : below(random, made.size.labels);
      made.answers.push_back({task, worker, is_right ? made.truth.back() : wrong});
    }
  }
  return made;
}

std::int32_t most_believed(std::span<const double> row) {
  return static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

bool is_near(double a, double b) { return std::abs(a - b) < 1e-6; }

}  // namespace

TEST_CASE("beliefs of a task with answers add up to one, and a task without answers has none") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(1);
    for (int i = 0; i < 100; ++i) {
      const Labelled made = any_crowd(random);
      const AnswerTable table = made.table();
      const Estimate found = estimate(*method, made);
      REQUIRE(found.belief.size() == static_cast<std::size_t>(made.size.tasks * made.size.labels));
      for (std::int32_t task = 0; task < made.size.tasks; ++task) {
        const auto beliefs = row(found, made, task);
        const double sum = std::accumulate(beliefs.begin(), beliefs.end(), 0.0);
        REQUIRE(is_near(sum, table.of_task(task).empty() ? 0 : 1));
        REQUIRE(std::all_of(beliefs.begin(), beliefs.end(), [](double belief) { return belief >= 0; }));
      }
      for (const double skill : found.skill) REQUIRE((skill >= 0 && skill <= 1 + 1e-9));
    }
  }
}

TEST_CASE("an estimate does not see the order of the answers, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(2);
    for (int i = 0; i < 50; ++i) {
      Labelled made = any_crowd(random);
      const Estimate before = estimate(*method, made);
      std::shuffle(made.answers.begin(), made.answers.end(), random);
      REQUIRE(estimate(*method, made).belief == before.belief);
    }
  }
}

TEST_CASE("an estimate does not see how labels and workers are numbered") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(3);
    for (int i = 0; i < 50; ++i) {
      const Labelled made = any_crowd(random);
      const auto label_of = shuffled(made.size.labels, random);
      const auto worker_of = shuffled(made.size.workers, random);
      Labelled renamed = made;
      for (Answer& answer : renamed.answers) {
        answer.label = label_of[static_cast<std::size_t>(answer.label)];
        answer.worker = worker_of[static_cast<std::size_t>(answer.worker)];
      }
      const Estimate before = estimate(*method, made);
      const Estimate after = estimate(*method, renamed);
      for (std::int32_t task = 0; task < made.size.tasks; ++task) {
        for (std::size_t label = 0; label < static_cast<std::size_t>(made.size.labels); ++label) {
          const auto other = static_cast<std::size_t>(label_of[label]);
          REQUIRE(is_near(row(before, made, task)[label], row(after, renamed, task)[other]));
        }
      }
    }
  }
}

TEST_CASE("an estimate is the same with one thread and with two, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(4);
    const Labelled made = any_crowd(random, 500);
    const AnswerTable table = made.table();
    TwoBackwards two;
    REQUIRE(method->estimate({table}, two).belief == estimate(*method, made).belief);
  }
}

TEST_CASE("what everybody says is believed") {
  for (const Method* method : methods()) {
    INFO(method->name);
    Labelled made{{30, 4, 3}, {}, {}};
    for (std::int32_t task = 0; task < 30; ++task) {
      for (std::int32_t worker = 0; worker < 4; ++worker) made.answers.push_back({task, worker, task % 3});
    }
    const Estimate found = estimate(*method, made);
    for (std::int32_t task = 0; task < 30; ++task)
      REQUIRE(row(found, made, task)[static_cast<std::size_t>(task % 3)] > 0.9);
  }
}

TEST_CASE("with one answer a task the answer is believed most") {
  for (const Method* method : methods()) {
    INFO(method->name);
    Labelled made{{30, 5, 3}, {}, {}};
    for (std::int32_t task = 0; task < 30; ++task) made.answers.push_back({task, task % 5, task / 2 % 3});
    const Estimate found = estimate(*method, made);
    for (std::int32_t task = 0; task < 30; ++task) REQUIRE(most_believed(row(found, made, task)) == task / 2 % 3);
  }
}

TEST_CASE("labels that two equal workers each gave are believed alike") {
  for (const Method* method : methods()) {
    INFO(method->name);
    Labelled made{{1, 2, 2}, {{0, 0, 0}, {0, 1, 1}}, {}};
    const Estimate found = estimate(*method, made);
    REQUIRE(is_near(row(found, made, 0)[0], row(found, made, 0)[1]));
  }
}

TEST_CASE("nothing at all, tasks without answers, and one label are estimated too") {
  for (const Method* method : methods()) {
    INFO(method->name);
    REQUIRE(estimate(*method, Labelled{}).belief.empty());
    REQUIRE(estimate(*method, Labelled{{3, 0, 0}, {}, {}}).belief.empty());
    REQUIRE(estimate(*method, Labelled{{2, 3, 2}, {}, {}}).belief == std::vector<double>(4));
    const Labelled one{{2, 3, 1}, {{0, 0, 0}, {0, 2, 0}}, {}};
    REQUIRE(estimate(*method, one).belief == std::vector<double>{1, 0});
  }
}

TEST_CASE("gold is believed whatever the answers say") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(5);
    for (int i = 0; i < 20; ++i) {
      Labelled made = any_crowd(random);
      std::vector<std::int32_t>& gold = made.gold;
      gold.assign(made.truth.size(), unknown);
      for (std::size_t task = 0; task < gold.size(); task += 3) gold[task] = made.truth[task];
      const Estimate found = estimate(*method, made);
      for (std::size_t task = 0; task < gold.size(); task += 3) {
        REQUIRE(row(found, made, static_cast<std::int32_t>(task))[static_cast<std::size_t>(gold[task])] == 1);
      }
    }
  }
}

TEST_CASE("a worker who answers a task again is counted again, and breaks nothing") {
  for (const Method* method : methods()) {
    INFO(method->name);
    Labelled made{{2, 3, 2}, {{0, 0, 0}, {0, 0, 0}, {0, 1, 0}, {1, 2, 1}, {1, 2, 0}, {1, 1, 1}}, {}};
    const Estimate found = estimate(*method, made);
    REQUIRE(most_believed(row(found, made, 0)) == 0);
    REQUIRE(is_near(row(found, made, 1)[0] + row(found, made, 1)[1], 1));
  }
}

TEST_CASE("a million answers are estimated by every method, and most of them rightly") {
  const Labelled made = million_answers();
  const AnswerTable table = made.table();  // Once: it takes longer to make than some methods take with it.
  OneWorker workforce;
  for (const Method* method : methods()) {
    INFO(method->name);
    CHECK(count_right(method->estimate({table}, workforce), made) > 180'000);
  }
}

TEST_CASE("workers of whom nothing is known but gold are told apart by it") {
  const Labelled made = five_right_of_fifteen();
  for (const std::string_view name : {"gold_majority", "one_coin", "dawid_skene", "pooled"}) {
    INFO(name);
    const Estimate found = estimate(*methods().find(name), made);
    for (std::int32_t task = 20; task < 30; ++task) CHECK(most_believed(row(found, made, task)) == task % 2);
    CHECK(found.skill[0] > found.skill[10]);
  }
}

TEST_CASE("what a worker answered in earlier projects counts") {
  // Two against one, of whom the one was always right before and the two were always wrong.
  const Labelled made{{1, 3, 2}, {{0, 0, 0}, {0, 1, 1}, {0, 2, 1}}, {}};
  const std::vector<double> history{50, 0,  0,  50,  // Worker 0: [given][true].
                                    0,  50, 50, 0,   //
                                    0,  50, 50, 0};
  for (const std::string_view name : {"one_coin", "dawid_skene", "pooled"}) {
    INFO(name);
    const Estimate found = estimate(*methods().find(name), made, history);
    CHECK(found.belief[0] > 0.9);
  }
}

TEST_CASE("a table too large for a method is refused by fits()") {
  const Method& with_confusion = *methods().find("dawid_skene");
  const Method& without = *methods().find("majority");
  CHECK(fits({{1'000, 1'000, 10}, {}}, with_confusion));
  CHECK_FALSE(fits({{10, 1'000, 1'000}, {}}, with_confusion));
  CHECK(fits({{10, 1'000, 1'000}, {}}, without));
  CHECK_FALSE(fits({{1'000'000, 1, 1'000}, {}}, without));
}

TEST_CASE("methods for labels are found by their names, and the pooled one is for those who name none") {
  check_list(methods(), "pooled");
}
