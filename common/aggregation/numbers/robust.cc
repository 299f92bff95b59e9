#include <algorithm>
#include <cmath>

#include "common/aggregation/numbers/sample.h"
#include "common/base/assert.h"

// robust: an answer weighs by how little its worker varies, and an answer that lies far out is moved in. Location and
// scale are estimated together (Huber: Robust Estimation of a Location Parameter, 1964, proposal 2). A task's few
// answers tell little of its scale, so that of a typical task counts as some answers more (as in Smyth: Linear Models
// and Empirical Bayes Methods, 2004). A bias of workers is not estimated: the crowd's middle is all there is to measure
// it by, and where workers answer different tasks it did harm.
namespace tally::aggregation::numbers {
namespace {

constexpr double far_out = 2;            // In standard deviations.
constexpr std::int64_t scale_prior = 4;  // Answers that the typical scale counts for.
constexpr double worker_prior = 10;      // Answers that a variance of 1 counts for in a worker.
constexpr double ratio_max = 9;          // An answer says no more against its worker than three deviations do.
constexpr double settled = 1e-9;         // A step below this share of the deviation is the last.
constexpr int steps_max = 100;

// The mean of min(z², far_out²) where z is standard normal: what is left of a variance when far answers are moved in.
constexpr double clipped_variance = 0.920537;

struct Fit {
  double value = 0;
  double variance = 0;  // Of an answer of weight 1.
  double weight = 0;    // Of all answers.
};

// The median distance from the median, as a variance.
double variance_by_median(std::span<const Answer> answers) {
  const double median = median_of(answers);
  std::vector<Answer> distances(answers.begin(), answers.end());
  for (Answer& distance : distances) distance.value = std::abs(distance.value - median);
  const double deviation = 1.4826 * median_of(sorted(distances));
  return deviation * deviation;
}

// The mean over the tasks of a variance that no single answer of a task can spoil. For that a task needs three answers;
// those of two count where there are no others. Below 0 where every task has but one; 0 where in each more than half of
// the answers are equal: intervals have no width then.
double typical_variance(const Problem& problem, Workforce& workforce) {
  std::vector<double> variance(problem.tasks.size());
  for_each_task(problem, workforce, [&](std::size_t task, std::span<const Answer> answers) {
    if (answers.size() >= 2) variance[task] = variance_by_median(answers);
  });
  for (const std::size_t least : {std::size_t{3}, std::size_t{2}}) {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t task = 0; task < variance.size(); ++task) {
      if (problem.tasks[task].size() < least) continue;
      sum += variance[task];
      ++count;
    }
    if (count > 0) return sum / static_cast<double>(count);
  }
  return -1;
}

double squared_distance(const Answer& answer, double value) { return (answer.value - value) * (answer.value - value); }

// REQUIRES at least one answer, sorted; `typical` at least 0.
Fit fit(std::span<const Answer> answers, std::span<const double> relative_variance, double typical) {
  const auto weight_of = [&](const Answer& answer) {
    return 1 / relative_variance[static_cast<std::size_t>(answer.worker)];
  };
  Fit fit{.value = median_of(answers)};
  const auto spare = static_cast<double>(answers.size() - 1);
  const auto prior = static_cast<double>(scale_prior);
  for (const Answer& answer : answers) fit.weight += weight_of(answer);
  // From a scale that a wild answer has not spoilt, so that few steps are enough.
  fit.variance = (spare * variance_by_median(answers) + prior * typical) / (spare + prior);

  for (int step = 0; step < steps_max && fit.variance > 0; ++step) {
    const double limit = far_out * far_out * fit.variance;
    double clipped = prior * typical;
    double moved = 0;
    double weights = 0;
    for (const Answer& answer : answers) {
      const double square = weight_of(answer) * squared_distance(answer, fit.value);
      const double weight = square <= limit ? weight_of(answer) : weight_of(answer) * std::sqrt(limit / square);
      clipped += std::min(square, limit);
      moved += weight * (answer.value - fit.value);
      weights += weight;
    }
    const double move = moved / weights;  // Added, so that equal answers give their number to the last bit.
    const double variance = clipped / (spare * clipped_variance + prior);
    const bool is_settled = std::abs(move) <= settled * std::sqrt(fit.variance) &&
                            std::abs(variance - fit.variance) <= settled * fit.variance;
    fit.value += move;
    fit.variance = variance;
    if (is_settled) break;
  }
  return fit;
}

std::vector<Fit> fit_all(const Problem& problem, std::span<const double> relative_variance, double typical,
                         Workforce& workforce) {
  std::vector<Fit> fits(problem.tasks.size());
  for_each_task(problem, workforce, [&](std::size_t task, std::span<const Answer> answers) {
    if (!answers.empty()) fits[task] = fit(answers, relative_variance, std::max(typical, 0.0));
  });
  return fits;
}

// In one pass: more of them let those who are alone with each other drift off together.
std::vector<double> relative_variance_of(const Problem& problem, std::span<const Fit> fits) {
  std::vector<double> sum(static_cast<std::size_t>(problem.workers), worker_prior);
  std::vector<double> count(sum);
  for (std::size_t task = 0; task < fits.size(); ++task) {
    // With one answer it is its own middle, and without a spread nobody differs: nothing is learned of the worker.
    if (problem.tasks[task].size() < 2 || fits[task].variance <= 0) continue;
    for (const Answer& answer : sorted(problem.tasks[task])) {
      const auto worker = static_cast<std::size_t>(answer.worker);
      const double ratio = squared_distance(answer, fits[task].value) / fits[task].variance;
      sum[worker] += std::min(ratio, ratio_max);
      count[worker] += 1;
    }
  }
  for (std::size_t worker = 0; worker < sum.size(); ++worker) sum[worker] /= count[worker];
  return sum;
}

Estimate estimate(const Problem& problem, Workforce& workforce) {
  TALLY_ASSERT(fits(problem));
  const double typical = typical_variance(problem, workforce);
  const std::vector<double> alike(static_cast<std::size_t>(problem.workers), 1);
  std::vector<double> relative_variance = relative_variance_of(problem, fit_all(problem, alike, typical, workforce));
  const std::vector<Fit> fits = fit_all(problem, relative_variance, typical, workforce);

  Estimate estimate;
  estimate.outcomes.resize(fits.size());
  for (std::size_t task = 0; task < fits.size(); ++task) {
    const std::vector<Answer>& answers = problem.tasks[task];
    if (answers.empty()) continue;
    const std::int64_t degrees = typical < 0 ? 0 : std::ssize(answers) - 1 + scale_prior;
    const double reach =
        degrees == 0 ? student_95(0) : student_95(degrees) * std::sqrt(fits[task].variance / fits[task].weight);
    const double value = fits[task].value;
    estimate.outcomes[task] = {value, value - reach, value + reach, support_of(value, answers, problem.tolerance)};
  }
  estimate.relative_variance = std::move(relative_variance);
  return estimate;
}

}  // namespace

extern const Method robust_method;
const Method robust_method{"robust", "a mean that weighs steady workers more and moves far answers in", estimate};

}  // namespace tally::aggregation::numbers
