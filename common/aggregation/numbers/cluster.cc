#include <algorithm>
#include <cmath>

#include "common/aggregation/numbers/sample.h"

// cluster: each answer is a candidate, and who answered within the tolerance of it supports it. Of the candidates with
// the most support the lower median is the value. Where they lie further apart than the tolerance they are several
// clusters of the same size: then the candidate nearest the median of all answers is the value, of two as near the
// lower one. The same as `tolerance` among the methods for one task, which leaves such a tie undecided; here the
// support shows it. It is the mode of a uniform kernel (Parzen: On Estimation of a Probability Density Function and
// Mode, 1962).
namespace tally::aggregation::numbers {
namespace {

struct Candidate {
  double value = 0;
  double lowest = 0;  // Of those who support it.
  double highest = 0;
  std::size_t count = 0;
};

// Two ends of a window that only move up.
std::vector<Candidate> candidates_in(std::span<const Answer> answers, double tolerance) {
  std::vector<Candidate> candidates;
  candidates.reserve(answers.size());
  std::size_t first = 0;
  std::size_t end = 0;
  for (const Answer& answer : answers) {
    while (end < answers.size() && answers[end].value - answer.value <= tolerance) ++end;
    while (answer.value - answers[first].value > tolerance) ++first;
    candidates.push_back({answer.value, answers[first].value, answers[end - 1].value, end - first});
  }
  return candidates;
}

Outcome outcome_of(std::span<const Answer> answers, double tolerance) {
  std::vector<Candidate> candidates = candidates_in(answers, tolerance);
  std::size_t most = 0;
  for (const Candidate& candidate : candidates) most = std::max(most, candidate.count);
  std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.count < most; });

  const Candidate* winner = &candidates[(candidates.size() - 1) / 2];
  if (candidates.back().value - candidates.front().value > tolerance) {
    const double median = median_of(answers);
    winner = &*std::min_element(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
      return std::abs(a.value - median) < std::abs(b.value - median);
    });
  }
  return {.value = winner->value, .lower = winner->lowest, .upper = winner->highest};
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  return estimate_each(problem, workforce,
                       [&](std::span<const Answer> answers) { return outcome_of(answers, problem.tolerance); });
}

}  // namespace

extern const Method cluster_method;
const Method cluster_method{"cluster", "the middle of the largest group of answers within the tolerance", estimate};

}  // namespace tally::aggregation::numbers
