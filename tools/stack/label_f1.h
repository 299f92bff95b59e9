#pragma once

#include <cstddef>
#include <span>

namespace tally::stack {

// Over tasks of known truth: how often a label was chosen, how often it was true, and both. Shares of a task count too.
struct LabelHits {
  double hits = 0;
  double chosen = 0;
  double truths = 0;
};

// By label, sorted by name. Of two labels the F1 of the second; of more the mean over the labels that are true
// somewhere.
[[nodiscard]] inline double f1_of_hits(std::span<const LabelHits> labels) {
  const auto f1 = [](const LabelHits& label) {
    const double all = label.chosen + label.truths;
    return all > 0 ? 2 * label.hits / all : 0;
  };
  if (labels.size() == 2) return f1(labels[1]);
  double sum = 0;
  std::size_t counted = 0;
  for (const LabelHits& label : labels) {
    if (label.truths <= 0) continue;
    sum += f1(label);
    ++counted;
  }
  return counted > 0 ? sum / static_cast<double>(counted) : 0;
}

}  // namespace tally::stack
