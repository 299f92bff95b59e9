#include "common/aggregation/sets/sets.h"

#include <algorithm>

#include "common/base/assert.h"

namespace tally::aggregation::sets {
namespace {

// The labels of the binary question.
constexpr std::int32_t no = 0;
constexpr std::int32_t yes = 1;

// Where workers are split evenly the label is not in the set, whatever the last bits of the belief are.
constexpr double belief_min = 0.5 + 1e-9;

// By label: the numbers of the answers that have it, rising.
std::vector<std::vector<std::size_t>> answers_by_label(const Size& size, std::span<const Answer> answers) {
  std::vector<std::vector<std::size_t>> having(static_cast<std::size_t>(size.labels));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (const std::int32_t label : answers[i].labels) {
      TALLY_ASSERT(label >= 0 && label < size.labels);
      auto& of_label = having[static_cast<std::size_t>(label)];
      if (of_label.empty() || of_label.back() != i) of_label.push_back(i);
    }
  }
  return having;
}

void put(Estimate& estimate, const Size& size, std::int32_t label, const labels::Estimate& of_label) {
  const auto labels = static_cast<std::size_t>(size.labels);
  const auto column = static_cast<std::size_t>(label);
  for (std::size_t task = 0; task < estimate.set.size(); ++task) {
    const double belief = of_label.belief[2 * task + yes];
    estimate.belief[task * labels + column] = belief;
    if (estimate.set[task] && belief > belief_min) estimate.set[task]->push_back(label);
  }
  if (of_label.skill.empty()) return;
  estimate.skill.resize(static_cast<std::size_t>(size.workers) * labels);
  for (std::size_t worker = 0; worker < of_label.skill.size(); ++worker) {
    estimate.skill[worker * labels + column] = of_label.skill[worker];
  }
}

}  // namespace

bool fits(const Size& size, const labels::Method& method) {
  const std::int64_t labels = size.labels;
  if (labels * size.tasks > labels::cells_max || labels * size.workers > labels::cells_max) return false;
  return labels::fits(labels::AnswerTable({size.tasks, size.workers, 2}, {}), method);
}

Estimate estimate_sets(const Size& size, std::span<const Answer> answers, const labels::Method& method,
                       Workforce& workforce) {
  TALLY_ASSERT(fits(size, method));
  Estimate estimate;
  estimate.belief.resize(static_cast<std::size_t>(size.tasks) * static_cast<std::size_t>(size.labels));
  estimate.set.resize(static_cast<std::size_t>(size.tasks));
  std::vector<labels::Answer> binary;  // What all say of one label.
  binary.reserve(answers.size());
  for (const Answer& answer : answers) {
    TALLY_ASSERT(answer.task >= 0 && answer.task < size.tasks);
    TALLY_ASSERT(answer.worker >= 0 && answer.worker < size.workers);
    binary.push_back({answer.task, answer.worker, no});
    estimate.set[static_cast<std::size_t>(answer.task)].emplace();
  }
  const auto having = answers_by_label(size, answers);
  for (std::int32_t label = 0; label < size.labels; ++label) {
    const auto& chosen = having[static_cast<std::size_t>(label)];
    for (const std::size_t answer : chosen) binary[answer].label = yes;
    const labels::AnswerTable table({size.tasks, size.workers, 2}, binary);
    put(estimate, size, label, method.estimate({.answers = table}, workforce));
    for (const std::size_t answer : chosen) binary[answer].label = no;
  }
  return estimate;
}

}  // namespace tally::aggregation::sets
