#include <cmath>
#include <limits>

#include "common/aggregation/numbers/sample.h"

// median: half way between the two answers in the middle, where they are two. The interval is between two answers: as
// many below the lower as above the upper. It holds for any distribution (W. R. Thompson: On Confidence Ranges for the
// Median, 1936), and takes six answers.
namespace tally::aggregation::numbers {
namespace {

// How many answers may be left out at either end: the most r for which fewer than r of n throws of a coin are heads
// with a probability of at most 2.5 %.
std::size_t left_out(std::size_t n) {
  // Beyond this 2^-n leaves the range of a double before long, and the normal distribution is near enough.
  constexpr std::size_t exact_max = 1000;
  if (n > exact_max) {
    const auto count = static_cast<double>(n);
    return static_cast<std::size_t>((count - 1.96 * std::sqrt(count)) / 2);
  }
  double exactly = std::pow(0.5, static_cast<double>(n));  // The probability of r heads.
  double at_most = exactly;
  std::size_t r = 0;
  while (at_most <= 0.025) {
    ++r;
    exactly *= static_cast<double>(n - r + 1) / static_cast<double>(r);
    at_most += exactly;
  }
  return r;
}

Outcome outcome_of(std::span<const Answer> answers) {
  Outcome outcome{.value = median_of(answers),
                  .lower = -std::numeric_limits<double>::infinity(),
                  .upper = std::numeric_limits<double>::infinity()};
  const std::size_t r = left_out(answers.size());
  if (r > 0) {
    outcome.lower = answers[r - 1].value;
    outcome.upper = answers[answers.size() - r].value;
  }
  return outcome;
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  return estimate_each(problem, workforce, outcome_of);
}

}  // namespace

extern const Method median_method;
const Method median_method{"median", "the answer in the middle", estimate};

}  // namespace tally::aggregation::numbers
