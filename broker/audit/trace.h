#pragma once

#include <string>

#include "broker/storage/audit_rows.h"
#include "common/base/result.h"
#include "schemas/messages/admin.h"
#include "schemas/refusals.h"

// The whole chain of one task, answer or movement of money, from the deposit that funded it to the payout, as the
// journal has it.
namespace tally::audit {

// `id`: t17.1.204, a17.1.9 or m17.1.33. Refusals: malformed, task_not_found, assignment_not_found, transfer_not_found.
[[nodiscard]] Result<AuditTrace, Refusal> trace_of(storage::AuditSnapshot& snapshot, const std::string& id);

}  // namespace tally::audit
