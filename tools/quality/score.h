#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/quality/label_set.h"

// How right an estimate is, where the truth is known.
namespace tally::quality {

// For each task with known truth and at least one answer, in order: 1 where the label believed most is right, 0 where
// it is wrong, and a share where it is one of several believed alike, as if one of them were drawn.
[[nodiscard]] std::vector<double> right_of(const LabelSet& set, std::span<const double> belief);

// Of two labels the F1 of the second, of more the mean over the labels that are true somewhere. Ties count by shares.
[[nodiscard]] double f1_of(const LabelSet& set, std::span<const double> belief);

[[nodiscard]] double mean_of(std::span<const double> values);

struct Interval {
  double low = 0;
  double high = 0;
};
// The mean over sets of the mean over each set's values, and where 95 of 100 of its like would be: tasks are drawn anew
// within each set, 2,000 times (percentile bootstrap, Efron 1979). REQUIRES that no set is empty.
[[nodiscard]] Interval bootstrap_interval(std::span<const std::vector<double>> values_of_sets);

}  // namespace tally::quality
