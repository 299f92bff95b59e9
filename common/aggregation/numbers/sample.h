#pragma once

#include <functional>
#include <span>
#include <vector>

#include "common/aggregation/numbers/numbers.h"

// Inside numbers: what the methods share.
namespace tally::aggregation::numbers {

// By value, then worker: the order in which sums are taken, so that they do not depend on the order given.
[[nodiscard]] std::vector<Answer> sorted(std::span<const Answer> answers);

// Half way between the two in the middle. REQUIRES at least one, sorted.
[[nodiscard]] double median_of(std::span<const Answer> sorted);

// The share of the answers within `tolerance` of the value. REQUIRES at least one.
[[nodiscard]] double support_of(double value, std::span<const Answer> answers, double tolerance);

// How many standard errors an interval of 95 % reaches to either side. Student's t; infinite below one degree.
[[nodiscard]] double student_95(std::int64_t degrees);

// Calls work(task, answers) with each task's answers sorted, maybe several at a time.
void for_each_task(const Problem& problem, Workforce& workforce,
                   const std::function<void(std::size_t task, std::span<const Answer> sorted)>& work);

// The estimate of a method that looks at one task at a time. REQUIRES fits(). `outcome_of` gets at least one answer,
// sorted; its support is filled in here.
[[nodiscard]] Estimate estimate_each(const Problem& problem, Workforce& workforce,
                                     const std::function<Outcome(std::span<const Answer> sorted)>& outcome_of);

}  // namespace tally::aggregation::numbers
