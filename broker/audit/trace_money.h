#pragma once

#include "broker/audit/trace_lines.h"
#include "schemas/ids.h"

namespace tally::audit {

// Adds the chain of a movement of money: for one that belongs to an answer, that answer's; else the mail it came or
// left by, and the answers it pays for. False when there is no such transfer.
[[nodiscard]] bool trace_transfer(TraceLines& lines, TransferId id);

}  // namespace tally::audit
