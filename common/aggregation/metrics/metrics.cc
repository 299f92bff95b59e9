#include "common/aggregation/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "common/aggregation/metrics/task_counts.h"
#include "common/base/assert.h"

namespace tally::aggregation::metrics {
namespace {

// Pairs of ballots that are the same, each counted in both directions and every ballot with itself.
std::int64_t same_pairs(std::span<const Ballot> ballots, const Counts& counts) {
  std::int64_t same = 0;
  for (const Ballot& ballot : ballots) same += counts[static_cast<std::size_t>(ballot.label)];
  return same;
}

std::int64_t sum_of_products(const Counts& a, const Counts& b) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

std::optional<double> observed_agreement(const AnswerTable& answers) {
  double sum = 0;
  std::int64_t tasks = 0;
  for_each_task(answers, [&](std::span<const Ballot> ballots, const Counts& counts) {
    const std::int64_t count = std::ssize(ballots);
    if (count < 2) return;
    sum += share(same_pairs(ballots, counts) - count, count * (count - 1));
    ++tasks;
  });
  if (tasks == 0) return std::nullopt;
  return sum / static_cast<double>(tasks);
}

std::optional<double> mean_entropy(const AnswerTable& answers) {
  double sum = 0;
  std::int64_t tasks = 0;
  for_each_task(answers, [&](std::span<const Ballot> ballots, const Counts& counts) {
    double bits = 0;
    for (const Ballot& ballot : ballots) {
      bits -= std::log2(share(counts[static_cast<std::size_t>(ballot.label)], std::ssize(ballots)));
    }
    sum += bits / static_cast<double>(ballots.size());
    ++tasks;
  });
  if (tasks == 0) return std::nullopt;
  return sum / static_cast<double>(tasks);
}

std::optional<double> alpha_nominal(const AnswerTable& answers) {
  double disagreement = 0;
  std::int64_t total = 0;
  Counts totals(static_cast<std::size_t>(answers.labels()));
  for_each_task(answers, [&](std::span<const Ballot> ballots, const Counts& counts) {
    const std::int64_t count = std::ssize(ballots);
    if (count < 2) return;
    disagreement += share(count * count - same_pairs(ballots, counts), count - 1);
    total += count;
    for (const Ballot& ballot : ballots) ++totals[static_cast<std::size_t>(ballot.label)];
  });
  const std::int64_t differing_pairs = total * total - sum_of_products(totals, totals);
  if (differing_pairs == 0) return std::nullopt;
  return 1 - static_cast<double>(total - 1) * disagreement / static_cast<double>(differing_pairs);
}

std::optional<double> fleiss_kappa(const AnswerTable& answers) {
  std::int64_t per_task = 0;
  bool is_even = true;
  std::int64_t same = 0;
  Counts totals(static_cast<std::size_t>(answers.labels()));
  for_each_task(answers, [&](std::span<const Ballot> ballots, const Counts& counts) {
    if (per_task == 0) per_task = std::ssize(ballots);
    is_even = is_even && std::ssize(ballots) == per_task;
    same += same_pairs(ballots, counts);
    for (const Ballot& ballot : ballots) ++totals[static_cast<std::size_t>(ballot.label)];
  });
  if (!is_even || per_task < 2) return std::nullopt;
  const std::int64_t total = answers.answers();
  const std::int64_t same_by_chance = sum_of_products(totals, totals);
  if (same_by_chance == total * total) return std::nullopt;
  const double observed = share(same - total, total * (per_task - 1));
  const double by_chance = share(same_by_chance, total * total);
  return (observed - by_chance) / (1 - by_chance);
}

namespace {

// Of ordered values: the sum of squares of the distances from their mean.
double squares_about_mean(std::span<const Number> numbers) {
  double mean = 0;
  for (const Number& number : numbers) mean += number.value;
  mean /= static_cast<double>(numbers.size());
  double sum = 0;
  for (const Number& number : numbers) sum += (number.value - mean) * (number.value - mean);
  return sum;
}

std::span<const Number> first_task(std::span<const Number> sorted) {
  std::size_t count = 0;
  while (count < sorted.size() && sorted[count].task == sorted[0].task) ++count;
  return sorted.first(count);
}

// By task and value, without the tasks that have one number only.
std::vector<Number> pairable(std::span<const Number> numbers) {
  std::vector<Number> sorted(numbers.begin(), numbers.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Number& a, const Number& b) { return std::tie(a.task, a.value) < std::tie(b.task, b.value); });
  std::vector<Number> kept;
  for (std::span<const Number> rest = sorted; !rest.empty(); rest = rest.subspan(first_task(rest).size())) {
    const auto task = first_task(rest);
    if (task.size() > 1) kept.insert(kept.end(), task.begin(), task.end());
  }
  return kept;
}

}  // namespace

// The sum of the squared differences of all pairs of n numbers is n times the sum of squares about their mean, so
// pairs need not be walked.
std::optional<double> alpha_interval(std::span<const Number> numbers) {
  for (const Number& number : numbers) TALLY_ASSERT(std::abs(number.value) <= number_max);
  std::vector<Number> kept = pairable(numbers);
  if (kept.empty()) return std::nullopt;
  const auto [lowest, highest] =
      std::minmax_element(kept.begin(), kept.end(), [](const Number& a, const Number& b) { return a.value < b.value; });
  const double low = lowest->value;
  const double range = highest->value - low;
  if (range <= 0) return std::nullopt;
  // Alpha does not depend on unit and origin; from 0 to 1 squares neither overflow nor vanish.
  for (Number& number : kept) number.value = (number.value - low) / range;

  double within = 0;
  for (std::span<const Number> rest = kept; !rest.empty(); rest = rest.subspan(first_task(rest).size())) {
    const auto task = first_task(rest);
    const auto count = static_cast<double>(task.size());
    within += squares_about_mean(task) * count / (count - 1);
  }
  const auto total = static_cast<double>(kept.size());
  return 1 - (total - 1) * within / (total * squares_about_mean(kept));
}

}  // namespace tally::aggregation::metrics
