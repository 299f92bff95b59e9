#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

// How a task part ends, and how its money goes home.
namespace tally::core {

bool is_at_its_end(const TaskPart& tasks) {
  return tasks.state == PartState::settled && tasks.live == 0 && tasks.under_review == 0;
}

// Looks whether the part has come to its end: every task closed (settled), and no answer or money to wait for (done).
void finish_part(const Turn& turn, Part& part) {
  const TaskPart& tasks = part.tasks();
  if (tasks.state == PartState::open && tasks.open == 0) {
    turn.emit(part.id, PartStateChanged{PartState::settled});
    send_standing(turn, part);
    send_what_was_learned(turn, part);
  }
  if (!is_at_its_end(tasks)) return;
  TALLY_ASSERT(tasks.waiting == 0);
  if (!turn.state.sweeps.contains(part.id)) sweep_at_once(turn, part);
  if (has_unswept(part)) return;  // The last step of the sweep comes back here.
  turn.state.sweeps.erase(part.id);
  const SubAccount escrow{Fund::escrow, tasks.created.owner};
  const Micros left = part.ledger.balance(escrow);
  if (left.value > 0) turn.transfer(part, TransferKind::refund, escrow, transit, left);
  if (planted(Bug::refund_twice)) turn.mail(part, control_part_of(project_of(part.id)), PartDone{left});
  turn.mail(part, control_part_of(project_of(part.id)), PartDone{left});
  // It may leave memory when its mail has arrived: leaving.cc.
  turn.emit(part.id, PartStateChanged{PartState::done});
}

}  // namespace tally::core
