#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "common/aggregation/labels/method.h"
#include "tests/common/aggregation/crowd.h"

// Answers that are labels, for the tests of the methods that estimate these.
namespace tally::test {

struct Labelled {
  aggregation::labels::AnswerTable::Size size;
  std::vector<aggregation::labels::Answer> answers;
  std::vector<std::int32_t> truth = {};  // By task; empty where there is none.
  std::vector<std::int32_t> gold = {};   // By task, as in Problem.

  [[nodiscard]] aggregation::labels::AnswerTable table() const { return {size, answers}; }
};

inline aggregation::labels::Estimate estimate(const aggregation::labels::Method& method, const Labelled& made,
                                              std::span<const double> history = {}) {
  aggregation::OneWorker workforce;
  const aggregation::labels::AnswerTable table = made.table();
  return method.estimate({table, made.gold, history}, workforce);
}

// What is believed of the labels of a task.
inline std::span<const double> row(const aggregation::labels::Estimate& estimate, const Labelled& made,
                                   std::int32_t task) {
  const auto labels = static_cast<std::size_t>(made.size.labels);
  return {estimate.belief.data() + static_cast<std::size_t>(task) * labels, labels};
}

// Ten say one thing and five another. On gold, the first 20 tasks of 30, the five are right: it is the task's number
// modulo 2.
inline Labelled five_right_of_fifteen() {
  Labelled made{{30, 15, 2}, {}};
  made.gold.assign(30, aggregation::labels::unknown);
  for (std::int32_t task = 0; task < 30; ++task) {
    for (std::int32_t worker = 0; worker < 15; ++worker) {
      made.answers.push_back({task, worker, worker < 5 ? task % 2 : (worker * 7 + task * 5) / 3 % 2});
    }
    if (task < 20) made.gold[static_cast<std::size_t>(task)] = task % 2;
  }
  return made;
}

// Five answers to each task, of which eight in ten are right.
inline Labelled million_answers() {
  std::mt19937_64 random(6);
  Labelled made{{200'000, 500, 3}, {}};
  made.answers.reserve(1'000'000);
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    made.truth.push_back(static_cast<std::int32_t>(random() % 3));
    for (int i = 0; i < 5; ++i) {
      const auto worker = static_cast<std::int32_t>(random() % 100) * 5 + i;
      const bool is_right = random() % 10 < 7;
      made.answers.push_back({task, worker, is_right ? made.truth.back() : static_cast<std::int32_t>(random() % 3)});
    }
  }
  return made;
}

// How many tasks' true label is believed more than half.
inline std::int32_t count_right(const aggregation::labels::Estimate& estimate, const Labelled& made) {
  std::int32_t right = 0;
  for (std::int32_t task = 0; task < made.size.tasks; ++task) {
    const auto truth = static_cast<std::size_t>(made.truth[static_cast<std::size_t>(task)]);
    right += row(estimate, made, task)[truth] > 0.5 ? 1 : 0;
  }
  return right;
}

}  // namespace tally::test
