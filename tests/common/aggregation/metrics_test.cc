// Measures of agreement: what they must not depend on, and examples that others published.
#include "common/aggregation/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <string_view>

#include <catch2/catch.hpp>

#include "common/aggregation/labels/method.h"

using namespace tally::aggregation::metrics;
using tally::aggregation::labels::Answer;
using tally::aggregation::labels::unknown;

namespace {

struct Made {
  AnswerTable::Size size;
  std::vector<Answer> answers;

  [[nodiscard]] AnswerTable table() const { return {size, answers}; }
};

std::int32_t below(std::mt19937_64& random, std::int32_t bound) {
  return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(bound));
}

// Workers who are right more or less often; between none and all of them answer a task.
Made any_crowd(std::mt19937_64& random) {
  Made made{{20, 2 + below(random, 8), 2 + below(random, 4)}, {}};
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    const std::int32_t truth = below(random, made.size.labels);
    for (std::int32_t worker = 0; worker < made.size.workers; ++worker) {
      if (below(random, 3) == 0) continue;
      const bool is_right = below(random, 10) < 4 + worker;
      made.answers.push_back({task, worker, is_right ? truth : below(random, made.size.labels)});
    }
  }
  return made;
}

// One line a worker, one place a task; '.' is no answer.
Made from_lines(std::span<const std::string_view> lines, std::int32_t labels) {
  Made made{{static_cast<std::int32_t>(lines[0].size()), static_cast<std::int32_t>(lines.size()), labels}, {}};
  for (std::size_t worker = 0; worker < lines.size(); ++worker) {
    for (std::size_t task = 0; task < lines[worker].size(); ++task) {
      if (lines[worker][task] == '.') continue;
      made.answers.push_back(
          {static_cast<std::int32_t>(task), static_cast<std::int32_t>(worker), lines[worker][task] - '1'});
    }
  }
  return made;
}

std::vector<Number> numbers_of(const Made& made) {
  std::vector<Number> numbers;
  numbers.reserve(made.answers.size());
  for (const Answer& answer : made.answers) numbers.push_back({answer.task, double(answer.label)});
  return numbers;
}

std::vector<std::int32_t> shuffled(std::int32_t count, std::mt19937_64& random) {
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::shuffle(numbers.begin(), numbers.end(), random);
  return numbers;
}

// Every measure of a whole table.
std::array<std::optional<double>, 6> measures(const Made& made) {
  const AnswerTable table = made.table();
  return {observed_agreement(table), mean_entropy(table),      alpha_nominal(table),
          fleiss_kappa(table),       cohen_kappa(table, 0, 1), alpha_interval(numbers_of(made))};
}

bool is_near(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::abs(*a - *b) < 1e-9;
}

// As the definition has it: by walking all pairs.
double alpha_interval_by_pairs(const std::vector<Number>& numbers) {
  std::vector<Number> kept;
  for (const Number& number : numbers) {
    const auto count =
        std::count_if(numbers.begin(), numbers.end(), [&](const Number& other) { return other.task == number.task; });
    if (count > 1) kept.push_back(number);
  }
  double observed = 0;
  double expected = 0;
  for (const Number& a : kept) {
    const auto count =
        std::count_if(kept.begin(), kept.end(), [&](const Number& other) { return other.task == a.task; });
    for (const Number& b : kept) {
      const double square = (a.value - b.value) * (a.value - b.value);
      expected += square / static_cast<double>(kept.size() - 1);
      if (a.task == b.task) observed += square / static_cast<double>(count - 1);
    }
  }
  return 1 - observed / expected;
}

}  // namespace

TEST_CASE("no measure sees the order of the answers, to the last bit") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    Made made = any_crowd(random);
    const auto before = measures(made);
    const auto workers_before = agreement_beyond_chance(made.table());
    std::shuffle(made.answers.begin(), made.answers.end(), random);
    REQUIRE(measures(made) == before);
    const auto workers_after = agreement_beyond_chance(made.table());
    for (std::size_t worker = 0; worker < workers_before.size(); ++worker) {
      REQUIRE(workers_after[worker].kappa == workers_before[worker].kappa);
    }
  }
}

TEST_CASE("no measure sees how tasks, labels and workers are numbered") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100; ++i) {
    const Made made = any_crowd(random);
    const auto task_of = shuffled(made.size.tasks, random);
    const auto label_of = shuffled(made.size.labels, random);
    const auto worker_of = shuffled(made.size.workers, random);
    Made renamed = made;
    for (Answer& answer : renamed.answers) {
      answer.task = task_of[static_cast<std::size_t>(answer.task)];
      answer.label = label_of[static_cast<std::size_t>(answer.label)];
      answer.worker = worker_of[static_cast<std::size_t>(answer.worker)];
    }
    const AnswerTable before = made.table();
    const AnswerTable after = renamed.table();
    REQUIRE(is_near(observed_agreement(after), observed_agreement(before)));
    REQUIRE(is_near(mean_entropy(after), mean_entropy(before)));
    REQUIRE(is_near(alpha_nominal(after), alpha_nominal(before)));
    REQUIRE(is_near(fleiss_kappa(after), fleiss_kappa(before)));
    REQUIRE(is_near(cohen_kappa(after, worker_of[0], worker_of[1]), cohen_kappa(before, 0, 1)));
    REQUIRE(is_near(cohen_kappa(before, 1, 0), cohen_kappa(before, 0, 1)));
    const auto workers_before = agreement_beyond_chance(before);
    const auto workers_after = agreement_beyond_chance(after);
    for (std::size_t worker = 0; worker < workers_before.size(); ++worker) {
      const BeyondChance& renumbered = workers_after[static_cast<std::size_t>(worker_of[worker])];
      REQUIRE(renumbered.agreed == workers_before[worker].agreed);
      REQUIRE(renumbered.compared == workers_before[worker].compared);
      REQUIRE(renumbered.kappa == workers_before[worker].kappa);
    }
  }
}

TEST_CASE("alpha of numbers sees neither their unit nor their origin") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) {
    const auto numbers = numbers_of(any_crowd(random));
    auto moved = numbers;
    for (Number& number : moved) number.value = 1e6 - 250 * number.value;
    REQUIRE(is_near(alpha_interval(moved), alpha_interval(numbers)));
    auto huge = numbers;
    for (Number& number : huge) number.value *= number_max / 10;
    REQUIRE(is_near(alpha_interval(huge), alpha_interval(numbers)));
  }
}

TEST_CASE("alpha of numbers is what walking all pairs gives") {
  std::mt19937_64 random(4);
  for (int i = 0; i < 50; ++i) {
    const auto numbers = numbers_of(any_crowd(random));
    REQUIRE(alpha_interval(numbers) == Approx(alpha_interval_by_pairs(numbers)));
  }
}

TEST_CASE("of labels that are two, alpha of labels and of numbers are the same") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 50; ++i) {
    Made made = any_crowd(random);
    for (Answer& answer : made.answers) answer.label = std::min(answer.label, 1);
    REQUIRE(is_near(alpha_nominal(made.table()), alpha_interval(numbers_of(made))));
  }
}

TEST_CASE("without answers, or with one a task, only what needs no second answer is defined") {
  for (const Made& made : {Made{{0, 2, 0}, {}}, Made{{3, 2, 2}, {}}}) {
    for (const auto& measure : measures(made)) CHECK_FALSE(measure);
    for (const BeyondChance& worker : agreement_beyond_chance(made.table())) CHECK_FALSE(worker.kappa);
  }
  const Made one{{3, 2, 2}, {{1, 0, 1}}};
  CHECK_FALSE(observed_agreement(one.table()));
  CHECK(mean_entropy(one.table()) == 0.0);
  CHECK_FALSE(alpha_nominal(one.table()));
  CHECK_FALSE(alpha_interval(numbers_of(one)));
  CHECK_FALSE(fleiss_kappa(one.table()));
  CHECK_FALSE(cohen_kappa(one.table(), 0, 1));
  CHECK(agreement_beyond_chance(one.table())[0].compared == 0);
}

TEST_CASE("where all say the same there is agreement, but none that is beyond chance") {
  const std::array<std::string_view, 3> lines{"2222", "2222", "2222"};
  const Made made = from_lines(lines, 3);
  CHECK(observed_agreement(made.table()) == 1.0);
  CHECK(mean_entropy(made.table()) == 0.0);
  CHECK_FALSE(alpha_nominal(made.table()));
  CHECK_FALSE(alpha_interval(numbers_of(made)));
  CHECK_FALSE(fleiss_kappa(made.table()));
  CHECK_FALSE(cohen_kappa(made.table(), 0, 1));
  const auto workers = agreement_beyond_chance(made.table());
  CHECK(workers[0].agreed == 4);
  CHECK(workers[0].compared == 4);
  CHECK_FALSE(workers[0].kappa);
}

TEST_CASE("full agreement on several labels is 1 by every measure") {
  const std::array<std::string_view, 3> lines{"1213", "1213", "1213"};
  const Made made = from_lines(lines, 3);
  CHECK(alpha_nominal(made.table()) == 1.0);
  CHECK(alpha_interval(numbers_of(made)) == 1.0);
  CHECK(*fleiss_kappa(made.table()) == Approx(1));
  CHECK(*cohen_kappa(made.table(), 0, 2) == Approx(1));
  for (const BeyondChance& worker : agreement_beyond_chance(made.table())) CHECK(*worker.kappa == Approx(1));
}

TEST_CASE("agreement and entropy of four tasks are what a hand works out") {
  // Pairs that are the same: 1 of 3, 1 of 1, 0 of 3; the fourth task has no pair.
  const std::array<std::string_view, 3> lines{"1111", "112.", "2.3."};
  const AnswerTable table = from_lines(lines, 3).table();
  CHECK(*observed_agreement(table) == Approx((1.0 / 3 + 1 + 0) / 3));
  const double of_two_and_one = std::log2(3.0) - 2.0 / 3;
  CHECK(*mean_entropy(table) == Approx((of_two_and_one + 0 + std::log2(3.0) + 0) / 4));
}

TEST_CASE("alpha of Krippendorff's examples with missing answers is as published") {
  // "Computing Krippendorff's Alpha-Reliability", 2011, section C: four observers, twelve units.
  const std::array<std::string_view, 4> four{"123321412...", "1233224125.3", ".3332342251.", "12332441251."};
  const Made twelve_units = from_lines(four, 5);
  CHECK(*alpha_nominal(twelve_units.table()) == Approx(0.743).margin(0.0005));
  CHECK(*alpha_interval(numbers_of(twelve_units)) == Approx(0.849).margin(0.0005));
  // The computational example of Wikipedia's article on it: three coders, fifteen units.
  const std::array<std::string_view, 3> three{".....34121133.3", "1.213343.......", "..21344.21133.4"};
  const Made fifteen_units = from_lines(three, 4);
  CHECK(*alpha_nominal(fifteen_units.table()) == Approx(0.691).margin(0.0005));
  CHECK(*alpha_interval(numbers_of(fifteen_units)) == Approx(0.811).margin(0.0005));
}

TEST_CASE("kappa of Fleiss for ten subjects and fourteen raters is as published") {
  // The worked example of Wikipedia's article on it: how many raters gave each of five labels.
  constexpr std::array<std::array<int, 5>, 10> table{{{0, 0, 0, 0, 14},
                                                      {0, 2, 6, 4, 2},
                                                      {0, 0, 3, 5, 6},
                                                      {0, 3, 9, 2, 0},
                                                      {2, 2, 8, 1, 1},
                                                      {7, 7, 0, 0, 0},
                                                      {3, 2, 6, 3, 0},
                                                      {2, 5, 3, 2, 2},
                                                      {6, 5, 2, 1, 0},
                                                      {0, 2, 2, 3, 7}}};
  Made made{{10, 14, 5}, {}};
  for (std::size_t task = 0; task < table.size(); ++task) {
    std::int32_t worker = 0;
    for (std::size_t label = 0; label < 5; ++label) {
      for (int i = 0; i < table[task][label]; ++i) {
        made.answers.push_back({static_cast<std::int32_t>(task), worker++, static_cast<std::int32_t>(label)});
      }
    }
  }
  CHECK(*fleiss_kappa(made.table()) == Approx(0.210).margin(0.0005));
  CHECK(*observed_agreement(made.table()) == Approx(0.378).margin(0.0005));
  made.answers.pop_back();
  CHECK_FALSE(fleiss_kappa(made.table()));
}

TEST_CASE("kappa of Cohen for two workers is what a hand works out") {
  // 20 times both say the first label and 15 times both the second; 5 and 10 times they differ. Agreement is 0.7, and
  // by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
  Made made{{60, 3, 2}, {}};
  for (std::int32_t task = 0; task < 50; ++task) {
    made.answers.push_back({task, 0, task < 25 ? 0 : 1});
    made.answers.push_back({task, 2, task < 20 || (task >= 25 && task < 35) ? 0 : 1});
  }
  for (std::int32_t task = 50; task < 60; ++task) made.answers.push_back({task, 0, 1});  // Without the other: nothing.
  CHECK(*cohen_kappa(made.table(), 0, 2) == Approx(0.4));
  CHECK_FALSE(cohen_kappa(made.table(), 0, 1));
}

TEST_CASE("intervals of Wilson are as Newcombe published them") {
  // "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
  struct Row {
    std::int64_t right, count;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605}, Row{0, 20, 0, 0.1611},
                         Row{1, 29, 0.0061, 0.1718}}) {
    const Interval interval = wilson_interval(row.right, row.count);
    CHECK(interval.low == Approx(row.low).margin(0.00005));
    CHECK(interval.high == Approx(row.high).margin(0.00005));
    const Interval mirrored = wilson_interval(row.count - row.right, row.count);
    CHECK(mirrored.low == Approx(1 - interval.high));
    CHECK(mirrored.high == Approx(1 - interval.low));
  }
  CHECK(wilson_interval(0, 0).low == 0);
  CHECK(wilson_interval(0, 0).high == 1);
  CHECK(wilson_interval(7, 7).high == 1);
  CHECK(wilson_interval(5, 9, 1.0).low > wilson_interval(5, 9).low);
}

TEST_CASE("workers are counted right against what is known, and only there") {
  const std::array<std::string_view, 3> lines{"1213", "12.1", "...."};
  const std::array<std::int32_t, 4> truth{0, 1, unknown, 2};
  const auto workers = worker_accuracy(from_lines(lines, 3).table(), truth);
  REQUIRE(workers.size() == 3);
  CHECK(workers[0].right == 3);
  CHECK(workers[0].count == 3);
  CHECK(workers[1].right == 2);
  CHECK(workers[1].count == 3);
  CHECK(workers[1].interval.low == wilson_interval(2, 3).low);
  CHECK(workers[2].count == 0);
  CHECK(workers[2].interval.high == 1);
}

TEST_CASE("a worker is compared with the vote of the others, beyond what chance gives") {
  // The fourth worker: the others say 1, 1, 2, 2; one agreement of four, of which chance gives two.
  const std::array<std::string_view, 4> lines{"1122", "1122", "1121", "2111"};
  const auto workers = agreement_beyond_chance(from_lines(lines, 2).table());
  CHECK(workers[3].agreed == 1);
  CHECK(workers[3].compared == 4);
  CHECK(*workers[3].kappa == Approx(-0.5));
  CHECK(workers[2].agreed == 3);
  CHECK(*workers[2].kappa == Approx(0.5));
  CHECK(*workers[0].kappa == Approx(0.5));
}

TEST_CASE("where the others are tied a worker is not compared") {
  const std::array<std::string_view, 3> lines{"11", "12", ".1"};
  const auto workers = agreement_beyond_chance(from_lines(lines, 2).table());
  CHECK(workers[0].compared == 1);
  CHECK(workers[0].agreed == 1);
  CHECK(workers[1].compared == 2);
  CHECK(workers[1].agreed == 1);
}

TEST_CASE("a worker who answered twice is compared with the others, not with the own other answer") {
  const Made made{{1, 2, 2}, {{0, 0, 0}, {0, 0, 0}, {0, 1, 1}}};
  const auto workers = agreement_beyond_chance(made.table());
  CHECK(workers[0].compared == 2);
  CHECK(workers[0].agreed == 0);
  CHECK(workers[1].compared == 1);
  CHECK(workers[1].agreed == 0);
}

TEST_CASE("who answers by chance agrees by chance") {
  std::mt19937_64 random(6);
  Made made{{3000, 6, 3}, {}};
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    // Label 0 is right nine times of ten, so that even the last worker, who guesses, agrees often.
    const std::int32_t truth = below(random, 10) > 0 ? 0 : 1;
    for (std::int32_t worker = 0; worker < 6; ++worker) {
      const std::int32_t guess = below(random, 10) > 0 ? 0 : 1;
      made.answers.push_back({task, worker, worker < 5 && below(random, 10) > 0 ? truth : guess});
    }
  }
  const auto workers = agreement_beyond_chance(made.table());
  CHECK(workers[5].agreed > 2300);
  CHECK(std::abs(*workers[5].kappa) < 0.06);
  for (std::size_t worker = 0; worker < 5; ++worker) CHECK(*workers[worker].kappa > 0.8);
}

TEST_CASE("a million answers are measured") {
  std::mt19937_64 random(7);
  Made made{{200'000, 500, 2}, {}};
  made.answers.reserve(1'000'000);
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    const std::int32_t truth = below(random, 2);
    for (std::int32_t i = 0; i < 5; ++i) {
      const std::int32_t worker = below(random, 100) * 5 + i;
      made.answers.push_back({task, worker, below(random, 10) < 8 ? truth : 1 - truth});
    }
  }
  // Two agree when both are right or both are wrong: 0.64 + 0.04; chance gives a half.
  const AnswerTable table = made.table();
  CHECK(*observed_agreement(table) == Approx(0.68).margin(0.005));
  CHECK(*alpha_nominal(table) == Approx(0.36).margin(0.01));
  CHECK(*alpha_interval(numbers_of(made)) == Approx(0.36).margin(0.01));
  CHECK(*fleiss_kappa(table) == Approx(0.36).margin(0.01));
  CHECK(agreement_beyond_chance(table).size() == 500);
}
