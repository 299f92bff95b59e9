#include "broker/audit/books.h"

#include <algorithm>
#include <tuple>

namespace tally::audit {
namespace {

enum class PartKind { account, control, task };
PartKind kind_of(PartId part) {
  if (is_account_part(part)) return PartKind::account;
  return is_control_part(part) ? PartKind::control : PartKind::task;
}

struct Way {
  PartKind part;
  TransferKind kind;
  Fund from;
  Fund to;
  friend bool operator==(const Way&, const Way&) = default;
};

// docs/ledger.md: all the ways in which money moves, but for payouts.
constexpr Way ways[] = {
    {PartKind::account, TransferKind::deposit, Fund::outside, Fund::wallet},
    {PartKind::account, TransferKind::reserve, Fund::wallet, Fund::transit},
    {PartKind::account, TransferKind::sweep, Fund::transit, Fund::wallet},
    {PartKind::account, TransferKind::sweep, Fund::transit, Fund::receivable},
    {PartKind::account, TransferKind::refund, Fund::transit, Fund::wallet},
    {PartKind::account, TransferKind::refund, Fund::transit, Fund::receivable},
    {PartKind::account, TransferKind::bonus, Fund::wallet, Fund::transit},
    {PartKind::account, TransferKind::bonus, Fund::transit, Fund::wallet},
    {PartKind::account, TransferKind::bonus, Fund::transit, Fund::receivable},
    {PartKind::account, TransferKind::payout_run, Fund::wallet, Fund::payable},
    {PartKind::account, TransferKind::paid_out, Fund::payable, Fund::outside},
    {PartKind::account, TransferKind::reversal, Fund::wallet, Fund::outside},
    {PartKind::account, TransferKind::reversal, Fund::wallet, Fund::transit},
    {PartKind::account, TransferKind::reversal, Fund::receivable, Fund::transit},
    {PartKind::control, TransferKind::reserve, Fund::transit, Fund::escrow},
    {PartKind::control, TransferKind::reserve, Fund::escrow, Fund::transit},
    {PartKind::control, TransferKind::refund, Fund::transit, Fund::escrow},
    {PartKind::control, TransferKind::refund, Fund::escrow, Fund::transit},
    {PartKind::task, TransferKind::reserve, Fund::transit, Fund::escrow},
    {PartKind::task, TransferKind::sweep, Fund::earnings, Fund::transit},
    {PartKind::task, TransferKind::sweep, Fund::fees, Fund::transit},
    {PartKind::task, TransferKind::refund, Fund::escrow, Fund::transit},
    {PartKind::task, TransferKind::reversal, Fund::earnings, Fund::escrow},
};

bool is_of_the_house(Fund fund) { return fund == Fund::outside || fund == Fund::transit || fund == Fund::fees; }

struct AmountIn {
  std::int64_t operator()(const Sweep& mail) const {
    std::int64_t sum = 0;
    for (const AmountOf& row : mail.rows) {
      if (row.amount.value <= 0 || !add(sum, row.amount.value)) return -1;
    }
    return sum;
  }
  std::int64_t operator()(const TakeBack&) const { return 0; }
  std::int64_t operator()(const StandingEarned&) const { return 0; }
  std::int64_t operator()(const PartLearned&) const { return 0; }
  std::int64_t operator()(const QualificationEarned&) const { return 0; }
  template <class M>
  std::int64_t operator()(const M& mail) const {
    if constexpr (requires { mail.amount.value; }) return mail.amount.value;
    return 0;
  }
};

}  // namespace

std::int64_t amount_in(const Mail& mail) { return std::visit(AmountIn{}, mail); }
std::string_view name_of_mail(const Mail& mail) {
  return std::visit([](const auto& held) { return std::string_view(held.name); }, mail);
}

void Books::wrong(const TransferPosted& r, std::string_view rule) {
  finding_.note("transfers " + to_text(part_) + ' ' + to_text(TransferId{part_, r.no}), rule);
}

void Books::wrong(const PayoutPosted& r, std::string_view rule) {
  finding_.note("payouts " + to_text(part_) + ' ' + to_text(AssignmentId{part_, r.assignment}), rule);
}

std::string_view Books::shape_problem(const TransferPosted& r) const {
  if (r.amount.value <= 0) return "its amount is not above zero";
  if (std::find(std::begin(ways), std::end(ways), Way{kind_of(part_), r.kind, r.from.fund, r.to.fund}) ==
      std::end(ways)) {
    return "no such transfer exists in a part of this kind";
  }
  for (const SubAccount& side : {r.from, r.to}) {
    if (is_of_the_house(side.fund) && side.owner != house_account) return "a side of it is of the wrong account";
  }
  const bool of_an_answer = kind_of(part_) == PartKind::task && r.kind == TransferKind::reversal;
  if (of_an_answer != (r.assignment > 0)) return "it names an assignment where there is none, or none where it must";
  const bool reverses = r.kind == TransferKind::reversal && r.to.fund != Fund::transit;
  if (reverses != (r.reverses > 0)) return "it names a transfer that it reverses where there is none, or none";
  return {};
}

std::string_view Books::shape_problem(const PayoutPosted& r) const {
  if (r.amount.value <= 0) return "its amount is not above zero";
  if (r.fee.value < 0) return "its fee is below zero";
  if (kind_of(part_) != PartKind::task) return "no such transfer exists in a part of this kind";
  return {};
}

std::string Books::move(SubAccount from, SubAccount to, std::int64_t amount) {
  if (!add(balances_[from], -amount) || !add(balances_[to], amount)) return "a balance is more than 64 bits hold";
  if (balances_[from] >= 0 || may_be_negative(from.fund)) return {};
  return "it takes more than there is: " + std::string(name_of(from.fund)) + " of " + std::to_string(from.owner.value) +
         " would be " + to_text(Micros{balances_[from]});
}

void Books::on(const PayoutPosted& r) {
  if (!is_next(r.no)) return wrong(r, "its number is not the next");
  if (const auto problem = shape_problem(r); !problem.empty()) return wrong(r, problem);
  const SubAccount escrow{Fund::escrow, r.owner};
  const SubAccount earnings{Fund::earnings, r.worker};
  if (const auto problem = move(escrow, earnings, r.amount.value); !problem.empty()) return wrong(r, problem);
  if (r.fee.value > 0) {
    const auto problem = move(escrow, {Fund::fees, house_account}, r.fee.value);
    if (!problem.empty()) return wrong(r, problem);
  }
  transfers_.push_back({std::nullopt, escrow, earnings, r.amount.value, r.fee.value, r.assignment, false});
}

void Books::on(const TransferPosted& r) {
  if (!is_next(r.no)) return wrong(r, "its number is not the next");
  if (const auto problem = shape_problem(r); !problem.empty()) return wrong(r, problem);
  if (r.reverses > 0) check_reversal(r);
  if (const auto problem = move(r.from, r.to, r.amount.value); !problem.empty()) return wrong(r, problem);
  if (r.to.fund == Fund::receivable && balances_[r.to] > 0) return wrong(r, "it pays back more than is owed");
  if (r.to.fund == Fund::transit && !add(not_mailed_, r.amount.value)) return wrong(r, "sums do not fit");
  if (r.kind == TransferKind::sweep && r.to.fund == Fund::transit && !add(swept_[r.from.owner], r.amount.value)) {
    return wrong(r, "sums do not fit");
  }
  transfers_.push_back({r.kind, r.from, r.to, r.amount.value, 0, r.assignment, false});
}

void Books::check_reversal(const TransferPosted& r) {
  if (r.reverses >= r.no) return wrong(r, "it reverses a transfer that does not exist");
  Transfer& reversed = transfers_[static_cast<std::size_t>(r.reverses) - 1];
  const bool may_be = !reversed.kind || reversed.kind == TransferKind::deposit;
  if (!may_be) return wrong(r, "it reverses what is neither a deposit nor a payout");
  if (reversed.from != r.to || reversed.to != r.from || reversed.amount != r.amount.value ||
      reversed.assignment != r.assignment) {
    return wrong(r, "it is not the opposite of the transfer it reverses");
  }
  if (reversed.reversed) return wrong(r, "the transfer it reverses was reversed before");
  reversed.reversed = true;
}

void Books::on(const MailSent& r) {
  const std::string row = "outbox " + to_text(part_) + " mail " + std::to_string(r.no);
  if (r.no != static_cast<std::int64_t>(mails_.size()) + 1) return finding_.note(row, "its number is not the next");
  const std::int64_t amount = amount_in(r.body);
  if (amount < 0 || !add(not_mailed_, -amount)) return finding_.note(row, "its amount cannot be");
  if (const auto* sweep = std::get_if<Sweep>(&r.body)) {
    for (const AmountOf& account : sweep->rows) {
      if (account_part_of(account.account) != r.to) return finding_.note(row, "it sweeps to a part of other accounts");
      if (!add(swept_[account.account], -account.amount.value)) return finding_.note(row, "sums do not fit");
    }
  }
  mails_.push_back({r.to, amount, false});
}

void Books::on(const MailDelivered& r) {
  const std::string row = "outbox " + to_text(part_) + " mail " + std::to_string(r.no);
  if (r.no < 1 || r.no > static_cast<std::int64_t>(mails_.size())) {
    return finding_.note(row, "it was delivered, and never sent");
  }
  bool& delivered = mails_[static_cast<std::size_t>(r.no) - 1].delivered;
  if (delivered) return finding_.note(row, "it was forgotten twice");
  delivered = true;
}

void Books::end_of_batch() {
  const std::string row =
      "transfers " + to_text(part_) + " m" + to_text(part_).substr(1) + '.' + std::to_string(transfers_.size());
  if (not_mailed_ != 0) {
    finding_.note(row,
                  "what was put in transit up to here and what mails carry differ by " + to_text(Micros{not_mailed_}));
  }
  for (const auto& [account, difference] : swept_) {
    if (difference == 0) continue;
    finding_.note(row,
                  "what was swept for account " + std::to_string(account.value) + " and what its mail says differ");
  }
  swept_.clear();
}

std::int64_t Books::balance(SubAccount account) const {
  const auto found = balances_.find(account);
  return found == balances_.end() ? 0 : found->second;
}

}  // namespace tally::audit
