#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/labels/method.h"

// Inside labels: what the methods share.
namespace tally::aggregation::labels {

inline std::size_t cells(std::int32_t a, std::int32_t b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

// The part of `belief` that is about one task.
inline std::span<double> row_of(std::vector<double>& belief, const AnswerTable& answers, std::int32_t task) {
  const auto labels = static_cast<std::size_t>(answers.labels());
  return {belief.data() + static_cast<std::size_t>(task) * labels, labels};
}
inline std::span<const double> row_of(const std::vector<double>& belief, const AnswerTable& answers,
                                      std::int32_t task) {
  const auto labels = static_cast<std::size_t>(answers.labels());
  return {belief.data() + static_cast<std::size_t>(task) * labels, labels};
}

// To a sum of 1; a row of zeros stays.
void normalise(std::span<double> row);
// From logarithms to shares, without overflow. REQUIRES a row that is not empty.
void exp_normalise(std::span<double> row);
// Nothing but the greatest of a row, shared evenly where several are. A row of zeros stays.
void keep_most_believed(std::span<double> row);
// All belief on one label.
void pin(std::span<double> row, std::int32_t label);

// Each task's votes as shares, every worker's counting by `weight` (at least 0; empty: alike). Gold is pinned. Where
// all votes weigh nothing they count alike.
[[nodiscard]] std::vector<double> weighted_shares(const Problem& problem, std::span<const double> weight = {});

// By worker: the mean belief in the labels given, over all tasks; 0 for a worker without answers.
[[nodiscard]] std::vector<double> agreement_with(const std::vector<double>& belief, const AnswerTable& answers);

}  // namespace tally::aggregation::labels
