#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/messages/worker.h"

// What a program that answers tasks reads and writes: one JSON object a line. docs/worker.md is the description for
// its authors.
namespace tally::worker {

inline constexpr std::size_t exec_line_bytes_max = std::size_t{1} << 20U;

// The line for one task, without its line end. REQUIRES a task and a spec that usable() accepts.
[[nodiscard]] std::string task_line(const TaskOffer& task, const ProjectSpec& spec, Duration lease_left);

struct ExecAnswer {
  bool skip = false;
  AnswerValues values;  // Accepted by the form; without fields that were left empty.
};

struct ExecRubbish {
  std::string what;      // For people; safe for a terminal.
  bool in_step = false;  // The line was an answer to this very task, so the next line can be trusted to be of the next.
};

// What a line of the program means as the answer to this task.
[[nodiscard]] Result<ExecAnswer, ExecRubbish> answer_from(std::string_view line, AssignmentId assignment,
                                                          const std::vector<FieldSpec>& form);

// What a program said, as far as a message shows it.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace tally::worker
