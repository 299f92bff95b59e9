#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "broker/storage/audit_rows.h"
#include "common/base/result.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"

// Proves the marketplace's books, or names the first row that is wrong; and tells how one answer, verdict or payout
// came to be. Written apart from the core: it takes nothing from the code whose work it checks but the formats, the
// aggregation methods and the forms.
namespace tally::audit {

struct AuditorConfig {
  std::string connection;  // libpq connection string; a role that may only read is enough.
  std::function<void(std::string_view key_value_line)> log;
};

// On a connection of its own; blocks; one thread. `stop` ends a step early, with the refusal `unavailable`.
class Auditor {
 public:
  Auditor(AuditorConfig config, const std::atomic<bool>& stop);

  // One step: parts after the cursor, all as of one moment, until some 20,000 records were read. Ends at the first
  // wrong row, with `next` behind the part that has it. The last step also compares the sums over all parts, at its
  // moment; so the sums of the pages may differ while money moves, and a difference that is one is in `wrong`.
  // Refusals: malformed (the cursor), unavailable (the database is away), internal_error (it cannot be read).
  Result<Reply, Refusal> verify(const VerifyAudit& message);

  // Refusals: malformed, task_not_found, assignment_not_found, transfer_not_found, unavailable, internal_error.
  Result<Reply, Refusal> trace(const TraceAudit& message);

 private:
  Result<Done, Refusal> read(const std::function<void(storage::AuditSnapshot&)>& work);

  const std::atomic<bool>& stop_;
  storage::AuditRows rows_;
};

}  // namespace tally::audit
