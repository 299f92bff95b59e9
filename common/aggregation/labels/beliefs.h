#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/in_parts.h"
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
// The beliefs of a task, anew: `logs` are their logarithms but for a constant, and are shares afterwards. Returns the
// greatest change of a belief.
double believe(std::span<double> row, std::span<double> logs);
// Nothing but the greatest of a row, shared evenly where several are. A row of zeros stays.
void keep_most_believed(std::span<double> row);
// All belief on one label.
void pin(std::span<double> row, std::int32_t label);

// Each task's votes as shares, every worker's counting by `weight` (at least 0; empty: alike). Gold is pinned. Where
// all votes weigh nothing they count alike.
[[nodiscard]] std::vector<double> weighted_shares(const Problem& problem, std::span<const double> weight = {});

// By worker: the mean belief in the labels given, over all tasks; 0 for a worker without answers.
[[nodiscard]] std::vector<double> agreement_with(const std::vector<double>& belief, const AnswerTable& answers);
// The beliefs as a method gives them that judges workers by nothing else.
[[nodiscard]] Estimate estimate_by_agreement(std::vector<double> belief, const AnswerTable& answers);

// Calls work(first, end, sums) for runs of tasks that cover all, each with sums of its own, and returns those in the
// order of the tasks. Sums have `cells` numbers each, so there are few where these are many.
template <typename Sums, typename Work>
std::vector<Sums> sum_in_parts(const AnswerTable& answers, std::size_t cells, Workforce& workforce, const Work& work) {
  constexpr std::size_t all_cells_max = std::size_t{1} << 22;
  std::vector<Sums> sums(std::clamp<std::size_t>(all_cells_max / std::max<std::size_t>(cells, 1), 1, 8));
  in_parts(static_cast<std::size_t>(answers.tasks()), sums.size(), workforce,
           [&](std::size_t part, std::size_t first, std::size_t end) {
             work(static_cast<std::int32_t>(first), static_cast<std::int32_t>(end), sums[part]);
           });
  return sums;
}

}  // namespace tally::aggregation::labels
