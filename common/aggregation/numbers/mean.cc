#include <cmath>

#include "common/aggregation/numbers/sample.h"

// mean: the plain mean, with Student's interval (Student: The Probable Error of a Mean, 1908). One wild answer moves it
// as far as it likes.
namespace tally::aggregation::numbers {
namespace {

Outcome outcome_of(std::span<const Answer> answers) {
  // Sums of what is above the lowest: where all are equal the mean is that number to the last bit.
  const double lowest = answers.front().value;
  const auto count = static_cast<double>(answers.size());
  double above = 0;
  for (const Answer& answer : answers) above += answer.value - lowest;
  const double mean = lowest + above / count;

  double squares = 0;
  for (const Answer& answer : answers) squares += (answer.value - mean) * (answer.value - mean);
  const double reach = answers.size() < 2
                           ? student_95(0)
                           : student_95(std::ssize(answers) - 1) * std::sqrt(squares / (count - 1) / count);
  return {.value = mean, .lower = mean - reach, .upper = mean + reach};
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  return estimate_each(problem, workforce, outcome_of);
}

}  // namespace

extern const Method mean_method;
const Method mean_method{"mean", "the mean of the answers", estimate};

}  // namespace tally::aggregation::numbers
