#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "schemas/evidence.h"

// What one task's answers say, given how probable each of them is if a label is true. Whole numbers: the same evidence
// gives the same judgement, with every compiler, as long as it is kept.
namespace tally::aggregation {

// A belief is in shares of a task: so many are one.
inline constexpr std::int32_t whole_share = 4096;

struct LabelJudgement {
  std::vector<std::int32_t> belief;  // By label. They add up to at most whole_share, and to little less.
  std::int32_t label = 0;            // The most believed; of several alike the first.
  bool is_tied = false;              // Another is believed alike.
  std::int64_t posterior_ppm = 0;    // Of the label: Bayes' rule, answers taken as independent of each other.
  std::int64_t log_odds = 0;  // Of the label against all others; 31 doublings where these are as good as nothing.
};

// Whether it can be judged: it has labels, a row of `said` for each of the ballots, and no number beyond what
// probabilities give. What was not made here (a journal read back) is asked first.
[[nodiscard]] bool is_sound(const LabelEvidence& evidence, std::size_t labels, std::size_t ballots);

// REQUIRES is_sound().
[[nodiscard]] LabelJudgement judge(const LabelEvidence& evidence);

}  // namespace tally::aggregation
