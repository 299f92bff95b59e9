#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/messages/worker.h"

// What a program that answers tasks reads and writes: one JSON object a line. docs/worker.md is the description for
// its authors.
namespace tally::worker {

inline constexpr std::size_t exec_line_bytes_max = std::size_t{1} << 20U;

// The line for one task, without its line end, with what is said of the training answer that this program gave last, if
// it has not heard that yet. REQUIRES a task and a spec that usable() accepts.
[[nodiscard]] std::string task_line(const TaskOffer& task, const ProjectSpec& spec, Duration lease_left,
                                    const std::optional<TrainingFeedback>& feedback = std::nullopt);

// The same for a training task: a program that knows nothing of training answers it like any other.
[[nodiscard]] std::string training_line(const TrainingOffer& task, ProjectId project, const ProjectSpec& spec,
                                        Duration time_left, const std::optional<TrainingFeedback>& feedback);
// What such a line has in the place of an assignment: "training-1-2", by round and task.
[[nodiscard]] std::string training_name(const TrainingOffer& task);

struct ExecAnswer {
  bool skip = false;
  AnswerValues values;  // Accepted by the form; without fields that were left empty.
};

struct ExecRubbish {
  std::string what;      // For people; safe for a terminal.
  bool in_step = false;  // The line was an answer to this very task, so the next line can be trusted to be of the next.
};

// What a line of the program means as the answer to the task of this assignment, or training name.
[[nodiscard]] Result<ExecAnswer, ExecRubbish> answer_from(std::string_view line, std::string_view assignment,
                                                          const std::vector<FieldSpec>& form);

// What a program said, as far as a message shows it.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace tally::worker
