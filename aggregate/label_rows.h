#pragma once

#include <cstdint>
#include <vector>

#include "aggregate/answers_file.h"
#include "aggregate/rows.h"
#include "common/aggregation/labels/method.h"

// What was found out about tasks whose answers are labels, and about their workers, as tables.
namespace tally::aggregate {

// task, label, belief, answers, agreeing, and with `all` a column for each label. The label is the most believed;
// of several believed alike the first by name. A task of which nothing is known has no row.
void write_verdicts(RowWriter& out, const Answers& answers, const aggregation::labels::AnswerTable& table,
                    const aggregation::labels::Estimate& found, bool all);

struct WorkerCounts {
  std::int64_t given = 0;
  std::int64_t of_gold = 0;  // Of those given: to tasks with gold.
  std::int64_t right = 0;    // Of those: right.
};

[[nodiscard]] std::vector<WorkerCounts> counts_by_worker(const Answers& answers,
                                                         const aggregation::labels::AnswerTable& table);

// Up to so many labels, workers' rows tell how they confuse them: a column for each pair.
inline constexpr std::int32_t confusion_labels_max = 10;

// worker, answers, skill, and where there is gold: gold_answers, gold_right, accuracy_low, accuracy_high (Wilson 1927,
// 95 %). Empty where a method says nothing of workers. Of a method with confusion rows, and at most
// confusion_labels_max labels, also confusion:TRUE:GIVEN for each pair of labels: how probable the worker's answer is
// where the truth is known to be the first.
void write_workers(RowWriter& out, const Answers& answers, const aggregation::labels::AnswerTable& table,
                   const aggregation::labels::Estimate& found);

}  // namespace tally::aggregate
