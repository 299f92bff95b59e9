#include "broker/audit/trace.h"

#include "broker/audit/trace_answer.h"
#include "broker/audit/trace_lines.h"
#include "broker/audit/trace_money.h"

namespace tally::audit {
namespace {

Unexpected<Refusal> none(RefusalCode code, const char* what, const std::string& id) {
  return {Refusal{code, std::string("there is no ") + what + ' ' + id, 0}};
}

}  // namespace

Result<AuditTrace, Refusal> trace_of(storage::AuditSnapshot& snapshot, const std::string& id) {
  TraceLines lines(snapshot);
  if (const auto task = task_id_from(id)) {
    if (!trace_task(lines, *task, std::nullopt)) return none(RefusalCode::task_not_found, "task", id);
  } else if (const auto assignment = assignment_id_from(id)) {
    if (!trace_assignment(lines, *assignment)) return none(RefusalCode::assignment_not_found, "assignment", id);
  } else if (const auto transfer = transfer_id_from(id)) {
    if (!trace_transfer(lines, *transfer)) return none(RefusalCode::transfer_not_found, "transfer", id);
  } else {
    return Unexpected{Refusal{RefusalCode::malformed,
                              "id: a task is written like t17.1.204, an assignment like a17.1.9, a transfer (a payout "
                              "or other movement of money) like m17.1.33",
                              0}};
  }
  return lines.take();
}

}  // namespace tally::audit
