#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schemas/messages/worker.h"

// What is said of a training round, for the keyboard and for the log of a program's work. Others' texts are made safe
// here.
namespace tally::worker {

// What a round asks, before its first task: "5 tasks, of which 4 must be right; at most 2 rounds".
[[nodiscard]] std::string round_ahead_text(const TrainingStep& step);
// On one answer: whether it is right, what would have been, and why. Lines that end.
[[nodiscard]] std::string feedback_text(const TrainingFeedback& feedback, const std::vector<FieldSpec>& form);
// The same on one line: "right", or "not right; right is bird=robin".
[[nodiscard]] std::string feedback_line(const TrainingFeedback& feedback);
// What came of a round that has just ended: "3 of 5 right, 4 are needed; 1 round is left".
[[nodiscard]] std::string round_result_text(const TrainingStep& step);

// Whether the answer to this task was the last of its round.
[[nodiscard]] bool ends_round(const TrainingOffer& answered, const TrainingStep& step);

}  // namespace tally::worker
