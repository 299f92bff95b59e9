#include "tools/quality/score.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "tools/stack/label_f1.h"

namespace tally::quality {
namespace {

constexpr int resamples = 2000;

// By label: the chance that it is chosen, where the most believed is, and chance decides between equals.
std::vector<double> chosen_of(const LabelSet& set, std::span<const double> belief, std::size_t task) {
  const std::size_t labels = set.labels.size();
  std::vector<double> chosen(belief.begin() + static_cast<std::ptrdiff_t>(task * labels),
                             belief.begin() + static_cast<std::ptrdiff_t>((task + 1) * labels));
  const double most = *std::max_element(chosen.begin(), chosen.end());
  if (most <= 0) return {};
  double equals = 0;
  for (double& label : chosen) equals += label = label >= most * (1 - 1e-9) ? 1 : 0;
  for (double& label : chosen) label /= equals;
  return chosen;
}

}  // namespace

std::vector<double> right_of(const LabelSet& set, std::span<const double> belief) {
  std::vector<double> right;
  for (std::size_t task = 0; task < set.truth.size(); ++task) {
    if (set.truth[task] < 0) continue;
    const std::vector<double> chosen = chosen_of(set, belief, task);
    if (!chosen.empty()) right.push_back(chosen[static_cast<std::size_t>(set.truth[task])]);
  }
  return right;
}

double f1_of(const LabelSet& set, std::span<const double> belief) {
  std::vector<stack::LabelHits> labels(set.labels.size());
  for (std::size_t task = 0; task < set.truth.size(); ++task) {
    if (set.truth[task] < 0) continue;
    const std::vector<double> chosen = chosen_of(set, belief, task);
    if (chosen.empty()) continue;
    const auto truth = static_cast<std::size_t>(set.truth[task]);
    labels[truth].hits += chosen[truth];
    labels[truth].truths += 1;
    for (std::size_t label = 0; label < labels.size(); ++label) labels[label].chosen += chosen[label];
  }
  return stack::f1_of_hits(labels);
}

double mean_of(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval bootstrap_interval(std::span<const std::vector<double>> values_of_sets) {
  std::mt19937_64 random(1);
  std::vector<double> means;
  for (int i = 0; i < resamples; ++i) {
    double sum = 0;
    for (const auto& values : values_of_sets) {
      std::uniform_int_distribution<std::size_t> any(0, values.size() - 1);
      double of_set = 0;
      for (std::size_t n = 0; n < values.size(); ++n) of_set += values[any(random)];
      sum += of_set / static_cast<double>(values.size());
    }
    means.push_back(sum / static_cast<double>(values_of_sets.size()));
  }
  std::sort(means.begin(), means.end());
  return {means[resamples / 40], means[resamples - 1 - resamples / 40]};
}

}  // namespace tally::quality
