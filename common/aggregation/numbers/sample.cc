#include "common/aggregation/numbers/sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "common/aggregation/in_parts.h"
#include "common/base/assert.h"

// Student's t beyond the table: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), formula 26.7.5.
namespace tally::aggregation::numbers {

std::vector<Answer> sorted(std::span<const Answer> answers) {
  std::vector<Answer> all(answers.begin(), answers.end());
  std::sort(all.begin(), all.end(),
            [](const Answer& a, const Answer& b) { return std::tie(a.value, a.worker) < std::tie(b.value, b.worker); });
  return all;
}

double median_of(std::span<const Answer> sorted) {
  TALLY_ASSERT(!sorted.empty());
  const double low = sorted[(sorted.size() - 1) / 2].value;
  const double high = sorted[sorted.size() / 2].value;
  return low + (high - low) / 2;
}

double support_of(double value, std::span<const Answer> answers, double tolerance) {
  TALLY_ASSERT(!answers.empty());
  const auto near = std::count_if(answers.begin(), answers.end(),
                                  [&](const Answer& answer) { return std::abs(answer.value - value) <= tolerance; });
  return static_cast<double>(near) / static_cast<double>(answers.size());
}

double student_95(std::int64_t degrees) {
  constexpr std::array table{12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281};
  if (degrees < 1) return std::numeric_limits<double>::infinity();
  if (degrees <= std::ssize(table)) return table[static_cast<std::size_t>(degrees - 1)];
  const auto n = static_cast<double>(degrees);
  return 1.95996 + 2.3723 / n + 2.8225 / (n * n) + 2.556 / (n * n * n);
}

void for_each_task(const Problem& problem, Workforce& workforce,
                   const std::function<void(std::size_t task, std::span<const Answer> sorted)>& work) {
  for_each_in_parts(problem.tasks.size(), 1024, workforce,
                    [&](std::size_t task) { work(task, sorted(problem.tasks[task])); });
}

Estimate estimate_each(const Problem& problem, Workforce& workforce,
                       const std::function<Outcome(std::span<const Answer> sorted)>& outcome_of) {
  TALLY_ASSERT(fits(problem));
  Estimate estimate;
  estimate.outcomes.resize(problem.tasks.size());
  for_each_task(problem, workforce, [&](std::size_t task, std::span<const Answer> answers) {
    if (answers.empty()) return;
    Outcome outcome = outcome_of(answers);
    outcome.support = support_of(outcome.value, answers, problem.tolerance);
    estimate.outcomes[task] = outcome;
  });
  return estimate;
}

}  // namespace tally::aggregation::numbers
