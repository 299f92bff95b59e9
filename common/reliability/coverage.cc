#include "common/reliability/coverage.h"

#include <algorithm>

namespace tally::reliability {

void Coverage::add(TaskState state, std::int64_t answers_given, std::int64_t audited_after, Micros paid) {
  ++tasks;
  ++of_state.at(static_cast<std::size_t>(state));
  answers += answers_given;
  if (state != TaskState::open) answers_closed += answers_given;
  cost += paid;
  if (audited_after == 0) return;
  ++audited;
  answers_beyond += std::max<std::int64_t>(0, answers_given - audited_after);
}

std::optional<std::int64_t> Coverage::answers_to_close() const {
  const std::int64_t closed = tasks - count(TaskState::open);
  if (closed == 0) return std::nullopt;
  return (answers_closed + closed - 1) / closed;
}

}  // namespace tally::reliability
