#include "common/aggregation/labels/beliefs.h"

#include <algorithm>
#include <cmath>

#include "common/base/assert.h"

namespace tally::aggregation::labels {

void normalise(std::span<double> row) {
  double sum = 0;
  for (const double cell : row) sum += cell;
  if (sum <= 0) return;
  for (double& cell : row) cell /= sum;
}

void exp_normalise(std::span<double> row) {
  TALLY_ASSERT(!row.empty());
  const double most = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (double& cell : row) {
    cell = std::exp(cell - most);
    sum += cell;
  }
  for (double& cell : row) cell /= sum;
}

double believe(std::span<double> row, std::span<double> logs) {
  TALLY_ASSERT(row.size() == logs.size());
  exp_normalise(logs);
  double change = 0;
  for (std::size_t label = 0; label < row.size(); ++label) {
    change = std::max(change, std::abs(logs[label] - row[label]));
    row[label] = logs[label];
  }
  return change;
}

void keep_most_believed(std::span<double> row) {
  if (row.empty()) return;
  const double most = *std::max_element(row.begin(), row.end());
  if (most <= 0) return;
  // Sums of the same shares in another order may differ in the last bits.
  for (double& cell : row) cell = cell >= most * (1 - 1e-9) ? 1 : 0;
  normalise(row);
}

void pin(std::span<double> row, std::int32_t label) {
  std::fill(row.begin(), row.end(), 0.0);
  row[static_cast<std::size_t>(label)] = 1;
}

std::vector<double> weighted_shares(const Problem& problem, std::span<const double> weight) {
  const AnswerTable& answers = problem.answers;
  std::vector<double> belief(cells(answers.tasks(), answers.labels()));
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    const auto row = row_of(belief, answers, task);
    if (problem.gold_of(task) != unknown) {
      pin(row, problem.gold_of(task));
      continue;
    }
    double sum = 0;
    for (const Ballot& ballot : answers.of_task(task)) {
      const double of_worker = weight.empty() ? 1.0 : weight[static_cast<std::size_t>(ballot.worker)];
      row[static_cast<std::size_t>(ballot.label)] += of_worker;
      sum += of_worker;
    }
    if (sum <= 0) {
      for (const Ballot& ballot : answers.of_task(task)) row[static_cast<std::size_t>(ballot.label)] += 1;
    }
    normalise(row);
  }
  return belief;
}

std::vector<double> agreement_with(const std::vector<double>& belief, const AnswerTable& answers) {
  const auto workers = static_cast<std::size_t>(answers.workers());
  std::vector<double> agreed(workers);
  std::vector<double> given(workers);
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    const auto row = row_of(belief, answers, task);
    for (const Ballot& ballot : answers.of_task(task)) {
      agreed[static_cast<std::size_t>(ballot.worker)] += row[static_cast<std::size_t>(ballot.label)];
      given[static_cast<std::size_t>(ballot.worker)] += 1;
    }
  }
  for (std::size_t worker = 0; worker < workers; ++worker) {
    if (given[worker] > 0) agreed[worker] /= given[worker];
  }
  return agreed;
}

Estimate estimate_by_agreement(std::vector<double> belief, const AnswerTable& answers) {
  std::vector<double> skill = agreement_with(belief, answers);
  return {std::move(belief), std::move(skill), {}};
}

}  // namespace tally::aggregation::labels
