#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/result.h"
#include "tools/quality/label_set.h"

// How right a method is on a set, whatever the answers are: labels, numbers or texts.
namespace tally::quality {

// Which of the answers are looked at.
struct Sample {
  std::int32_t answers = 0;  // A task; 0: all.
  int draws = 5;             // With so many answers a task, chance decides which.
  std::uint64_t seed = 1;    // Of the first draw.
};

struct Scores {
  std::size_t tasks = 0;      // With known truth, and an answer.
  std::vector<double> right;  // Labels: by such task, in order, the mean over the draws. See right_of.
  double f1 = 0;              // Labels.
  double error = 0;           // Texts: the word error rate, over all texts. Numbers: the mean absolute error.
  double answers = 0;         // A task.
  double seconds = 0;         // Of the last draw, one thread.
};

// Whatever turns a set of labels into beliefs.
using Estimator = std::function<std::vector<double>(const LabelSet& set)>;
[[nodiscard]] Scores score_labels(const LabelSet& set, const Estimator& estimator, const Sample& sample);

// The method's name in the room for the kind; empty: that room's default. The error says why it cannot be measured.
[[nodiscard]] Result<Scores, std::string> measure(const LabelSet& set, Kind kind, const std::string& method,
                                                  const Sample& sample);

// The name of the default method for answers of a kind; and whether there is a method of that name for any kind.
[[nodiscard]] std::string default_method(Kind kind);
[[nodiscard]] bool is_method(const std::string& name);

// The line of a set: set, method, tasks, answers_per_task, accuracy, f1, seconds. Of numbers and texts accuracy and f1
// are null, and mean_absolute_error or word_error_rate follows.
[[nodiscard]] nlohmann::ordered_json line_of(const std::string& set, Kind kind, const std::string& method,
                                             const Scores& scores);

// To four places.
[[nodiscard]] double rounded(double value);

}  // namespace tally::quality
