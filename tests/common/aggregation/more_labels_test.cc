// What glad, mace and m_msr find where the answer is known. What holds for every method is in labels_test.cc.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/labels/method.h"
#include "tests/common/aggregation/labels_crowd.h"

using namespace tally;
using namespace tally::aggregation;
using namespace tally::aggregation::labels;
using test::Labelled;
using test::row;

namespace {

constexpr std::array<std::string_view, 3> names{"glad", "mace", "m_msr"};

Estimate estimate(std::string_view name, const Labelled& made, std::span<const double> history = {}) {
  return test::estimate(*methods().find(name), made, history);
}

double belief(const Estimate& estimate, const Labelled& made, std::int32_t task, std::int32_t label) {
  return row(estimate, made, task)[static_cast<std::size_t>(label)];
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Three workers are right each time and four answer anyhow. On the last task the three say 1 and the four say 0.
Labelled three_against_four() {
  Labelled made{{61, 7, 2}, {}};
  std::mt19937_64 random(1);
  for (std::int32_t task = 0; task < 60; ++task) {
    for (std::int32_t worker = 0; worker < 7; ++worker) {
      made.answers.push_back({task, worker, worker < 3 ? task % 2 : static_cast<std::int32_t>(random() % 2)});
    }
  }
  for (std::int32_t worker = 0; worker < 7; ++worker) made.answers.push_back({60, worker, worker < 3 ? 1 : 0});
  return made;
}

// All combinations of errors, each once: of a die's six sides a worker errs on as many as `wrong` says, and each throw
// of all dice is a task. So errors are independent, and agreement is exactly what it is to be expected.
Labelled independent_workers(const std::vector<std::int32_t>& wrong) {
  Labelled made{{1, static_cast<std::int32_t>(wrong.size()), 2}, {}};
  for (std::size_t worker = 0; worker < wrong.size(); ++worker) made.size.tasks *= 6;
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    std::int32_t dice = task;
    for (std::int32_t worker = 0; worker < made.size.workers; ++worker) {
      const bool is_wrong = dice % 6 < wrong[static_cast<std::size_t>(worker)];
      made.answers.push_back({task, worker, is_wrong ? 1 - task % 2 : task % 2});
      dice /= 6;
    }
  }
  return made;
}

}  // namespace

TEST_CASE("few who agree with each other elsewhere are believed against more who do not") {
  const Labelled made = three_against_four();
  for (const std::string_view name : names) {
    INFO(name);
    const Estimate found = estimate(name, made);
    CHECK(belief(found, made, 60, 1) > 0.9);
    for (std::size_t good = 0; good < 3; ++good) CHECK(found.skill[good] > 0.9);
    for (std::size_t bad = 3; bad < 7; ++bad) CHECK(found.skill[bad] < 0.75);
  }
}

TEST_CASE("glad, mace and m_msr learn from gold who is good") {
  const Labelled made = test::five_right_of_fifteen();
  for (const std::string_view name : names) {
    INFO(name);
    const Estimate found = estimate(name, made);
    for (std::int32_t task = 20; task < 30; ++task) CHECK(belief(found, made, task, task % 2) > 0.5);
    CHECK(found.skill[0] > found.skill[10] + 0.2);
  }
}

TEST_CASE("gold turns glad, mace and m_msr against a crowd of liars") {
  // Two tell the truth and five its contrary. Without gold the five would be believed.
  Labelled made{{40, 7, 2}, {}};
  std::vector<std::int32_t> gold(40, unknown);
  for (std::int32_t task = 0; task < 40; ++task) {
    for (std::int32_t worker = 0; worker < 7; ++worker) {
      made.answers.push_back({task, worker, worker < 2 ? task % 2 : 1 - task % 2});
    }
    if (task < 30) gold[static_cast<std::size_t>(task)] = task % 2;
  }
  Labelled known = made;
  known.gold = gold;
  for (const std::string_view name : names) {
    INFO(name);
    CHECK(belief(estimate(name, made), made, 35, 0) > 0.5);
    const Estimate found = estimate(name, known);
    for (std::int32_t task = 30; task < 40; ++task) CHECK(belief(found, made, task, task % 2) > 0.5);
  }
}

TEST_CASE("glad believes a single answer as its priors have it") {
  // The answer tells of nobody: ability and logarithm of ease stay at their mean of 1.
  for (const std::int32_t labels : {2, 3, 7}) {
    const Labelled made{{1, 1, labels}, {{0, 0, 1}}};
    CHECK(belief(estimate("glad", made), made, 0, 1) == Approx(logistic(std::exp(1.0))));
  }
}

TEST_CASE("glad finds the most probable abilities and difficulties of workers who all agree") {
  // Workers are alike and so are tasks, so there are two numbers. They are found here by a slow plain climb.
  const double workers = 2;
  const double tasks = 3;
  double ability = 1;
  double log_ease = 1;
  for (int i = 0; i < 20'000; ++i) {
    const double log_odds = ability * std::exp(log_ease);
    const double surplus = logistic(workers * log_odds) - logistic(log_odds);
    const double by_ability = tasks * surplus * std::exp(log_ease) - (ability - 1);
    const double by_log_ease = workers * surplus * log_odds - (log_ease - 1);
    ability += 0.01 * by_ability;
    log_ease += 0.01 * by_log_ease;
  }
  const Labelled made{{3, 2, 2}, {{0, 0, 0}, {0, 1, 0}, {1, 0, 1}, {1, 1, 1}, {2, 0, 0}, {2, 1, 0}}};
  const double found = belief(estimate("glad", made), made, 0, 0);
  const double log_odds = std::log(found / (1 - found));
  CHECK(log_odds == Approx(workers * ability * std::exp(log_ease)).epsilon(0.02));
}

TEST_CASE("glad takes a task on which equal workers disagree for difficult") {
  // Each of five workers is in the minority once.
  Labelled made{{55, 5, 2}, {}};
  for (std::int32_t task = 0; task < 55; ++task) {
    for (std::int32_t worker = 0; worker < 5; ++worker) {
      const bool differs = task >= 50 && (worker == task % 5 || worker == (task + 1) % 5);
      made.answers.push_back({task, worker, differs ? 1 - task % 2 : task % 2});
    }
  }
  const Estimate found = estimate("glad", made);
  const Estimate one_coin = estimate("one_coin", made);
  for (std::int32_t task = 50; task < 55; ++task) {
    CHECK(belief(found, made, task, task % 2) > 0.5);
    // Less than one who knows only that these workers err on 2 tasks of 55.
    CHECK(belief(found, made, task, task % 2) < belief(one_coin, made, task, task % 2) - 0.1);
  }
}

TEST_CASE("mace finds how often workers know, and what they answer when they do not") {
  // Answers are made as the model has it.
  constexpr std::array knows{0.9, 0.8, 0.7, 0.6, 0.5, 0.9, 0.8, 0.2, 0.1, 0.0};
  constexpr std::array<std::array<double, 3>, 2> tastes{{{0.8, 0.1, 0.1}, {0.1, 0.3, 0.6}}};
  std::mt19937_64 random(2);
  Labelled made{{6'000, 10, 3}, {}};
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    for (std::int32_t worker = 0; worker < 10; ++worker) {
      const auto& taste = tastes[static_cast<std::size_t>(worker % 2)];
      const double drawn = test::share(random);
      const std::int32_t spam = drawn < taste[0] ? 0 : drawn < taste[0] + taste[1] ? 1 : 2;
      made.answers.push_back(
          {task, worker, test::share(random) < knows[static_cast<std::size_t>(worker)] ? task % 3 : spam});
    }
  }
  const Estimate found = estimate("mace", made);
  for (std::size_t worker = 0; worker < 10; ++worker) {
    INFO(worker);
    CHECK(found.skill[worker] == Approx(knows[worker] + (1 - knows[worker]) / 3).margin(0.03));
    for (std::size_t given = 0; given < 3; ++given) {
      for (std::size_t label = 0; label < 3; ++label) {
        const double spam = (1 - knows[worker]) * tastes[worker % 2][given];
        const double probable = spam + (given == label ? knows[worker] : 0);
        CHECK(found.confusion[(worker * 3 + given) * 3 + label] == Approx(probable).margin(0.04));
      }
    }
  }
}

TEST_CASE("mace takes who always gives the same label for a spammer, and others not") {
  Labelled made{{60, 5, 2}, {}};
  for (std::int32_t task = 0; task < 60; ++task) {
    for (std::int32_t worker = 0; worker < 5; ++worker) {
      const bool is_wrong = worker < 4 && task % 10 == worker;
      const std::int32_t right = task / 10 % 2;
      made.answers.push_back({task, worker, worker == 4 ? 0 : is_wrong ? 1 - right : right});
    }
  }
  const Estimate found = estimate("mace", made);
  for (std::size_t worker = 0; worker < 4; ++worker) CHECK(found.skill[worker] > 0.8);
  CHECK(found.skill[4] == Approx(0.5).margin(0.1));
  const std::size_t first_of_spammer = 16;  // Four workers with four cells each come before.
  const double says_0_where_1_is_true = found.confusion[first_of_spammer + 1];
  CHECK(says_0_where_1_is_true > 0.7);
}

TEST_CASE("mace counts what a worker answered in earlier projects") {
  // Two against one. The one was always right before, and the two gave any label.
  const Labelled made{{1, 3, 2}, {{0, 0, 0}, {0, 1, 1}, {0, 2, 1}}};
  const std::vector<double> history{50, 0,  0,  50,  // Worker 0: [given][true].
                                    25, 25, 25, 25,  //
                                    25, 25, 25, 25};
  const Estimate found = estimate("mace", made, history);
  CHECK(found.belief[0] > 0.9);
  CHECK(found.skill[0] > 0.9);
  CHECK(found.skill[1] < 0.65);
}

TEST_CASE("each row of mace's confusion adds up to one") {
  const Labelled made = three_against_four();
  const Estimate found = estimate("mace", made);
  REQUIRE(found.confusion.size() == 28);
  for (std::size_t worker = 0; worker < 7; ++worker) {
    for (std::size_t label = 0; label < 2; ++label) {
      CHECK(found.confusion[worker * 4 + label] + found.confusion[worker * 4 + 2 + label] == Approx(1));
    }
  }
}

TEST_CASE("m_msr completes a matrix of rank one") {
  const std::vector<std::int32_t> wrong{0, 1, 1, 2, 2, 3};
  const Estimate found = estimate("m_msr", independent_workers(wrong));
  for (std::size_t worker = 0; worker < wrong.size(); ++worker) {
    INFO(worker);
    CHECK(found.skill[worker] == Approx(1 - wrong[worker] / 6.0).margin(0.002));
  }
}

TEST_CASE("m_msr tells a worker who is wrong on purpose, and takes the answers the other way round") {
  const Labelled made = independent_workers({1, 1, 1, 6});
  const Estimate found = estimate("m_msr", made);
  CHECK(found.skill[3] < 0.02);
  for (std::size_t worker = 0; worker < 3; ++worker) CHECK(found.skill[worker] == Approx(5.0 / 6).margin(0.01));
  // All dice show a six: the three are right, and the fourth says what is wrong.
  const std::int32_t task = made.size.tasks - 1;
  CHECK(belief(found, made, task, task % 2) > belief(estimate("majority", made), made, task, task % 2));
  CHECK(belief(found, made, task, task % 2) > 0.99);
}

TEST_CASE("m_msr settles where all workers are alike") {
  // Who takes the others for too good is taken for too bad: without a step half way they would take turns for ever.
  const Estimate found = estimate("m_msr", independent_workers({1, 1, 1, 1, 1}));
  for (const double skill : found.skill) CHECK(skill == Approx(5.0 / 6).margin(0.002));
}

TEST_CASE("m_msr is not taken in by a third of the workers who copy from each other") {
  // Twelve are right on 8 of 10 tasks. Six others share their answers, which are those of a coin. They are so much like
  // each other that they would pass for good if the extremes counted.
  std::mt19937_64 random(3);
  Labelled made{{2'000, 18, 2}, {}};
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    const auto coin = static_cast<std::int32_t>(random() % 2);
    for (std::int32_t worker = 0; worker < 12; ++worker) {
      made.answers.push_back({task, worker, random() % 10 < 8 ? task % 2 : 1 - task % 2});
    }
    for (std::int32_t worker = 12; worker < 18; ++worker) made.answers.push_back({task, worker, coin});
  }
  const Estimate found = estimate("m_msr", made);
  for (std::size_t worker = 0; worker < 12; ++worker) CHECK(found.skill[worker] == Approx(0.8).margin(0.05));
  for (std::size_t worker = 12; worker < 18; ++worker) CHECK(found.skill[worker] == Approx(0.5).margin(0.05));
}

TEST_CASE("m_msr judges workers beyond those whose pairs it keeps, too") {
  // 1,200 workers are right on 4 of 5 tasks; of 100 with fewer answers the even ones are always right, the others
  // never.
  std::mt19937_64 random(4);
  Labelled made{{400, 1'300, 2}, {}};
  for (std::int32_t worker = 0; worker < 1'300; ++worker) {
    const std::int32_t given = worker < 1'200 ? 20 : 10;
    for (std::int32_t i = 0; i < given; ++i) {
      const std::int32_t task = (worker * 7 + i * 13) % 400;
      const bool is_right = worker < 1'200 ? random() % 5 < 4 : worker % 2 == 0;
      made.answers.push_back({task, worker, is_right ? task % 2 : 1 - task % 2});
    }
  }
  const Estimate found = estimate("m_msr", made);
  for (std::size_t worker = 1'200; worker < 1'300; ++worker) {
    if (worker % 2 == 0) {
      CHECK(found.skill[worker] > 0.8);
    } else {
      CHECK(found.skill[worker] < 0.4);
    }
  }
}
