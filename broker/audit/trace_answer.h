#pragma once

#include <cstdint>
#include <optional>

#include "broker/audit/trace_lines.h"
#include "schemas/ids.h"

namespace tally::audit {

// Adds the chain of a task: the money that funded it, its leases, answers, verdict, pay and what became of the pay.
// With `only`, of that one assignment and the verdict alone. False when there is no such task.
[[nodiscard]] bool trace_task(TraceLines& lines, TaskId task, std::optional<std::int32_t> only);
// The same by the assignment. False when there is none.
[[nodiscard]] bool trace_assignment(TraceLines& lines, AssignmentId id);

}  // namespace tally::audit
