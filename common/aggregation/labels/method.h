#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/aggregation/labels/answer_table.h"
#include "common/aggregation/methods.h"
#include "common/aggregation/workforce.h"

// What is true, and who is how good, from all answers at once. Pure functions: the same problem gives the same
// estimate, whatever the order of its answers and the number of threads. A new method is one file and one line in
// registry.cc; a conformance test then runs on it at once.
namespace tally::aggregation::labels {

inline constexpr std::int32_t unknown = -1;

struct Problem {
  const AnswerTable& answers;
  // By task, the label that is known to be right, or `unknown`; empty where none is known. A known label is believed
  // whatever the answers say, and tells who is good.
  std::span<const std::int32_t> gold = {};
  // [worker][label given][true label]: answers of earlier projects, as counts; empty where there are none. Only methods
  // with confusion rows use it.
  std::span<const double> history = {};

  [[nodiscard]] std::int32_t gold_of(std::int32_t task) const {
    return gold.empty() ? unknown : gold[static_cast<std::size_t>(task)];
  }
};

struct Estimate {
  // [task][label]: how much the method believes that the label is right; each task's add up to 1, or are all 0 where
  // there is neither an answer nor gold. Called a probability by the methods that have a model, and overconfident in
  // all of them: see docs/quality.md.
  std::vector<double> belief;
  // By worker: the share of answers that are right, as the method sees it. Empty where it has no view of workers.
  std::vector<double> skill;
  // [worker][label given][true label]: how probable the answer is where the label is true. Empty where the method has
  // no confusion rows.
  std::vector<double> confusion;
};

// Beliefs, and confusion rows where a method has them, are kept densely.
inline constexpr std::int64_t cells_max = std::int64_t{1} << 28;

struct Method {
  std::string_view name;
  std::string_view says;  // In one line, for those who choose one.
  bool has_confusion = false;
  // REQUIRES fits(), labels within the problem's count, and history of the right size.
  Estimate (*estimate)(const Problem& problem, Workforce& workforce);
};

// Whether the problem is small enough for the method: beliefs and confusion rows within cells_max each.
[[nodiscard]] bool fits(const AnswerTable& answers, const Method& method);

[[nodiscard]] Methods<Method> methods();

}  // namespace tally::aggregation::labels
