#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/aggregation/labels/method.h"

// Answers that each choose several of a few labels, or none. Every label is judged by itself, as a question that is
// answered with yes by who chose it and with no by who did not: "binary relevance", as in Tsoumakas and Katakis,
// "Multi-label classification: an overview", 2007. So a set may win that no worker gave, and labels that go together
// do not help each other. Pure: the order of the answers and of their labels changes nothing.
namespace tally::aggregation::sets {

struct Size {
  std::int32_t tasks = 0;
  std::int32_t workers = 0;
  std::int32_t labels = 0;
};

// Borrowed for one call. A label that is in it twice is in it once; a worker who answered a task again counts again.
struct Answer {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  std::span<const std::int32_t> labels;
};

struct Estimate {
  // [task][label]: how much the method believes that the label is in the set; 0 where the task has no answer.
  std::vector<double> belief;
  // By task: the labels that are believed more than half, the lowest first. None where the task has no answer, which is
  // something else than an empty set.
  std::vector<std::optional<std::vector<std::int32_t>>> set;
  // [worker][label]: the share of answers about the label that are right, as the method sees it. Empty where it has no
  // view of workers.
  std::vector<double> skill;
};

// Whether the beliefs, the skills and what the method keeps for one label are within labels::cells_max each.
[[nodiscard]] bool fits(const Size& size, const labels::Method& method);

// Takes the method's time for a table of two labels, once for each label.
// REQUIRES fits(), and each number from 0 to below its count.
[[nodiscard]] Estimate estimate_sets(const Size& size, std::span<const Answer> answers, const labels::Method& method,
                                     Workforce& workforce);

}  // namespace tally::aggregation::sets
