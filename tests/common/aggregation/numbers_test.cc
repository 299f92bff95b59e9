// What holds for every method that estimates numbers. A new one is in the registry, and so in here.
#include "common/aggregation/numbers/numbers.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <limits>
#include <random>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/common/aggregation/crowd.h"

using namespace tally::aggregation;
using namespace tally::aggregation::numbers;
using tally::test::TwoBackwards;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Tasks = std::vector<std::vector<Answer>>;

Estimate estimate(const Method& method, const Tasks& tasks, std::int32_t workers, double tolerance = 0) {
  OneWorker workforce;
  return method.estimate({tasks, workers, tolerance}, workforce);
}

// Each value from a worker of its own.
std::vector<Answer> answers_of(const std::vector<double>& values) {
  std::vector<Answer> answers;
  answers.reserve(values.size());
  for (const double value : values) answers.push_back({static_cast<std::int32_t>(answers.size()), value});
  return answers;
}

Outcome outcome(std::string_view method, const std::vector<double>& values, double tolerance = 0) {
  const Tasks tasks{answers_of(values)};
  return estimate(*methods().find(method), tasks, static_cast<std::int32_t>(values.size()), tolerance)
      .outcomes[0]
      .value();
}

// A standard normal number, nearly: twelve uniform ones.
double noise(std::mt19937_64& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += tally::test::share(random);
  return sum;
}

// Worker w answers with a deviation of 1 + w about the number of the task.
Tasks any_crowd(std::mt19937_64& random, std::size_t count, std::int32_t workers, std::size_t per_task) {
  Tasks tasks(count);
  for (std::size_t task = 0; task < count; ++task) {
    while (tasks[task].size() < per_task) {
      const auto worker = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(workers));
      tasks[task].push_back({worker, static_cast<double>(task) + (1 + worker) * noise(random)});
    }
  }
  return tasks;
}

// But for the last bits: sums over workers are in the order of their numbers.
void require_alike(const Estimate& renamed, const Estimate& before, const std::vector<std::int32_t>& worker_of) {
  const auto near = [](double value) { return Approx(value).margin(1e-9); };
  for (std::size_t task = 0; task < before.outcomes.size(); ++task) {
    const Outcome& expected = before.outcomes[task].value();
    const Outcome& found = renamed.outcomes[task].value();
    REQUIRE(found.value == near(expected.value));
    REQUIRE(found.lower == near(expected.lower));
    REQUIRE(found.upper == near(expected.upper));
    REQUIRE(found.support == near(expected.support));
  }
  REQUIRE(renamed.relative_variance.size() == before.relative_variance.size());
  for (std::size_t worker = 0; worker < before.relative_variance.size(); ++worker) {
    const auto other = static_cast<std::size_t>(worker_of[worker]);
    REQUIRE(renamed.relative_variance[other] == near(before.relative_variance[worker]));
  }
}

bool stops_by_assertion(const Method& method, const Tasks& tasks, double tolerance) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Else the test framework would report it once more.
    close(STDERR_FILENO);
    estimate(method, tasks, 1, tolerance);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("an estimate of numbers does not see the order of the answers, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(1);
    for (int i = 0; i < 50; ++i) {
      Tasks tasks = any_crowd(random, 20, 6, 1 + random() % 9);
      const Estimate before = estimate(*method, tasks, 6, 1);
      for (std::vector<Answer>& answers : tasks) std::shuffle(answers.begin(), answers.end(), random);
      REQUIRE(estimate(*method, tasks, 6, 1) == before);
    }
  }
}

TEST_CASE("an estimate of numbers does not see how workers are numbered") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(5);
    for (int i = 0; i < 50; ++i) {
      const Tasks tasks = any_crowd(random, 20, 6, 1 + random() % 9);
      const auto worker_of = tally::test::shuffled(6, random);
      Tasks renamed = tasks;
      for (std::vector<Answer>& answers : renamed) {
        for (Answer& answer : answers) answer.worker = worker_of[static_cast<std::size_t>(answer.worker)];
      }
      require_alike(estimate(*method, renamed, 6, 1), estimate(*method, tasks, 6, 1), worker_of);
    }
  }
}

TEST_CASE("an estimate of numbers is the same with another thread in another order, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(2);
    const Tasks tasks = any_crowd(random, 5'000, 6, 4);
    TwoBackwards workforce;
    REQUIRE(method->estimate({tasks, 6, 1}, workforce) == estimate(*method, tasks, 6, 1));
  }
}

TEST_CASE("no tasks give no numbers, and a task without answers has none") {
  for (const Method* method : methods()) {
    INFO(method->name);
    REQUIRE(estimate(*method, {}, 0).outcomes.empty());
    const Estimate found = estimate(*method, {{}, {{0, 5}}, {}}, 1);
    REQUIRE(found.outcomes.size() == 3);
    REQUIRE_FALSE(found.outcomes[0].has_value());
    REQUIRE(found.outcomes[1].has_value());
    REQUIRE_FALSE(found.outcomes[2].has_value());
  }
}

TEST_CASE("one answer is the number, and its interval holds it") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome found = outcome(method->name, {-7.25});
    REQUIRE(found.value == -7.25);
    REQUIRE(found.lower <= -7.25);
    REQUIRE(found.upper >= -7.25);
    REQUIRE(found.support == 1);
  }
}

TEST_CASE("the number that everybody gives is the number, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    for (const double value : {0.1, -1e100, 1e-300, 123'456.789, 0.0}) {
      const Outcome found = outcome(method->name, {value, value, value, value, value, value, value});
      REQUIRE(found.value == value);
      REQUIRE(found.lower == value);
      REQUIRE(found.upper == value);
      REQUIRE(found.support == 1);
    }
  }
}

TEST_CASE("a number lies within its interval, and both within the range of the answers or around it") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(3);
    const Tasks tasks = any_crowd(random, 500, 6, 7);
    const Estimate found = estimate(*method, tasks, 6, 2);
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      const auto [least, most] = std::minmax_element(
          tasks[task].begin(), tasks[task].end(), [](const Answer& a, const Answer& b) { return a.value < b.value; });
      const Outcome& one = found.outcomes[task].value();
      REQUIRE((one.value >= least->value && one.value <= most->value));
      REQUIRE((one.lower <= one.value && one.value <= one.upper));
      REQUIRE((one.support >= 0 && one.support <= 1));
    }
  }
}

TEST_CASE("a shift of all answers shifts the number") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome before = outcome(method->name, {1, 2, 2, 3, 7}, 1);
    const Outcome after = outcome(method->name, {101, 102, 102, 103, 107}, 1);
    REQUIRE(after.value == Approx(before.value + 100));
  }
}

TEST_CASE("two answers that differ are settled between them, the same way round") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome found = outcome(method->name, {4, 2});
    REQUIRE((found.value >= 2 && found.value <= 4));
    REQUIRE(outcome(method->name, {2, 4}).value == found.value);
  }
}

TEST_CASE("what is no finite number, too large, or of no worker is refused") {
  const auto fits_one = [](Answer answer, double tolerance = 0) {
    const Tasks tasks{{answer}};
    return fits({tasks, 1, tolerance});
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(fits_one({0, value_max}));
  CHECK(fits_one({0, -value_max}));
  CHECK_FALSE(fits_one({0, nan}));
  CHECK_FALSE(fits_one({0, infinity}));
  CHECK_FALSE(fits_one({0, -infinity}));
  CHECK_FALSE(fits_one({0, 1.01 * value_max}));
  CHECK_FALSE(fits_one({1, 0}));
  CHECK_FALSE(fits_one({-1, 0}));
  CHECK_FALSE(fits_one({0, 0}, -1));
  CHECK_FALSE(fits_one({0, 0}, nan));
  for (const Method* method : methods()) {
    INFO(method->name);
    CHECK(stops_by_assertion(*method, {{{0, nan}}}, 0));
    CHECK(stops_by_assertion(*method, {{{0, infinity}}}, 0));
    CHECK(stops_by_assertion(*method, {{{0, 1}}}, nan));
    CHECK_FALSE(stops_by_assertion(*method, {{{0, 1}}}, 0));
  }
}

TEST_CASE("a million numbers are estimated, and near the truth") {
  std::mt19937_64 random(4);
  const Tasks tasks = any_crowd(random, 200'000, 5, 5);
  for (const Method* method : methods()) {
    INFO(method->name);
    const Estimate found = estimate(*method, tasks, 5, 2);
    double error = 0;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      error += std::abs(found.outcomes[task]->value - static_cast<double>(task));
    }
    CHECK(error / 200'000 < 2);
  }
}

TEST_CASE("the mean of 1, 2, 3 and 6 is 3, give or take 3.18 times the root of 14 by 12") {
  // Squares about 3: 4, 1, 0, 9. Divided by three, then by four.
  const Outcome found = outcome("mean", {6, 1, 3, 2}, 1);
  CHECK(found.value == 3);
  CHECK(found.upper == Approx(3 + 3.1824 * std::sqrt(14.0 / 12)));
  CHECK(found.lower == Approx(3 - 3.1824 * std::sqrt(14.0 / 12)));
  CHECK(found.support == 0.5);  // 2 and 3.
  CHECK(outcome("mean", {5}).upper == infinity);
}

TEST_CASE("the median's interval leaves out as many answers as a coin allows") {
  CHECK(outcome("median", {5, 1, 3}).value == 3);
  CHECK(outcome("median", {5, 1, 3, 4}).value == 3.5);
  // All heads in five throws: 1 by 32, more than 2.5 %. In six: 1 by 64.
  CHECK(outcome("median", {1, 2, 3, 4, 5}).upper == infinity);
  CHECK(outcome("median", {1, 2, 3, 4, 5, 6}).lower == 1);
  CHECK(outcome("median", {1, 2, 3, 4, 5, 6}).upper == 6);
  // At most one head in nine throws: 10 by 512. In eight: 9 by 256.
  CHECK(outcome("median", {1, 2, 3, 4, 5, 6, 7, 8}).lower == 1);
  CHECK(outcome("median", {1, 2, 3, 4, 5, 6, 7, 8, 9}).lower == 2);
  CHECK(outcome("median", {1, 2, 3, 4, 5, 6, 7, 8, 9}).upper == 8);
}

TEST_CASE("the median's interval grows evenly where its rule changes") {
  const auto lower = [](std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i + 1);
    return outcome("median", values).lower;
  };
  CHECK(std::abs(lower(1'001) - lower(1'000)) <= 1);
  CHECK(lower(100) == 40);  // The sign test's table: 39 left out.
}

TEST_CASE("the cluster is the largest group, whatever lies far from it") {
  const Outcome found = outcome("cluster", {10, 11, 12, 1'000}, 2);
  CHECK(found.value == 11);
  CHECK(found.lower == 10);
  CHECK(found.upper == 12);
  CHECK(found.support == 0.75);
  CHECK(outcome("cluster", {0, 0, 0, 1, 2}, 1).value == 1);  // All five are within 1 of it.
  CHECK(outcome("cluster", {5, 5, 7, 8}, 0).value == 5);
}

TEST_CASE("of two clusters of a size the one nearer the median wins, and of two as near the lower") {
  CHECK(outcome("cluster", {0, 0, 10, 10}, 1).value == 0);
  CHECK(outcome("cluster", {0, 0, 10, 10, 30}, 1).value == 10);
  CHECK(outcome("cluster", {0, 0, 10, 10, 30}, 1).support == 0.4);
}

TEST_CASE("one wild answer of three or more does not carry the robust number off, nor that of other tasks") {
  Tasks tasks{answers_of({10, 11, 1e9}), answers_of({20, 21, 22, 21})};
  for (int i = 0; i < 8; ++i) tasks.push_back(answers_of({30, 31, 32}));
  const Estimate found = estimate(*methods().find("robust"), tasks, 4);
  CHECK(found.outcomes[0]->value > 10);
  CHECK(found.outcomes[0]->value < 20);
  CHECK(found.outcomes[1]->value == Approx(21).margin(0.2));
  CHECK(found.outcomes[1]->upper - found.outcomes[1]->lower < 10);
}

TEST_CASE("near answers are averaged by the robust method: nothing is far out") {
  // Alike workers, 1 and 3 in every task: the middle is 2, and no answer is two deviations away.
  const Estimate found = estimate(*methods().find("robust"), {answers_of({1, 3}), answers_of({3, 1})}, 2);
  CHECK(found.outcomes[0]->value == Approx(2));
  // The median distance is 1, so a typical variance is 1.4826². With it for four answers and two squares of 1 and one
  // spare answer the variance is (4 × 1.4826² + 2) / (0.920537 + 4), and the workers' variance is near 1.
  const double variance = (4 * 1.4826 * 1.4826 + 2) / 4.920537;
  const double relative = (10 + 2 / variance) / 12;
  CHECK(found.relative_variance[0] == Approx(relative));
  const double second = (4 * 1.4826 * 1.4826 + 2 / relative) / 4.920537;
  CHECK(found.outcomes[0]->upper == Approx(2 + 2.5706 * std::sqrt(second * relative / 2)));
}

TEST_CASE("the robust method tells steady workers from others, and gains by it") {
  std::mt19937_64 random(5);
  const Tasks tasks = any_crowd(random, 400, 6, 5);
  const Estimate robust = estimate(*methods().find("robust"), tasks, 6);
  const Estimate mean = estimate(*methods().find("mean"), tasks, 6);
  for (std::size_t worker = 1; worker < 6; ++worker) {
    CHECK(robust.relative_variance[worker - 1] < robust.relative_variance[worker]);
  }
  double robust_error = 0;
  double mean_error = 0;
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    robust_error += std::abs(robust.outcomes[task]->value - static_cast<double>(task));
    mean_error += std::abs(mean.outcomes[task]->value - static_cast<double>(task));
  }
  CHECK(robust_error < 0.9 * mean_error);
}

TEST_CASE("intervals hold the truth about as often as they say") {
  std::mt19937_64 random(6);
  Tasks tasks(4'000);
  for (std::vector<Answer>& answers : tasks) {
    for (std::int32_t worker = 0; worker < 8; ++worker) answers.push_back({worker, 50 + 10 * noise(random)});
  }
  for (const std::string_view name : {"mean", "median", "robust"}) {
    INFO(name);
    const Estimate found = estimate(*methods().find(name), tasks, 8);
    const auto held = std::count_if(found.outcomes.begin(), found.outcomes.end(),
                                    [](const auto& one) { return one->lower <= 50 && 50 <= one->upper; });
    CHECK(held > 3'720);
    CHECK(held < 3'990);
  }
}

TEST_CASE("methods for numbers are found by their names, and the robust one is for those who name none") {
  tally::test::check_list(methods(), "robust");
}
