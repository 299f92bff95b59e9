#include "broker/audit/expected_rows.h"

#include <type_traits>

#include "broker/audit/books.h"
#include "common/base/digest.h"
#include "common/codec/records_codec.h"

namespace tally::audit {
namespace {

using storage::AuditKey;
using storage::AuditTable;

template <class Cell>
std::string text_of(const Cell& cell) {
  if constexpr (std::is_same_v<Cell, bool>) {
    return cell ? "t" : "f";
  } else if constexpr (std::is_integral_v<Cell>) {
    return std::to_string(cell);
  } else if constexpr (std::is_enum_v<Cell>) {
    return std::string(name_of(cell));
  } else if constexpr (requires { cell.value; }) {
    return std::to_string(cell.value);
  } else {
    return std::string(cell);
  }
}

template <class... Cell>
std::string cells(const Cell&... cell) {
  std::string text;
  bool is_first = true;
  const auto one = [&](const std::string& piece) {
    if (!is_first) text += storage::cell_separator;
    is_first = false;
    text += piece;
  };
  (one(text_of(cell)), ...);
  return text;
}

std::string hash(std::string_view bytes) { return hex_of(sha256(bytes)); }

}  // namespace

struct ExpectedRows::Visitor {
  ExpectedRows& to;
  Time at;

  void operator()(const TransferPosted& r) const {
    to.insert(
        AuditTable::transfers, {r.no, 0, {}},
        cells(r.kind, r.from.fund, r.from.owner, r.to.fund, r.to.owner, r.amount, r.assignment, r.reverses, r.at_ms));
    // Sums that do not fit were found by the books.
    static_cast<void>(audit::add(to.balances_[r.from], -r.amount.value));
    static_cast<void>(audit::add(to.balances_[r.to], r.amount.value));
  }
  void operator()(const PayoutPosted& r) const {
    to.insert(AuditTable::payouts, {r.assignment, 0, {}}, cells(r.no, r.owner, r.worker, r.amount, r.fee, r.at_ms));
    std::int64_t& escrow = to.balances_[{Fund::escrow, r.owner}];
    static_cast<void>(audit::add(escrow, -r.amount.value) && audit::add(escrow, -r.fee.value));
    static_cast<void>(audit::add(to.balances_[{Fund::earnings, r.worker}], r.amount.value));
    if (r.fee.value > 0) static_cast<void>(audit::add(to.balances_[{Fund::fees, house_account}], r.fee.value));
  }
  void operator()(const MailSent& r) const {
    to.insert(AuditTable::outbox, {r.no, 0, {}},
              cells(r.to, name_of_mail(r.body), amount_in(r.body), hash(codec::encode_mail(r.body)), at.ms));
  }
  void operator()(const MailDelivered& r) const {
    to.rows_[static_cast<std::size_t>(AuditTable::outbox)].erase({r.no, 0, {}});
  }
  void operator()(const MailReceived& r) const { to.insert(AuditTable::inbox, {r.from.value, r.no, {}}, ""); }
  void operator()(const CommandKept& r) const {
    to.insert(AuditTable::command_keys, {r.account.value, 0, r.key}, hex_of(r.input_digest.value));
  }
  void operator()(const AccountCreated& r) const { to.people_[r.account] = {r.role, false, false, r.at_ms}; }
  void operator()(const KeyEnrolled& r) const { to.people_[r.account].is_enrolled = true; }
  void operator()(const GrantOpened& r) const { to.people_[r.account].is_enrolled = true; }
  void operator()(const AccountSuspended& r) const { to.people_[r.account].is_suspended = r.suspended; }
  void operator()(const PayoutRunMade& r) const {
    for (const AmountOf& row : r.rows) {
      to.insert(AuditTable::payout_runs, {row.account.value, 0, r.run}, cells(row.amount));
    }
  }
  void operator()(const PayoutRunSettled& r) const {
    to.insert(AuditTable::payout_runs_settled, {0, 0, r.run}, cells(at.ms));
  }
  void operator()(const ProjectCreated& r) const {
    to.project_ = r;
    to.deadline_ms_ = r.opened.spec.deadline_ms;
  }
  void operator()(const ProjectStateChanged& r) const { to.project_state_ = r.state; }
  void operator()(const DeadlineSet& r) const { to.deadline_ms_ = r.deadline_ms; }
  void operator()(const AnswerAccepted& r) const {
    to.insert(
        AuditTable::answers, {r.assignment, 0, {}},
        cells(r.task, r.worker, hash(codec::encode_ballots(r.ballots)), hex_of(r.digest.value), r.at_ms, r.took_ms));
  }
  void operator()(const VerdictReached& r) const {
    to.insert(AuditTable::verdicts, {r.task, 0, {}},
              cells(r.reason, hash(codec::encode_judged(r.judged)), hash(codec::encode_weighed(r.ballots)), r.at_ms,
                    r.audited_after));
  }
  void operator()(const PayDecided& r) const { to.pay_[r.assignment] = r; }
  template <class Other>
  void operator()(const Other&) const {}
};

void ExpectedRows::add(const Record& record, Time at) { std::visit(Visitor{*this, at}, record); }

std::string ExpectedRows::name_of_row(AuditTable table, const AuditKey& key) const {
  const auto no = static_cast<std::int32_t>(key.a);
  const std::string place = std::string(storage::shape_of(table).name) + ' ' + to_text(part_) + ' ';
  switch (table) {
    case AuditTable::transfers:
      return place + to_text(TransferId{part_, no});
    case AuditTable::payouts:
    case AuditTable::answers:
    case AuditTable::pay_decisions:
      return place + to_text(AssignmentId{part_, no});
    case AuditTable::verdicts:
      return place + to_text(TaskId{part_, no});
    case AuditTable::sub_accounts:
      return place + key.text + " of " + std::to_string(key.a);
    case AuditTable::outbox:
      return place + "mail " + std::to_string(key.a);
    case AuditTable::inbox:
      return place + "mail " + std::to_string(key.b) + " of " + to_text(PartId{key.a});
    case AuditTable::command_keys:
      return place + "key '" + key.text + "' of account " + std::to_string(key.a);
    case AuditTable::payout_runs:
      return place + "run '" + key.text + "' account " + std::to_string(key.a);
    case AuditTable::payout_runs_settled:
      return place + "run '" + key.text + "'";
    case AuditTable::people:
      return place + "account " + std::to_string(key.a);
    case AuditTable::projects:
      return place + "project " + std::to_string(project_of(part_).value);
  }
  return place;
}

void ExpectedRows::insert(AuditTable table, AuditKey key, std::string cells) {
  const auto [place, is_new] = rows_[static_cast<std::size_t>(table)].emplace(std::move(key), std::move(cells));
  if (!is_new) finding_.note(name_of_row(table, place->first), "the journal has it twice");
}

void ExpectedRows::put_state() {
  for (const auto& [account, balance] : balances_) {
    insert(AuditTable::sub_accounts, {account.owner.value, 0, text_of(account.fund)}, cells(balance));
  }
  for (const auto& [account, person] : people_) {
    insert(AuditTable::people, {account.value, 0, {}},
           cells(person.role, person.is_enrolled, person.is_suspended, person.created_ms));
  }
  for (const auto& [assignment, r] : pay_) {
    insert(AuditTable::pay_decisions, {assignment, 0, {}}, cells(r.state, r.reason, r.due_ms, r.at_ms));
  }
  if (!project_) return;
  const OpenControl& o = project_->opened;
  insert(AuditTable::projects, {},
         cells(project_of(part_), o.owner, project_state_, o.spec.title, hash(codec::encode_spec(o.spec)),
               o.spec.reward, o.fee_ppm, o.spec.pay, o.amount, o.items, o.part_size, o.spec.tasks_per_worker_max,
               o.spec.keeps_workers(), o.spec.pull_by_item, deadline_ms_, project_->at_ms));
}

void ExpectedRows::compare(storage::AuditSnapshot& snapshot) {
  put_state();
  for (std::size_t i = 0; i < storage::audit_tables && !finding_.any(); ++i) {
    compare_table(snapshot, static_cast<AuditTable>(i));
  }
}

void ExpectedRows::compare_table(storage::AuditSnapshot& snapshot, AuditTable table) {
  Rows& expected = rows_[static_cast<std::size_t>(table)];
  snapshot.rows(table, part_, [&](const storage::AuditRow& row) {
    const auto found = expected.find(row.key);
    if (found == expected.end()) {
      finding_.note(name_of_row(table, row.key), "not in the journal");
    } else if (found->second != row.cells) {
      finding_.note(name_of_row(table, row.key), difference(table, row.cells, found->second));
    } else {
      expected.erase(found);
    }
    return !finding_.any();
  });
  if (finding_.any() || expected.empty()) return;
  finding_.note(name_of_row(table, expected.begin()->first), "missing; the journal has it");
}

// Names the first column that differs. The one column of free text, where there is one, may hold separators itself;
// then the row is named and no column.
std::string ExpectedRows::difference(AuditTable table, const std::string& found, const std::string& expected) const {
  constexpr std::size_t shown_max = 40;
  std::string_view here = found;
  std::string_view there = expected;
  for (const std::string_view column : storage::shape_of(table).columns) {
    const std::string_view a = here.substr(0, here.find(storage::cell_separator));
    const std::string_view b = there.substr(0, there.find(storage::cell_separator));
    if (a != b) {
      if (a.size() > shown_max || b.size() > shown_max) return std::string(column) + " is not what the journal says";
      return std::string(column) + " is " + std::string(a) + ", the journal says " + std::string(b);
    }
    here.remove_prefix(std::min(here.size(), a.size() + 1));
    there.remove_prefix(std::min(there.size(), b.size() + 1));
  }
  return "it is not what the journal says";
}

}  // namespace tally::audit
