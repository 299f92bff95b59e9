#include "common/aggregation/labels/pooled.h"

#include <algorithm>
#include <array>

#include "common/aggregation/labels/confusion_model.h"

namespace tally::aggregation::labels {
namespace {

constexpr std::array frequency_powers{1.0, 0.75, 0.5, 0.25, 0.0};  // Falling.
// The power is chosen with a part of the tasks where there are many.
constexpr std::int64_t sample_answers_max = 200'000;

ConfusionSettings settings_with(const PooledSettings& settings, double frequency_power) {
  return {.rounds_max = settings.rounds_max,
          .change_min = 1e-4,
          .row_prior = settings.row_prior,
          .variational = settings.variational,
          .class_prior = 1,
          .frequency_power = frequency_power};
}

struct MostEven {
  double power = 1;
  ConfusionFit fit;
};

MostEven fit_most_even(const Problem& problem, const PooledSettings& settings, Workforce& workforce) {
  std::array<ConfusionFit, frequency_powers.size()> fits;
  std::array<double, frequency_powers.size()> foretold{};
  for (std::size_t i = 0; i < fits.size(); ++i) {
    fits[i] = fit_confusion(problem, settings_with(settings, frequency_powers[i]), workforce);
    foretold[i] = fits[i].foretold;
  }
  const double best = *std::max_element(foretold.begin(), foretold.end());
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (foretold[i] >= best - settings.foretold_loss_max) chosen = i;
  }
  return {frequency_powers[chosen], std::move(fits[chosen])};
}

// Of every nth task.
double power_of_sample(const Problem& problem, const PooledSettings& settings, Workforce& workforce) {
  const AnswerTable& answers = problem.answers;
  const auto step = static_cast<std::int32_t>(answers.answers() / sample_answers_max + 1);
  std::vector<Answer> sample;
  std::vector<std::int32_t> gold;
  for (std::int32_t task = 0; task < answers.tasks(); task += step) {
    const auto no = static_cast<std::int32_t>(gold.size());
    for (const Ballot& ballot : answers.of_task(task)) sample.push_back({no, ballot.worker, ballot.label});
    gold.push_back(problem.gold_of(task));
  }
  const AnswerTable table({static_cast<std::int32_t>(gold.size()), answers.workers(), answers.labels()}, sample);
  return fit_most_even({table, gold, problem.history}, settings, workforce).power;
}

Estimate estimate(const Problem& problem, Workforce& workforce) { return estimate_pooled(problem, {}, workforce); }

}  // namespace

Estimate estimate_pooled(const Problem& problem, const PooledSettings& settings, Workforce& workforce) {
  const AnswerTable& answers = problem.answers;
  if (answers.answers() <= sample_answers_max) {
    return estimate_from(fit_most_even(problem, settings, workforce).fit, answers);
  }
  const double power = power_of_sample(problem, settings, workforce);
  return estimate_from(fit_confusion(problem, settings_with(settings, power), workforce), answers);
}

extern const Method pooled_method;
const Method pooled_method{"pooled", "Dawid–Skene that takes workers for like the crowd and labels for even", true,
                           estimate};

}  // namespace tally::aggregation::labels
