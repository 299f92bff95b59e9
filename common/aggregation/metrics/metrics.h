#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/aggregation/labels/answer_table.h"

// How far workers agree with each other, and with what is known to be right. Pure functions: the order of the answers
// changes nothing. Where a table is asked for, it REQUIRES at most answers_max answers; a worker who answered a task
// again is counted as one more. An empty optional is a measure that is not defined for these answers.
namespace tally::aggregation::metrics {

using labels::AnswerTable;

inline constexpr std::int64_t answers_max = 3'000'000'000;  // Its square fits.

// The share of pairs of answers to a task that are the same, as a mean over the tasks with two answers or more.
[[nodiscard]] std::optional<double> observed_agreement(const AnswerTable& answers);

// In bits: 0 where all gave the same label. A mean over the tasks with an answer.
[[nodiscard]] std::optional<double> mean_entropy(const AnswerTable& answers);

// Krippendorff's alpha for labels without order: 1 is full agreement, 0 is what chance gives, less than 0 is less than
// that. Tasks may have differing numbers of answers; those with one do not count. Undefined where no task has two, and
// where all say the same: then nothing shows that they can tell labels apart.
// Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
[[nodiscard]] std::optional<double> alpha_nominal(const AnswerTable& answers);

struct Number {
  std::int32_t task = 0;
  double value = 0;
};
inline constexpr double number_max = 1e100;

// The same for numbers, by the squares of their differences. No answers count as their own, whoever gave them.
// REQUIRES values from -number_max to number_max. O(n log n).
[[nodiscard]] std::optional<double> alpha_interval(std::span<const Number> numbers);

// Agreement beyond chance where every task that has answers has as many as the others, at least two; undefined
// elsewhere, and where all say the same. Source: Fleiss, "Measuring nominal scale agreement among many raters", 1971.
[[nodiscard]] std::optional<double> fleiss_kappa(const AnswerTable& answers);

// Agreement beyond chance of two workers on the tasks that both answered. Undefined where there are none, and where
// both say one and the same throughout. REQUIRES two workers of the table.
// Source: Cohen, "A coefficient of agreement for nominal scales", 1960.
[[nodiscard]] std::optional<double> cohen_kappa(const AnswerTable& answers, std::int32_t a, std::int32_t b);

struct Interval {
  double low = 0;
  double high = 1;
};

// For 95 of a hundred intervals to hold the true share.
inline constexpr double z_95 = 1.959963984540054;

// Where the share lies of which `right` of `count` is a sample; from 0 to 1 where the sample is empty.
// REQUIRES 0 <= right <= count and z > 0.
// Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
[[nodiscard]] Interval wilson_interval(std::int64_t right, std::int64_t count, double z = z_95);

struct Accuracy {
  std::int64_t right = 0;
  std::int64_t count = 0;  // Answers to tasks of which the right label is known.
  Interval interval;
};

// By worker. `truth`: by task, the right label or labels::unknown. REQUIRES one for each task, within the labels.
[[nodiscard]] std::vector<Accuracy> worker_accuracy(const AnswerTable& answers, std::span<const std::int32_t> truth);

struct BeyondChance {
  std::int64_t agreed = 0;
  std::int64_t compared = 0;
  std::optional<double> kappa;  // Cohen's, of the worker and the others' vote.
};

// By worker: the agreement with the label that most of the other workers gave to the same task. Tasks where the others
// have no single such label are not compared. O(n) in the answers times the labels that a task got.
[[nodiscard]] std::vector<BeyondChance> agreement_beyond_chance(const AnswerTable& answers);

}  // namespace tally::aggregation::metrics
