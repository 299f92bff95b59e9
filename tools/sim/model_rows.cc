#include "tools/sim/model_rows.h"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

namespace tally::sim {
namespace {

Micros amount_of(const Mail& mail) {
  struct Amount {
    Micros operator()(const OpenControl& m) const { return m.amount; }
    Micros operator()(const FundPart& m) const { return m.amount; }
    Micros operator()(const PartDone& m) const { return m.amount; }
    Micros operator()(const Refund& m) const { return m.amount; }
    Micros operator()(const BonusPaid& m) const { return m.amount; }
    Micros operator()(const Sweep& m) const {
      Micros sum;
      for (const AmountOf& row : m.rows) sum += row.amount;
      return sum;
    }
    Micros operator()(const PartFilled&) const { return {}; }
    Micros operator()(const ClosePart&) const { return {}; }
    Micros operator()(const TakeBack&) const { return {}; }
    Micros operator()(const StandingEarned&) const { return {}; }
    Micros operator()(const PartLearned&) const { return {}; }
    Micros operator()(const QualificationEarned&) const { return {}; }
  };
  return std::visit(Amount{}, mail);
}

// One overload a record; each says whether its rows are allowed. What a group changes more than once is gathered, and
// written at the end.
struct Writer {
  Tables& tables;
  Changes& changes;
  PartId part;
  Time at;

  std::map<AssignmentId, PayState> pay;  // The last.
  std::map<std::tuple<PartId, Fund, AccountId>, std::int64_t> differences;
  std::map<AssignmentId, std::string> bodies;
  std::vector<std::pair<PartId, std::int64_t>> delivered;

  bool operator()(const TransferPosted& r) {
    differences[{part, r.from.fund, r.from.owner}] -= r.amount.value;
    differences[{part, r.to.fund, r.to.owner}] += r.amount.value;
    const bool is_sound = r.no >= 1 && r.amount.value > 0 && r.from != r.to && r.assignment >= 0 && r.reverses >= 0 &&
                          (r.kind == TransferKind::reversal || (r.assignment == 0 && r.reverses == 0)) &&
                          r.to.fund != Fund::earnings && r.to.fund != Fund::fees;
    return is_sound && changes.insert(tables.transfers, TransferId{part, r.no}, r);
  }
  bool operator()(const PayoutPosted& r) {
    differences[{part, Fund::escrow, r.owner}] -= r.amount.value + r.fee.value;
    differences[{part, Fund::earnings, r.worker}] += r.amount.value;
    if (r.fee.value > 0) differences[{part, Fund::fees, house_account}] += r.fee.value;
    const bool is_sound = r.no >= 1 && r.assignment >= 1 && r.amount.value > 0 && r.fee.value >= 0;
    return is_sound && changes.insert(tables.payouts, AssignmentId{part, r.assignment}, r);
  }
  bool operator()(const MailSent& r) {
    return r.no >= 1 && changes.insert(tables.outbox, std::pair(part, r.no), MailRow{r.to, amount_of(r.body)});
  }
  bool operator()(const MailDelivered& r) {
    delivered.emplace_back(part, r.no);
    return true;
  }
  bool operator()(const MailReceived& r) {
    return r.no >= 1 && changes.insert(tables.inbox, std::tuple(part, r.from, r.no));
  }
  bool operator()(const CommandKept& r) {
    return changes.insert(tables.command_keys, std::tuple(part, r.account, r.key));
  }
  bool operator()(const AccountCreated& r) {
    return r.account.value >= 0 && account_part_of(r.account) == part &&
           changes.insert(tables.people, r.account, PersonRow{r.role, false, false});
  }
  bool operator()(const KeyEnrolled& r) { return change_person(r.account, &PersonRow::enrolled, true); }
  bool operator()(const GrantOpened& r) { return change_person(r.account, &PersonRow::enrolled, true); }
  bool operator()(const AccountSuspended& r) {
    return change_person(r.account, &PersonRow::suspended, bool{r.suspended});
  }
  bool operator()(const PayoutRunMade& r) {
    for (const AmountOf& row : r.rows) {
      if (row.amount.value <= 0) return false;
      if (!changes.insert(tables.payout_runs, std::tuple(part, r.run, row.account))) return false;
    }
    return true;
  }
  bool operator()(const PayoutRunSettled& r) {
    return changes.insert(tables.payout_runs_settled, std::pair(part, r.run));
  }
  bool operator()(const ProjectCreated& r) {
    const OpenControl& o = r.opened;
    if (o.items < 1 || o.part_size < 1 || o.amount.value < 0 || !is_control_part(part)) return false;
    return changes.insert(
        tables.projects, part,
        ProjectTableRow{o.owner, ProjectState::posting, o.spec, o.items, o.part_size, o.spec.deadline_ms});
  }
  bool operator()(const ProjectStateChanged& r) {
    return change_project(&ProjectTableRow::state, ProjectState{r.state});
  }
  bool operator()(const DeadlineSet& r) {
    return r.deadline_ms >= 0 && change_project(&ProjectTableRow::deadline_ms, std::int64_t{r.deadline_ms});
  }
  bool operator()(const AnswerAccepted& r) {
    const auto body = bodies.find({part, r.assignment});
    StoredAnswer row{r.task, r.worker, r.ballots, {}};
    if (body != bodies.end()) row.body = body->second;
    return r.assignment >= 1 && r.task >= 1 && r.took_ms >= 0 &&
           changes.insert(tables.answers, AssignmentId{part, r.assignment}, std::move(row)) &&
           changes.insert(tables.answered, std::tuple(part, r.task, r.worker));
  }
  bool operator()(const VerdictReached& r) {
    return r.task >= 1 && changes.insert(tables.verdicts, TaskId{part, r.task});
  }
  bool operator()(const PayDecided& r) {
    pay[{part, r.assignment}] = r.state;
    return true;
  }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }

  template <class Value>
  bool change_person(AccountId account, Value PersonRow::*member, Value value) {
    const auto found = tables.people.find(account);
    if (found == tables.people.end()) return false;
    changes.change(found->second.*member, std::move(value));
    return true;
  }
  template <class Value>
  bool change_project(Value ProjectTableRow::*member, Value value) {
    const auto found = tables.projects.find(part);
    if (found == tables.projects.end()) return false;
    changes.change(found->second.*member, std::move(value));
    return true;
  }

  bool write_gathered() {
    for (const auto& mail : delivered) changes.erase(tables.outbox, mail);
    for (const auto& [assignment, decided] : pay) {
      if (assignment.no < 1) return false;
      changes.put(tables.pay_decisions, assignment, decided);
    }
    for (const auto& [account, by] : differences) {
      const auto found = tables.sub_accounts.find(account);
      const std::int64_t balance = (found == tables.sub_accounts.end() ? 0 : found->second) + by;
      if (balance < 0 && !may_be_negative(std::get<1>(account))) return false;
      changes.put(tables.sub_accounts, account, balance);
    }
    return true;
  }
};

bool is_sound(const storage::PartBatch& batch) {
  const storage::PartSummary& s = batch.summary;
  return batch.commit_seq >= 1 && batch.epoch >= 1 && s.state >= 0 && s.state <= 4 && s.next_due_ms >= 0 &&
         s.tasks >= 0 && s.settled >= 0 && s.undecided >= 0 && s.best_guesses >= 0 && s.answers >= 0 && s.leased >= 0 &&
         s.under_review >= 0 && s.paid.value >= 0 && s.fees.value >= 0 &&
         s.settled + s.undecided + s.best_guesses <= s.tasks;
}

}  // namespace

bool write_rows(Tables& tables, Changes& changes, const storage::Group& group) {
  Writer writer{tables, changes, {}, {}, {}, {}, {}, {}};
  for (const Content& content : group.contents) {
    if (content.kind == ContentKind::answer) {
      writer.bodies[{content.part, static_cast<std::int32_t>(content.no)}] = content.body;
    } else {
      if (content.no < 0) return false;
      changes.put(tables.contents, std::tuple(content.part, content.kind, content.no), content.body);
    }
  }
  for (const storage::PartBatch& batch : group.parts) {
    if (!is_sound(batch)) return false;
    if (batch.snapshot) changes.put(tables.snapshots, batch.part, SnapshotRow{batch.commit_seq, *batch.snapshot});
    writer.part = batch.part;
    writer.at = batch.at;
    for (const Record& record : batch.records) {
      if (!std::visit(writer, record)) return false;
    }
  }
  return writer.write_gathered();
}

}  // namespace tally::sim
