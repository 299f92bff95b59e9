#include "tools/sim/audit_ledger.h"

#include <set>
#include <tuple>
#include <variant>

namespace tally::sim {
namespace {

std::int64_t money_in(const Mail& mail) {
  struct Amount {
    std::int64_t operator()(const OpenControl& m) const { return m.amount.value; }
    std::int64_t operator()(const FundPart& m) const { return m.amount.value; }
    std::int64_t operator()(const PartDone& m) const { return m.amount.value; }
    std::int64_t operator()(const Refund& m) const { return m.amount.value; }
    std::int64_t operator()(const BonusPaid& m) const { return m.amount.value; }
    std::int64_t operator()(const Sweep& m) const {
      std::int64_t sum = 0;
      for (const AmountOf& row : m.rows) sum += row.amount.value;
      return sum;
    }
    std::int64_t operator()(const PartFilled&) const { return 0; }
    std::int64_t operator()(const ClosePart&) const { return 0; }
    std::int64_t operator()(const TakeBack&) const { return 0; }
    std::int64_t operator()(const StandingEarned&) const { return 0; }
    std::int64_t operator()(const PartLearned&) const { return 0; }
    std::int64_t operator()(const QualificationEarned&) const { return 0; }
  };
  return std::visit(Amount{}, mail);
}

std::string name_of_mail(PartId from, std::int64_t no) { return "mail " + std::to_string(no) + " of " + to_text(from); }

// The ways that docs/ledger.md draws, but for payouts: no other is ever taken.
bool is_a_way(TransferKind kind, Fund from, Fund to) {
  using F = Fund;
  using K = TransferKind;
  static const std::set<std::tuple<K, F, F>> ways{
      {K::deposit, F::outside, F::wallet},     {K::reserve, F::wallet, F::transit},
      {K::reserve, F::transit, F::escrow},     {K::reserve, F::escrow, F::transit},
      {K::sweep, F::earnings, F::transit},     {K::sweep, F::fees, F::transit},
      {K::sweep, F::transit, F::wallet},       {K::sweep, F::transit, F::receivable},
      {K::refund, F::escrow, F::transit},      {K::refund, F::transit, F::escrow},
      {K::refund, F::transit, F::wallet},      {K::refund, F::transit, F::receivable},
      {K::bonus, F::wallet, F::transit},       {K::bonus, F::transit, F::wallet},
      {K::bonus, F::transit, F::receivable},   {K::payout_run, F::wallet, F::payable},
      {K::paid_out, F::payable, F::outside},   {K::reversal, F::wallet, F::outside},
      {K::reversal, F::earnings, F::escrow},   {K::reversal, F::wallet, F::transit},
      {K::reversal, F::receivable, F::transit}};
  return ways.contains({kind, from, to});
}

}  // namespace

void LedgerAudit::change(PartId part, SubAccount account, std::int64_t by) {
  touched_[{part, account}] = balances_[{part, account}] += by;
  if (account.fund == Fund::transit) transit_ += by;
}

void LedgerAudit::check_number(PartId part, std::int32_t transfer) {
  if (transfer == ++last_transfer_[part]) return;
  findings_.broken("G4", to_text(TransferId{part, transfer}) + " is not the next of its part");
}

void LedgerAudit::check_kind(PartId part, const TransferPosted& transfer) {
  const std::string name = to_text(TransferId{part, transfer.no});
  check_number(part, transfer.no);
  if (transfer.amount.value <= 0) findings_.broken("G4", name + " moves nothing");
  if (!is_a_way(transfer.kind, transfer.from.fund, transfer.to.fund)) {
    findings_.broken("G4", name + " is a " + std::string(tally::name_of(transfer.kind)) + " from " +
                               std::string(tally::name_of(transfer.from.fund)) + " to " +
                               std::string(tally::name_of(transfer.to.fund)));
  }
}

void LedgerAudit::transfer(PartId part, const TransferPosted& transfer) {
  check_kind(part, transfer);
  const std::int64_t amount = transfer.amount.value;
  change(part, transfer.from, -amount);
  change(part, transfer.to, amount);
  switch (transfer.kind) {
    case TransferKind::deposit:
      due_[transfer.to.owner] += amount;
      break;
    case TransferKind::paid_out:
      paid_out_[transfer.from.owner] += amount;
      break;
    case TransferKind::reversal:
      // A deposit, or a payout that was not swept yet; what was swept is taken back by mail.
      if (transfer.to.fund == Fund::outside) due_[transfer.from.owner] -= amount;
      if (transfer.to.fund == Fund::escrow) {
        due_[transfer.from.owner] -= amount;
        due_[transfer.to.owner] += amount;
      }
      break;
    case TransferKind::bonus:
      if (transfer.from.fund == Fund::wallet) due_[transfer.from.owner] -= amount;
      break;
    default:
      break;
  }
}

void LedgerAudit::payout(PartId part, const PayoutPosted& payout) {
  check_number(part, payout.no);
  const std::int64_t amount = payout.amount.value;
  const std::int64_t fee = payout.fee.value;
  if (amount <= 0 || fee < 0 || !is_task_part(part)) {
    findings_.broken("G4", to_text(TransferId{part, payout.no}) + " is no payout that can be");
  }
  change(part, {Fund::escrow, payout.owner}, -amount - fee);
  change(part, {Fund::earnings, payout.worker}, amount);
  change(part, {Fund::fees, house_account}, fee);
  due_[payout.owner] -= amount + fee;
  due_[payout.worker] += amount;
  due_[house_account] += fee;
}

void LedgerAudit::note_what_is_due(const tally::Mail& mail) {
  if (const auto* bonus = std::get_if<BonusPaid>(&mail)) due_[bonus->worker] += bonus->amount.value;
  if (const auto* taken = std::get_if<TakeBack>(&mail)) {
    due_[taken->worker] -= taken->amount.value;
    due_[taken->requester] += taken->amount.value;
  }
}

void LedgerAudit::sent(PartId part, const MailSent& mail) {
  if (mail.no != ++last_mail_[part]) findings_.broken("G4", name_of_mail(part, mail.no) + " is not the next");
  const std::int64_t amount = money_in(mail.body);
  mails_.emplace(Key{part, mail.no}, Mail{mail.to, amount, false, false});
  under_way_ += amount;
  note_what_is_due(mail.body);
}

void LedgerAudit::received(PartId part, const MailReceived& mail) {
  const auto found = mails_.find({mail.from, mail.no});
  const std::string name = name_of_mail(mail.from, mail.no);
  if (found == mails_.end()) return findings_.broken("G4", name + " was received and never sent");
  if (found->second.to != part) findings_.broken("G4", name + " was received by " + to_text(part));
  if (found->second.is_received) findings_.broken("G4", name + " was received twice");
  found->second.is_received = true;
  under_way_ -= found->second.amount;
}

void LedgerAudit::delivered(PartId part, const MailDelivered& mail) {
  const auto found = mails_.find({part, mail.no});
  const std::string name = name_of_mail(part, mail.no);
  if (found == mails_.end()) return findings_.broken("G4", name + " was forgotten and never sent");
  if (!found->second.is_received) findings_.broken("G4", name + " was forgotten before it was received");
  if (found->second.is_forgotten) findings_.broken("G4", name + " was forgotten twice");
  found->second.is_forgotten = true;
}

void LedgerAudit::check() {
  for (const auto& [key, balance] : touched_) {
    const auto& [part, account] = key;
    const bool may_be =
        account.fund == Fund::outside || account.fund == Fund::receivable || account.fund == Fund::transit;
    if (balance >= 0 || may_be) continue;
    findings_.broken("G4", std::string(name_of(account.fund)) + " of " + std::to_string(account.owner.value) + " in " +
                               to_text(part) + " is " + std::to_string(balance));
  }
  touched_.clear();
  if (transit_ != under_way_) {
    findings_.broken("G4", "in transit are " + std::to_string(transit_) + ", the mails under way carry " +
                               std::to_string(under_way_));
  }
}

std::int64_t LedgerAudit::balance(PartId part, Fund fund, AccountId owner) const {
  const auto found = balances_.find({part, {fund, owner}});
  return found == balances_.end() ? 0 : found->second;
}

std::int64_t LedgerAudit::sum_of(Fund fund) const {
  std::int64_t sum = 0;
  for (const auto& [key, balance] : balances_) sum += key.second.fund == fund ? balance : 0;
  return sum;
}

void LedgerAudit::check_at_rest() {
  for (const auto& [key, mail] : mails_) {
    if (!mail.is_received || !mail.is_forgotten) {
      findings_.broken("liveness", name_of_mail(key.first, key.second) + " to " + to_text(mail.to) +
                                       (mail.is_received ? " is not forgotten" : " did not arrive"));
    }
  }
  std::map<AccountId, std::int64_t> have = paid_out_;
  for (const auto& [key, balance] : balances_) {
    const SubAccount account = key.second;
    if (account.fund == Fund::wallet || account.fund == Fund::payable || account.fund == Fund::receivable) {
      have[account.owner] += balance;
    } else if (account.fund != Fund::outside && account.fund != Fund::transit && balance != 0) {
      findings_.broken("liveness", std::to_string(balance) + " are still " + std::string(name_of(account.fund)) +
                                       " in " + to_text(key.first));
    }
  }
  for (const auto& [account, amount] : due_) {
    if (have[account] != amount) {
      findings_.broken("G4", "account " + std::to_string(account.value) + " should have " + std::to_string(amount) +
                                 " and has " + std::to_string(have[account]));
    }
  }
}

}  // namespace tally::sim
