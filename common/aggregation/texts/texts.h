#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/aggregation/methods.h"
#include "common/aggregation/workforce.h"

// Answers that each are a text (a transcript, a translation): which text is right. Pure functions: the same problem
// gives the same estimate, whatever the order of a task's answers and the number of threads. A new method is one file
// and one line in registry.cc; a conformance test then runs on it at once.
namespace tally::aggregation::texts {

struct Answer {
  std::int32_t worker = 0;  // From 0; names are the caller's business.
  std::string_view text;    // UTF-8, or any bytes. The caller's for the length of the call.
};

inline constexpr std::size_t text_bytes_max = 100'000;

struct Problem {
  // By task. A worker who answered a task again is in it again, and counted again.
  std::span<const std::vector<Answer>> tasks;
  std::int32_t workers = 0;
};

struct Outcome {
  std::string text;
  // From 0 to 1, where 1 is that all answers say the same. `exact`: the share of the answers that are the text. Else
  // the mean over the answers of how alike they are to it: 1 less the edit distance in words by the longer's words.
  double support = 0;
  // False where answers are so long and so unlike that some were laid over each other roughly: text and support are
  // then those of a likely alignment, not of the best one. Never so up to 1,448 words.
  bool is_exact = true;
  // How many pairs of words were looked at: the work, at a nanosecond or two each.
  std::int64_t cells = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct Estimate {
  std::vector<std::optional<Outcome>> outcomes;  // By task; nothing where there is no answer.
  // By worker: the share of words that are right, as the method sees it. Empty where it has no view of workers.
  std::vector<double> skill;
  friend bool operator==(const Estimate&, const Estimate&) = default;
};

struct Method {
  std::string_view name;
  std::string_view says;  // In one line, for those who choose one.
  // REQUIRES fits(). Of k answers to a task `medoid` makes k (k + 1) / 2 comparisons, and `rover` k (k + 3) / 2 and two
  // more for each answer after the first. Each is bounded whatever the answers say, see comparison.h, so a task of five
  // takes about a second at most. Memory is linear in the lengths.
  Estimate (*estimate)(const Problem& problem, Workforce& workforce);
};

// Whether methods take the problem: workers below their count, texts of at most text_bytes_max.
[[nodiscard]] bool fits(const Problem& problem);

[[nodiscard]] Methods<Method> methods();

}  // namespace tally::aggregation::texts
