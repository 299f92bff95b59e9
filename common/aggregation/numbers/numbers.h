#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/aggregation/methods.h"
#include "common/aggregation/workforce.h"

// Answers that each are a number: what is the number of each task, and how sure is that. Pure functions: the same
// problem gives the same estimate, whatever the order of a task's answers and the number of threads. A new method is
// one file and one line in registry.cc; a conformance test then runs on it at once.
namespace tally::aggregation::numbers {

struct Answer {
  std::int32_t worker = 0;  // From 0; names are the caller's business.
  double value = 0;
};

// A size beyond which sums of squares could overflow.
inline constexpr double value_max = 1e100;

// What was written as a number, whole and in these bounds; nothing: it is none.
[[nodiscard]] std::optional<double> value_from(std::string_view text);

struct Problem {
  // By task. A worker who answered a task again is in it again, and counted again.
  std::span<const std::vector<Answer>> tasks;
  std::int32_t workers = 0;
  // How far apart two numbers may lie and still say the same; in the unit of the answers.
  double tolerance = 0;
};

struct Outcome {
  double value = 0;
  // Where the truth lies with a confidence of 95 %, as far as the crowd's mistakes are independent and lean to neither
  // side. Infinite where the method cannot tell. `cluster` gives the range of the answers it counts instead.
  double lower = 0;
  double upper = 0;
  double support = 0;  // The share of the answers that lie within the tolerance of the value.
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Estimate {
  std::vector<std::optional<Outcome>> outcomes;  // By task; nothing where there is no answer.
  // By worker: the variance of the answers, where 1 is that of the crowd on the same tasks. 1 for a worker without
  // answers. Empty where the method has no view of workers.
  std::vector<double> relative_variance;
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

struct Method {
  std::string_view name;
  std::string_view says;  // In one line, for those who choose one.
  // REQUIRES fits(). O(n log n) in the answers of a task.
  Estimate (*estimate)(const Problem& problem, Workforce& workforce);
};

// Whether methods take the problem: workers below their count, each value a number within value_max on either side of
// 0, the tolerance from 0 to value_max.
[[nodiscard]] bool fits(const Problem& problem);

[[nodiscard]] Methods<Method> methods();

}  // namespace tally::aggregation::numbers
