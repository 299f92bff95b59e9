#include "broker/storage/projection.h"

#include <optional>
#include <string_view>
#include <variant>

#include "broker/storage/statements.h"
#include "common/codec/records_codec.h"

namespace tally::storage {
namespace {

namespace sql = statements;

struct Projection {
  Rows answers{9}, verdicts{7}, transfers{11}, payouts{8}, outbox{7}, delivered{2}, inbox{3}, command_keys{4},
      people{4}, payout_runs{4}, payout_runs_settled{3}, projects{16};
  // What may change more than once in a group: the last counts, or the sum.
  std::map<std::pair<PartId, std::int32_t>, PayDecided> pay_decisions;
  std::map<std::tuple<PartId, std::string_view, AccountId>, std::int64_t>
      differences;  // Fund by name: the order of the key.
  std::map<AccountId, bool> suspended;
  std::map<AccountId, bool> enrolled;
  std::map<PartId, ProjectState> project_states;
  std::map<PartId, std::int64_t> project_deadlines;

  // Bodies of the answers in the group.
  std::map<std::pair<PartId, std::int64_t>, std::string_view> bodies;
  PartId part;
  Time at;

  void operator()(const TransferPosted& r) {
    transfers.add(part, r.no, name_of(r.kind), name_of(r.from.fund), r.from.owner, name_of(r.to.fund), r.to.owner,
                  r.amount, r.assignment, r.reverses, r.at_ms);
    differences[{part, name_of(r.from.fund), r.from.owner}] -= r.amount.value;
    differences[{part, name_of(r.to.fund), r.to.owner}] += r.amount.value;
  }
  void operator()(const PayoutPosted& r) {
    payouts.add(part, r.assignment, r.no, r.owner, r.worker, r.amount, r.fee, r.at_ms);
    differences[{part, name_of(Fund::escrow), r.owner}] -= (r.amount + r.fee).value;
    differences[{part, name_of(Fund::earnings), r.worker}] += r.amount.value;
    if (r.fee.value > 0) differences[{part, name_of(Fund::fees), house_account}] += r.fee.value;
  }
  void operator()(const MailSent& r) {
    const std::string_view name = std::visit([](const auto& mail) { return std::string_view(mail.name); }, r.body);
    outbox.add(part, r.no, r.to, name, amount_of(r.body), Blob{codec::encode_mail(r.body)}, at.ms);
  }
  void operator()(const MailDelivered& r) { delivered.add(part, r.no); }
  void operator()(const MailReceived& r) { inbox.add(part, r.from, r.no); }
  void operator()(const CommandKept& r) { command_keys.add(part, r.account, r.key, Blob{r.input_digest.value}); }
  void operator()(const DeadlinesMoved&) {}

  void operator()(const AccountPartCreated&) {}
  void operator()(const AccountCreated& r) { people.add(part, r.account, name_of(r.role), r.at_ms); }
  void operator()(const InvitationIssued&) {}
  void operator()(const KeyEnrolled& r) { enrolled[r.account] = true; }
  void operator()(const AccountSuspended& r) { suspended[r.account] = r.suspended; }
  void operator()(const PayoutAddressSet&) {}
  void operator()(const ProjectNumbered&) {}
  void operator()(const PayoutRunMade& r) {
    for (const AmountOf& row : r.rows) payout_runs.add(part, r.run, row.account, row.amount);
  }
  void operator()(const PayoutRunSettled& r) { payout_runs_settled.add(part, r.run, at.ms); }

  void operator()(const QualificationGranted&) {}
  void operator()(const QualificationRevoked&) {}
  void operator()(const StandingCounted&) {}
  void operator()(const GrantOpened& r) { enrolled[r.account] = true; }
  void operator()(const GrantRenewed&) {}
  void operator()(const GrantEnded&) {}

  void operator()(const ProjectCreated& r) {
    const OpenControl& o = r.opened;
    projects.add(part, project_of(part), o.owner, o.spec.title, Blob{codec::encode_spec(o.spec)}, o.spec.reward,
                 o.fee_ppm, name_of(o.spec.pay), o.amount, o.items, o.part_size, o.spec.tasks_per_worker_max,
                 o.spec.keeps_workers(), o.spec.pull_by_item, o.spec.deadline_ms, r.at_ms);
  }
  void operator()(const ProjectStateChanged& r) { project_states[part] = r.state; }
  void operator()(const DeadlineSet& r) { project_deadlines[part] = r.deadline_ms; }
  void operator()(const PartNoted&) {}
  void operator()(const WorkerCounted&) {}
  void operator()(const GoldAnswered&) {}
  void operator()(const TrainingAnswered&) {}
  void operator()(const TrainingEnded&) {}
  void operator()(const SkillsLearned&) {}

  void operator()(const TaskPartCreated&) {}
  void operator()(const TasksPosted&) {}
  void operator()(const PartStateChanged&) {}
  void operator()(const AssignmentLeased&) {}
  void operator()(const AssignmentEnded&) {}
  void operator()(const AnswerAccepted& r) {
    const auto body = bodies.find({part, r.assignment});
    answers.add(part, r.assignment, r.task, r.worker, Blob{codec::encode_ballots(r.ballots)}, Blob{r.digest.value},
                r.at_ms, r.took_ms, body == bodies.end() ? std::optional<Blob>() : Blob{body->second});
  }
  void operator()(const VerdictReached& r) {
    verdicts.add(part, r.task, name_of(r.reason), Blob{codec::encode_judged(r.judged)},
                 Blob{codec::encode_weighed(r.ballots)}, r.at_ms, r.audited_after);
  }
  void operator()(const TaskAudited&) {}
  void operator()(const WorkerIntroduced&) {}
  void operator()(const ProjectKnown&) {}
  void operator()(const PayDecided& r) { pay_decisions[{part, r.assignment}] = r; }
};

Rows batches_of(const Group& group) {
  Rows rows(7);
  for (const PartBatch& b : group.parts) {
    rows.add(b.part, b.commit_seq, b.epoch, b.at.ms, Blob{b.encoded}, b.previous, b.digest);
  }
  return rows;
}

Rows snapshots_of(const Group& group) {
  Rows rows(3);
  for (const PartBatch& b : group.parts) {
    if (b.snapshot) rows.add(b.part, b.commit_seq, Blob{*b.snapshot});
  }
  return rows;
}

Rows contents_of(const Group& group) {
  std::map<std::tuple<PartId, std::string_view, std::int64_t>, const std::string*> last;
  for (const Content& c : group.contents) {
    if (c.kind != ContentKind::answer) last[{c.part, name_of(c.kind), c.no}] = &c.body;
  }
  Rows rows(4);
  for (const auto& [key, body] : last) rows.add(std::get<0>(key), std::get<1>(key), std::get<2>(key), Blob{*body});
  return rows;
}

class Plan {
 public:
  void add(const Statement& statement, Rows&& rows, bool each = true) { add(statement, rows, each); }
  void add(const Statement& statement, Rows& rows, bool each = true) {
    const std::size_t count = rows.size();
    if (count > 0) writes_.push_back({&statement, rows.take(), count, each});
  }
  [[nodiscard]] std::vector<Write> take() { return std::move(writes_); }

 private:
  std::vector<Write> writes_;
};

std::vector<KnownAccounts::Account> add_what_changes(Plan& plan, Projection& p, const KnownAccounts& known) {
  Rows pay(6);
  for (const auto& [key, r] : p.pay_decisions) {
    pay.add(key.first, r.assignment, name_of(r.state), r.reason, r.due_ms, r.at_ms);
  }
  plan.add(sql::put_pay_decisions, pay);
  Rows opened(4);
  Rows opened_empty(3);
  Rows differences(4);
  std::vector<KnownAccounts::Account> new_accounts;
  for (const auto& [key, by] : p.differences) {
    const auto& [part, fund, owner] = key;
    const bool is_new = !known.contains(key);
    if (is_new) new_accounts.push_back(key);
    if (is_new && by > 0) {
      opened.add(part, fund, owner, by);
      continue;
    }
    if (is_new) opened_empty.add(part, fund, owner);
    differences.add(part, fund, owner, by);
  }
  plan.add(sql::open_sub_accounts, opened);
  plan.add(sql::open_empty_sub_accounts, opened_empty, false);
  plan.add(sql::add_to_sub_accounts, differences);
  Rows enrolled(2);
  for (const auto& [account, yes] : p.enrolled) enrolled.add(account_part_of(account), account);
  plan.add(sql::enrol_people, enrolled);
  Rows suspended(3);
  for (const auto& [account, yes] : p.suspended) suspended.add(account_part_of(account), account, yes);
  plan.add(sql::suspend_people, suspended);
  Rows states(2);
  for (const auto& [part, state] : p.project_states) states.add(part, name_of(state));
  plan.add(sql::set_project_states, states);
  Rows deadlines(2);
  for (const auto& [part, deadline_ms] : p.project_deadlines) deadlines.add(part, deadline_ms);
  plan.add(sql::set_project_deadlines, deadlines);
  return new_accounts;
}

}  // namespace

Micros amount_of(const Mail& mail) {
  struct Amount {
    Micros operator()(const OpenControl& m) const { return m.amount; }
    Micros operator()(const PartFilled&) const { return {}; }
    Micros operator()(const FundPart& m) const { return m.amount; }
    Micros operator()(const ClosePart&) const { return {}; }
    Micros operator()(const PartDone& m) const { return m.amount; }
    Micros operator()(const Sweep& m) const {
      Micros sum;
      for (const AmountOf& row : m.rows) sum += row.amount;
      return sum;
    }
    Micros operator()(const Refund& m) const { return m.amount; }
    Micros operator()(const BonusPaid& m) const { return m.amount; }
    Micros operator()(const TakeBack&) const { return {}; }  // It carries no money, nor do those after it.
    Micros operator()(const StandingEarned&) const { return {}; }
    Micros operator()(const PartLearned&) const { return {}; }
    Micros operator()(const QualificationEarned&) const { return {}; }
  };
  return std::visit(Amount{}, mail);
}

Writes writes_of(const Group& group, const KnownAccounts& known) {
  Projection p;
  for (const Content& c : group.contents) {
    if (c.kind == ContentKind::answer) p.bodies[{c.part, c.no}] = c.body;
  }
  for (const PartBatch& batch : group.parts) {
    p.part = batch.part;
    p.at = batch.at;
    for (const Record& record : batch.records) std::visit(p, record);
  }
  Plan plan;
  plan.add(sql::insert_batches, batches_of(group));
  plan.add(sql::put_snapshots, snapshots_of(group));
  plan.add(sql::put_contents, contents_of(group));
  plan.add(sql::insert_people, p.people);
  plan.add(sql::insert_projects, p.projects);
  plan.add(sql::insert_answers, p.answers);
  plan.add(sql::insert_verdicts, p.verdicts);
  plan.add(sql::insert_transfers, p.transfers);
  plan.add(sql::insert_payouts, p.payouts);
  auto new_accounts = add_what_changes(plan, p, known);
  plan.add(sql::insert_outbox, p.outbox);
  // Mail of a database that was repaired by hand may be gone already.
  plan.add(sql::delete_outbox, p.delivered, false);
  plan.add(sql::insert_inbox, p.inbox);
  plan.add(sql::insert_command_keys, p.command_keys);
  plan.add(sql::insert_payout_runs, p.payout_runs);
  plan.add(sql::insert_payout_runs_settled, p.payout_runs_settled);
  return {plan.take(), std::move(new_accounts)};
}

}  // namespace tally::storage
