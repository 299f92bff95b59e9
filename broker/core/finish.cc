#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

// How a task part ends, and how its money goes home.
namespace tally::core {
namespace {

bool is_to_sweep(SubAccount account, Micros balance) {
  return (account.fund == Fund::earnings || account.fund == Fund::fees) && balance.value != 0;
}

}  // namespace

bool has_unswept(const Part& part) {
  return std::any_of(part.ledger.balances.begin(), part.ledger.balances.end(),
                     [](const auto& entry) { return is_to_sweep(entry.first, entry.second); });
}

// Sends what workers earned here, and the house's fees, to the wallets where they live: one mail for each account part.
// Not more than `most` balances, in their order.
Swept sweep_some(const Turn& turn, Part& part, SubAccount from, std::size_t most) {
  Swept done;
  std::map<PartId, std::vector<AmountOf>> rows;
  std::vector<std::pair<SubAccount, Micros>> swept;
  for (auto it = part.ledger.balances.lower_bound(from); it != part.ledger.balances.end(); ++it) {
    const auto& [account, balance] = *it;
    if (!is_to_sweep(account, balance)) continue;
    if (swept.size() == most) {
      done.next = account;
      break;
    }
    swept.emplace_back(account, balance);
    rows[account_part_of(account.owner)].push_back({account.owner, balance});
  }
  for (const auto& [account, balance] : swept) {
    turn.transfer(part, TransferKind::sweep, account, {Fund::transit, house_account}, balance);
  }
  for (auto& [home, amounts] : rows) {
    if (planted(Bug::double_sweep)) turn.mail(part, home, Sweep{amounts});
    turn.mail(part, home, Sweep{std::move(amounts)});
  }
  done.balances = swept.size();
  return done;
}

void sweep(const Turn& turn, Part& part) { sweep_some(turn, part, {}, SIZE_MAX); }

// Looks whether the part has come to its end: every task closed (settled), and no answer or money to wait for (done).
void finish_part(const Turn& turn, Part& part) {
  const TaskPart& tasks = part.tasks();
  if (tasks.state == PartState::open && tasks.open == 0) turn.emit(part.id, PartStateChanged{PartState::settled});
  if (tasks.state != PartState::settled || tasks.live > 0 || tasks.under_review > 0) return;
  TALLY_ASSERT(tasks.waiting == 0);
  sweep(turn, part);
  const SubAccount escrow{Fund::escrow, tasks.created.owner};
  const Micros left = part.ledger.balance(escrow);
  if (left.value > 0) turn.transfer(part, TransferKind::refund, escrow, {Fund::transit, house_account}, left);
  if (planted(Bug::refund_twice)) turn.mail(part, control_part_of(project_of(part.id)), PartDone{left});
  turn.mail(part, control_part_of(project_of(part.id)), PartDone{left});
  // It may leave memory when its mail has arrived: mail.cc.
  turn.emit(part.id, PartStateChanged{PartState::done});
}

}  // namespace tally::core
