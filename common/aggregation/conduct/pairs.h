#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/conduct/references.h"

// Inside conduct: pairs that agree on wrong answers more than chance allows.
//
// On a task that two workers share, the truth is gold, or else believed by the answers of two or more outside the pair
// and not linked with it (links.h), as in the model of Dawid and Skene (outside.h). A shared wrong answer is the same
// label from both that is not the most believed one. Two workers who do not know of each other give it with the product
// of their probabilities, over what may be true: each one's row of a confusion table, times how much more or less the
// label is given on this very task by those outside, smoothed by four pseudo-answers. So frequent errors, popular wrong
// labels, tempting tasks and doubtful truths explain agreement, and constant workers are no ring.
//
// What makes honest workers alike beyond that, such as a misunderstanding that some share, is measured on the project
// itself: by how much all pairs exceed the model (`excess`, at least 1) and how unevenly (`dispersion`), without linked
// pairs and those that stand out. A pair's count is tested with the mean excess × expected, as negative binomial, or as
// binomial where there is no dispersion; the level is kept over all pairs by Holm's steps.
//
// Source: the idea of counting shared wrong answers against each one's error rate is that of the indices of answer
// copying in examinations (Wollack, "A nominal response model approach for detecting answer copying", 1997; Wesolowsky,
// "Detecting excessive similarity in answers on multiple choice exams", 2000); a null that is fitted on the bulk of the
// tests is Efron's, "Large-scale simultaneous hypothesis testing", 2004.
namespace tally::aggregation::conduct {

struct PairNull {
  double excess = 1;
  double dispersion = 0;
};

struct PairTest {
  Links links;
  std::vector<Pair> found;  // By first, then second. Their `expected` is with the excess.
  std::int64_t tested = 0;
  PairNull null;
};

// O(answers × answers of the task × labels); memory as conduct.h bounds it.
[[nodiscard]] PairTest test_pairs(const AnswerRows& rows, std::span<const std::int32_t> gold);

}  // namespace tally::aggregation::conduct
