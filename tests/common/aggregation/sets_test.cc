// Sets of labels, by every method that estimates labels.
#include "common/aggregation/sets/sets.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "tests/common/aggregation/crowd.h"

using namespace tally::aggregation;
using namespace tally::aggregation::sets;
using tally::aggregation::labels::methods;
using tally::test::below;
using tally::test::shuffled;

namespace {

using Labels = std::vector<std::int32_t>;

struct Given {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  Labels labels;
};

struct Made {
  Size size;
  std::vector<Given> given;
  std::vector<Labels> truth;  // By task.
};

// A label is in a true set once in three; a worker is wrong about a label by chance. Between none and all of the
// workers answer a task.
Made any_crowd(std::mt19937_64& random, std::int32_t tasks, std::int32_t workers, std::int32_t labels,
               std::int32_t wrong_percent) {
  Made made{{tasks, workers, labels}, {}, {}};
  for (std::int32_t task = 0; task < tasks; ++task) {
    std::vector<bool> is_in;
    made.truth.emplace_back();
    for (std::int32_t label = 0; label < labels; ++label) {
      is_in.push_back(below(random, 3) == 0);
      if (is_in.back()) made.truth.back().push_back(label);
    }
    for (std::int32_t worker = 0; worker < workers; ++worker) {
      if (below(random, 4) == 0) continue;
      Given given{task, worker, {}};
      for (std::int32_t label = 0; label < labels; ++label) {
        const bool is_wrong = below(random, 100) < wrong_percent;
        if (is_in[static_cast<std::size_t>(label)] != is_wrong) given.labels.push_back(label);
      }
      made.given.push_back(std::move(given));
    }
  }
  return made;
}

Made small_crowd(std::mt19937_64& random) {
  return any_crowd(random, 15, 2 + below(random, 5), 1 + below(random, 4), 20);
}

Estimate estimate(const labels::Method& method, const Made& made) {
  OneWorker workforce;
  std::vector<Answer> answers;
  answers.reserve(made.given.size());
  for (const Given& given : made.given) answers.push_back({given.task, given.worker, given.labels});
  return estimate_sets(made.size, answers, method, workforce);
}

}  // namespace

TEST_CASE("sets do not depend on the order of the answers and of their labels, to the last bit") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(1);
    for (int i = 0; i < 20; ++i) {
      Made made = small_crowd(random);
      const Estimate before = estimate(*method, made);
      std::shuffle(made.given.begin(), made.given.end(), random);
      for (Given& given : made.given) {
        std::shuffle(given.labels.begin(), given.labels.end(), random);
        if (!given.labels.empty()) given.labels.push_back(given.labels.front());  // Twice is once.
      }
      const Estimate after = estimate(*method, made);
      REQUIRE(after.belief == before.belief);
      REQUIRE(after.set == before.set);
      REQUIRE(after.skill == before.skill);
    }
  }
}

TEST_CASE("sets do not depend on how labels and workers are numbered") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(2);
    for (int i = 0; i < 20; ++i) {
      const Made made = small_crowd(random);
      const auto label_of = shuffled(made.size.labels, random);
      const auto worker_of = shuffled(made.size.workers, random);
      Made renamed = made;
      for (Given& given : renamed.given) {
        given.worker = worker_of[static_cast<std::size_t>(given.worker)];
        for (std::int32_t& label : given.labels) label = label_of[static_cast<std::size_t>(label)];
      }
      const Estimate before = estimate(*method, made);
      const Estimate after = estimate(*method, renamed);
      const auto labels = static_cast<std::size_t>(made.size.labels);
      for (std::size_t cell = 0; cell < before.belief.size(); ++cell) {
        const std::size_t task = cell / labels;
        const auto label = static_cast<std::size_t>(label_of[cell % labels]);
        REQUIRE(after.belief[task * labels + label] == Approx(before.belief[cell]).margin(1e-6));
      }
    }
  }
}

TEST_CASE("each label is judged as a question of yes and no by itself") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(3);
    const Made made = small_crowd(random);
    const Estimate found = estimate(*method, made);
    for (std::int32_t label = 0; label < made.size.labels; ++label) {
      std::vector<labels::Answer> answers;
      for (const Given& given : made.given) {
        const auto votes = std::count(given.labels.begin(), given.labels.end(), label);
        answers.push_back({given.task, given.worker, static_cast<std::int32_t>(votes)});
      }
      OneWorker workforce;
      const labels::AnswerTable table({made.size.tasks, made.size.workers, 2}, answers);
      const labels::Estimate alone = method->estimate({.answers = table}, workforce);
      for (std::int32_t task = 0; task < made.size.tasks; ++task) {
        const std::int32_t cell = task * made.size.labels + label;
        REQUIRE(found.belief[static_cast<std::size_t>(cell)] == alone.belief[static_cast<std::size_t>(task) * 2 + 1]);
      }
    }
  }
}

TEST_CASE("a set that nobody gave and a task that nobody answered are told apart") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    CHECK(estimate(*method, {}).set.empty());
    const Estimate found = estimate(*method, {{3, 2, 2}, {{0, 0, {}}, {0, 1, {}}, {2, 0, {0, 1}}, {2, 1, {1, 0}}}, {}});
    REQUIRE(found.set.size() == 3);
    CHECK(found.set[0] == Labels{});
    CHECK_FALSE(found.set[1]);
    CHECK(found.set[2] == Labels{0, 1});
    CHECK(found.belief[2] == 0);
    CHECK(found.belief[3] == 0);
  }
}

TEST_CASE("without labels an answer is an empty set") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    const Estimate found = estimate(*method, {{2, 1, 0}, {{1, 0, {}}}, {}});
    CHECK(found.belief.empty());
    CHECK_FALSE(found.set[0]);
    CHECK(found.set[1] == Labels{});
  }
}

TEST_CASE("one answer is the set") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    const Estimate found = estimate(*method, {{1, 1, 4}, {{0, 0, {3, 1}}}, {}});
    CHECK(found.set[0] == Labels{1, 3});
  }
}

TEST_CASE("a label that half of the workers chose is not in the set") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    const Estimate found = estimate(*method, {{1, 2, 3}, {{0, 0, {0, 1}}, {0, 1, {1, 2}}}, {}});
    CHECK(found.set[0] == Labels{1});
    CHECK(found.belief[0] == Approx(0.5));
    CHECK(found.belief[2] == Approx(0.5));
  }
}

TEST_CASE("by majority a set of which each label has two of three votes wins, though nobody gave it") {
  const Made made{{1, 3, 4}, {{0, 0, {0, 1}}, {0, 1, {1, 2}}, {0, 2, {2, 0, 3}}}, {}};
  const Estimate found = estimate(*methods().find("majority"), made);
  CHECK(found.set[0] == Labels{0, 1, 2});
  CHECK(found.belief[0] == Approx(2.0 / 3));
  CHECK(found.belief[3] == Approx(1.0 / 3));
  CHECK(found.skill.empty());
}

TEST_CASE("a worker's skill is known label by label") {
  // The last worker knows the first label and turns the second one round.
  Made made{{40, 5, 2}, {}, {}};
  for (std::int32_t task = 0; task < 40; ++task) {
    for (std::int32_t worker = 0; worker < 5; ++worker) {
      Labels labels;
      if (task % 2 == 0) labels.push_back(0);
      if ((task % 4 < 2) != (worker == 4)) labels.push_back(1);
      made.given.push_back({task, worker, labels});
    }
  }
  for (const std::string_view name : {"wawa", "dawid_skene", "pooled"}) {
    INFO(name);
    const Estimate found = estimate(*methods().find(name), made);
    REQUIRE(found.skill.size() == 10);
    CHECK(found.skill[4 * 2 + 0] > 0.9);
    CHECK(found.skill[4 * 2 + 1] < 0.1);
    CHECK(found.skill[0] > 0.9);
  }
}

TEST_CASE("most sets of a noisy crowd are recovered whole") {
  for (const labels::Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(4);
    const Made made = any_crowd(random, 300, 9, 5, 15);
    const Estimate found = estimate(*method, made);
    int right = 0;
    for (std::size_t task = 0; task < made.truth.size(); ++task) right += found.set[task] == made.truth[task] ? 1 : 0;
    CHECK(right > 255);
  }
}

TEST_CASE("a million sets are estimated, and most of them rightly") {
  // By one quick method: what the others make of a million answers is seen in labels_test.cc, and each would make it
  // of every label here.
  std::mt19937_64 random(6);
  const Made made = any_crowd(random, 191'000, 7, 2, 10);
  REQUIRE(std::ssize(made.given) > 1'000'000);
  const Estimate found = estimate(*methods().find("wawa"), made);
  int right = 0;
  for (std::size_t task = 0; task < made.truth.size(); ++task) right += found.set[task] == made.truth[task] ? 1 : 0;
  CHECK(right > 180'000);
}

TEST_CASE("a hundred thousand sets of twenty labels are estimated") {
  std::mt19937_64 random(5);
  const Made made = any_crowd(random, 20'000, 7, 20, 10);
  const Estimate found = estimate(*methods().find("wawa"), made);
  int right = 0;
  for (std::size_t task = 0; task < made.truth.size(); ++task) right += found.set[task] == made.truth[task] ? 1 : 0;
  CHECK(right > 10'000);
}

TEST_CASE("sets too large for a method are refused by fits()") {
  const labels::Method& method = *methods().find("dawid_skene");
  CHECK(fits({1'000, 1'000, 1'000}, method));
  CHECK_FALSE(fits({1'000'000, 10, 1'000}, method));
  CHECK_FALSE(fits({10, 1'000'000, 1'000}, method));
}
