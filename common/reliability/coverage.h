#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "schemas/messages/requester.h"

// How the tasks of a project ended, and what was bought for them.
namespace tally::reliability {

struct Coverage {
  std::int64_t tasks = 0;
  std::array<std::int64_t, EnumNames<TaskState>::names.size()> of_state{};
  std::int64_t answers = 0;
  std::int64_t answers_closed = 0;  // Of them to tasks that are not open any more.
  Micros cost;
  std::int64_t audited = 0;         // Closed tasks that could settle before, and went on for the audit:
  std::int64_t answers_beyond = 0;  // to so many more answers.
  // Only who has read the answers themselves knows:
  std::optional<std::int64_t> workers;
  std::int64_t left_out = 0;  // Answers that cannot be read.

  // `audited_after`: answers that the task had when it went on; 0: it did not.
  void add(TaskState state, std::int64_t answers_given, std::int64_t audited_after, Micros paid);

  [[nodiscard]] std::int64_t count(TaskState state) const { return of_state[static_cast<std::size_t>(state)]; }
  [[nodiscard]] double answers_a_task() const {
    return tasks == 0 ? 0 : static_cast<double>(answers) / static_cast<double>(tasks);
  }
  // What a task took until it closed, rounded up; nothing: none has.
  [[nodiscard]] std::optional<std::int64_t> answers_to_close() const;
};

}  // namespace tally::reliability
