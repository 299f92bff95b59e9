#include <string>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/assert.h"

// Money that people move themselves: deposits, bonuses, reversals, payout runs.
namespace tally::core {
namespace {

constexpr SubAccount outside{Fund::outside, house_account};

bool is_amount(Micros amount) { return amount.value > 0 && amount <= amount_max; }

void refuse_amount(const Turn& turn) {
  turn.refuse(RefusalCode::amount_invalid, "an amount must be more than zero and at most " + to_text(amount_max));
}

void refuse_balance(const Turn& turn, Micros balance, Micros needed) {
  turn.refuse(RefusalCode::balance_too_low, "the wallet has " + to_text(balance) + ": " + to_text(needed - balance) +
                                                " is missing for " + to_text(needed));
}

void reverse_deposit(const Turn& turn, Part& part, const Reverse& reverse) {
  const auto& deposits = part.accounts().deposits;
  const auto found = deposits.find(reverse.transfer.no);
  if (found == deposits.end()) {
    return turn.refuse(RefusalCode::not_reversible, to_text(reverse.transfer) + " is neither a deposit nor a payout");
  }
  if (found->second.reversed) return turn.reply(Acknowledged{});
  const SubAccount wallet{Fund::wallet, found->second.account};
  const Micros balance = part.ledger.balance(wallet);
  if (balance < found->second.amount) return refuse_balance(turn, balance, found->second.amount);
  const std::int32_t no =
      turn.transfer(part, TransferKind::reversal, wallet, outside, found->second.amount, 0, reverse.transfer.no);
  turn.store(part.id, ContentKind::transfer_note, no, reverse.reason);
  turn.reply(Acknowledged{});
}

void reverse_payout(const Turn& turn, Part& part, const Reverse& reverse) {
  const TaskPart& tasks = part.tasks();
  std::int32_t no = 0;
  for (std::size_t i = 0; i < tasks.assignments.size() && no == 0; ++i) {
    if (tasks.assignments[i].payout == reverse.transfer.no) no = static_cast<std::int32_t>(i + 1);
  }
  if (no == 0) {
    return turn.refuse(RefusalCode::not_reversible, to_text(reverse.transfer) + " is neither a deposit nor a payout");
  }
  const Assignment& assignment = *tasks.find_assignment(no);
  if (assignment.pay == PayState::reversed) return turn.reply(Acknowledged{});
  const Micros amount = assignment.paid;
  const AccountId worker = assignment.worker;
  turn.emit(part.id, PayDecided{no, PayState::reversed, "reversed", 0, turn.now_ms()});
  turn.store(part.id, ContentKind::rejection, no, reverse.reason);
  const SubAccount earnings{Fund::earnings, worker};
  if (tasks.state != PartState::done && part.ledger.balance(earnings) >= amount) {
    turn.transfer(part, TransferKind::reversal, earnings, {Fund::escrow, tasks.created.owner}, amount, no,
                  reverse.transfer.no);
  } else {
    turn.mail(part, account_part_of(worker), TakeBack{worker, tasks.created.owner, {part.id, no}, amount});
  }
  finish_part(turn, part);  // It may have been the last that was to go to a wallet.
  turn.reply(Acknowledged{});
}

struct Owed {
  std::vector<AmountOf> rows;
  std::int64_t without_address = 0;
};

// Workers whose wallet has at least so much. Those who did not say where they want to be paid are only counted: their
// money stays in the wallet.
Owed owed(const Part& part, Micros minimum) {
  Owed owed;
  for (const auto& [id, account] : part.accounts().accounts) {
    const Micros balance = part.ledger.balance({Fund::wallet, id});
    if (account.role != Role::worker || balance.value <= 0 || balance < minimum) continue;
    if (account.has_address) {
      owed.rows.push_back({id, balance});
    } else {
      ++owed.without_address;
    }
  }
  return owed;
}

PayoutFile file_of(const PayoutRun& run, std::int64_t without_address) {
  PayoutFile file;
  file.without_address = without_address;
  for (const AmountOf& row : run.rows) file.rows.push_back({row.account, {}, {}, row.amount});
  file.settled = run.settled;
  return file;
}

// The account part that a payout command names; null: refused, or waiting for it.
Part* payout_part(const Turn& turn, std::int64_t account_part) {
  if (account_part < 0 || account_part >= account_parts) {
    turn.refuse(RefusalCode::account_not_found, "account parts are numbered 0 to " + std::to_string(account_parts - 1));
    return nullptr;
  }
  return turn.need(PartId{account_part});
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const Deposit& deposit) {
  if (deposit.account.value < account_parts) {
    return turn.refuse(RefusalCode::account_not_found, "there is no account " + std::to_string(deposit.account.value));
  }
  Part* part = turn.need(account_part_of(deposit.account));
  if (part == nullptr) return;
  const auto kept = find_kept(turn, part->accounts().kept, who.account, deposit.key);
  if (!kept) return turn.refuse(kept.error());
  if (*kept != nullptr) {
    const auto& result = (*kept)->result;
    return turn.reply(Deposited{{part->id, static_cast<std::int32_t>(result.at(0))}, Micros{result.at(1)}});
  }
  const auto account = part->accounts().accounts.find(deposit.account);
  if (account == part->accounts().accounts.end()) {
    return turn.refuse(RefusalCode::account_not_found, "there is no account " + std::to_string(deposit.account.value));
  }
  if (account->second.role != Role::requester) {
    return turn.refuse(RefusalCode::role_not_allowed, "account " + std::to_string(deposit.account.value) + " is a " +
                                                          std::string(name_of(account->second.role)) +
                                                          "'s; money is deposited for requesters only");
  }
  const SubAccount wallet{Fund::wallet, deposit.account};
  if (!is_amount(deposit.amount) || part->ledger.balance(wallet) > amount_max - deposit.amount)
    return refuse_amount(turn);
  const std::int32_t no = turn.transfer(*part, TransferKind::deposit, outside, wallet, deposit.amount);
  turn.store(part->id, ContentKind::transfer_note, no, deposit.note);
  const Micros after = part->ledger.balance(wallet);
  keep(turn, *part, who.account, deposit.key, {no, after.value});
  turn.reply(Deposited{{part->id, no}, after});
}

void handle(const Turn& turn, const Identity& who, const Bonus& bonus) {
  const AssignmentId id = bonus.assignment;
  Part* tasks = nullptr;
  if (is_task_part(id.part) && !turn.is_absent(id.part)) {
    tasks = turn.need(id.part);
    if (tasks == nullptr) return;
  }
  const Assignment* assignment = tasks == nullptr ? nullptr : tasks->tasks().find_assignment(id.no);
  if (assignment == nullptr)
    return turn.refuse(RefusalCode::assignment_not_found, "there is no assignment " + to_text(id));
  if (tasks->tasks().created.owner != who.account) {
    return turn.refuse(RefusalCode::not_yours, "this assignment is of another requester's project");
  }
  Part* part = turn.need(account_part_of(who.account));
  if (part == nullptr) return;
  const auto kept = find_kept(turn, part->accounts().kept, who.account, bonus.key);
  if (!kept) return turn.refuse(kept.error());
  if (*kept != nullptr) return turn.reply(Acknowledged{});
  if (!is_amount(bonus.amount)) return refuse_amount(turn);
  const SubAccount wallet{Fund::wallet, who.account};
  const Micros balance = part->ledger.balance(wallet);
  if (balance < bonus.amount) return refuse_balance(turn, balance, bonus.amount);
  const std::int32_t no = turn.transfer(*part, TransferKind::bonus, wallet, transit, bonus.amount);
  turn.store(part->id, ContentKind::transfer_note, no, bonus.reason);
  turn.mail(*part, account_part_of(assignment->worker), BonusPaid{assignment->worker, id, bonus.amount});
  keep(turn, *part, who.account, bonus.key, {no});
  turn.reply(Acknowledged{});
}

void handle(const Turn& turn, const Identity&, const Reverse& reverse) {
  const PartId id = reverse.transfer.part;
  Part* part = nullptr;
  if (!is_control_part(id) && !turn.is_absent(id)) {
    part = turn.need(id);
    if (part == nullptr) return;
  }
  if (part == nullptr || reverse.transfer.no >= part->ledger.next_transfer) {
    return turn.refuse(RefusalCode::transfer_not_found,
                       "there is no transfer " + to_text(reverse.transfer) + " to reverse");
  }
  if (is_account_part(id)) return reverse_deposit(turn, *part, reverse);
  reverse_payout(turn, *part, reverse);
}

void handle(const Turn& turn, const Identity&, const ExportPayouts& payouts) {
  Part* part = payout_part(turn, payouts.account_part);
  if (part == nullptr) return;
  const auto known = part->accounts().payout_runs.find(payouts.run);
  if (known != part->accounts().payout_runs.end()) {
    return turn.reply(file_of(known->second, owed(*part, payouts.minimum).without_address));
  }
  PayoutRunMade made{payouts.run, payouts.minimum, {}};
  auto [rows, without_address] = owed(*part, payouts.minimum);
  made.rows = std::move(rows);
  for (const AmountOf& row : made.rows) {
    turn.transfer(*part, TransferKind::payout_run, {Fund::wallet, row.account}, {Fund::payable, row.account},
                  row.amount);
  }
  turn.emit(part->id, made);
  turn.reply(file_of({made.rows, false}, without_address));
}

void handle(const Turn& turn, const Identity&, const SettlePayouts& payouts) {
  Part* part = payout_part(turn, payouts.account_part);
  if (part == nullptr) return;
  const auto known = part->accounts().payout_runs.find(payouts.run);
  if (known == part->accounts().payout_runs.end()) {
    return turn.refuse(RefusalCode::transfer_not_found,
                       "there is no payout run '" + payouts.run + "'; export it first");
  }
  if (!known->second.settled && !payouts.look) {
    const std::vector<AmountOf> rows = known->second.rows;
    for (const AmountOf& row : rows) {
      turn.transfer(*part, TransferKind::paid_out, {Fund::payable, row.account}, outside, row.amount);
    }
    turn.emit(part->id, PayoutRunSettled{payouts.run});
  }
  turn.reply(file_of(part->accounts().payout_runs.at(payouts.run), 0));
}

}  // namespace tally::core
