#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/labels/method.h"

// Inside labels: the model of Dawid and Skene, which several methods fit with settings of their own. Each worker has a
// confusion matrix, how probable each answer is for each true label; answers are independent given the truth; it is
// fitted by expectation maximisation. Source: A. P. Dawid, A. M. Skene, "Maximum likelihood estimation of observer
// error-rates using the EM algorithm", Applied Statistics 28 (1979) 20–28.
namespace tally::aggregation::labels {

struct ConfusionSettings {
  int rounds_max = 100;
  double change_min = 1e-5;  // It ends with a round in which no belief changed by more.
  // What each row of a worker has before any answer, in pseudo-answers: `pooled` of it spread as the whole crowd's row,
  // the rest as a row that is right with `diagonal_share`.
  double row_prior = 0;
  double pooled = 0.9;
  double diagonal_share = 0.7;
  // Rows count by the logarithm of their most probable value (0), by the mean logarithm over what they may be, as
  // variational Bayes has it (1), or between the two. The latter trusts rows of few answers less.
  double variational = 0;
  double class_prior = 0;  // Pseudo-tasks of each label.
  // The power to which the frequencies of labels count as what is believed of a task before its answers: with 1 as they
  // are, with 0 all labels alike.
  double frequency_power = 1;
  bool is_one_coin = false;  // Each worker's rows have one number: right with it, else any other label.
};

struct ConfusionFit {
  std::vector<double> belief;     // As in Estimate.
  std::vector<double> confusion;  // As in Estimate.
  std::vector<double> frequency;  // By label.
  // The mean logarithm of the probability of an answer, told from the task's other answers and from what the worker
  // answered elsewhere. 0 without answers.
  double foretold = 0;
  int rounds = 0;
};

// O(answers × labels) a round. Memory beside the fit: rows of all workers, a few times.
[[nodiscard]] ConfusionFit fit_confusion(const Problem& problem, const ConfusionSettings& settings,
                                         Workforce& workforce);

// By worker: how often right, if tasks are as the model believes.
[[nodiscard]] std::vector<double> skill_of(const ConfusionFit& fit, const AnswerTable& answers);

// The fit as a method gives it.
[[nodiscard]] Estimate estimate_from(ConfusionFit fit, const AnswerTable& answers);

}  // namespace tally::aggregation::labels
