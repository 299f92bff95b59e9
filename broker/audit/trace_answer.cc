#include "broker/audit/trace_answer.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/audit/trace_worker.h"
#include "common/base/decimal.h"

namespace tally::audit {
namespace {

// Where swept money went, to be looked up in the account part.
struct SweptTo {
  PartId to;
  std::int64_t mail = 0;
  AccountId worker;
};

// The journal of a task part, as far as it concerns one task.
class TaskTrace {
 public:
  // `posted` gets the line that the task came to be: the rest of its project's posting follows it.
  TaskTrace(TraceLines& posted, TraceLines& lines, TaskId task, std::optional<std::int32_t> only)
      : posted_(posted), lines_(lines), part_(task.part), task_(task.no), only_(only) {}

  void operator()(const Place& place) {
    std::visit([&](const auto& r) { on(place, r); }, place.record());
  }
  [[nodiscard]] bool is_found() const { return is_found_; }
  [[nodiscard]] const std::vector<SweptTo>& swept() const { return swept_; }
  [[nodiscard]] AccountId owner() const { return created_.owner; }
  [[nodiscard]] const ProjectSpec& spec() const { return created_.spec; }
  // Who had it, as far as they are shown.
  [[nodiscard]] std::set<AccountId> workers() const {
    std::set<AccountId> shown;
    for (const auto& [no, worker] : workers_) {
      if (is_shown(no)) shown.insert(worker);
    }
    return shown;
  }

 private:
  [[nodiscard]] std::string id(std::int32_t no) const { return to_text(AssignmentId{part_, no}); }
  [[nodiscard]] std::string who(std::int32_t no) const {
    const auto found = workers_.find(no);
    return found == workers_.end() ? std::string("nobody") : account_text(found->second);
  }
  [[nodiscard]] bool is_shown(std::int32_t no) const { return workers_.count(no) > 0 && (!only_ || *only_ == no); }

  void on(const Place&, const TaskPartCreated& r) { created_ = r; }
  void on(const Place& place, const TasksPosted& r) {
    if (task_ < r.first || task_ - r.first >= r.count) return;
    is_found_ = true;
    posted_.add(place, 0, "task posted",
                to_text(TaskId{part_, task_}) + " is item " + std::to_string(created_.first_item + task_ - 1) + ": " +
                    lines_.content(part_, ContentKind::item, task_));
  }
  void on(const Place& place, const PartStateChanged& r) {
    if (r.state == PartState::open) lines_.add(place, 0, "open for work", to_text(part_));
  }
  // It comes before the first lease of its worker, which need not be of this task; it is put to the first that is.
  void on(const Place&, const WorkerIntroduced& r) {
    std::string text;
    for (const FieldSkill& skill : r.skills) {
      const auto place = static_cast<std::size_t>(skill.field);
      const auto& form = created_.spec.form;
      if (skill.field < 0 || place >= form.size() || skill.workers.size() != 1) continue;
      text += (text.empty() ? "" : "; ") + form[place].name + ": " + skill_text(skill.workers[0]);
    }
    if (!text.empty()) introduced_[r.worker] = std::move(text);
  }
  void on(const Place& place, const AssignmentLeased& r) {
    if (r.task != task_) return;
    workers_[r.no] = r.worker;
    if (!is_shown(r.no)) return;
    const auto introduced = introduced_.extract(r.worker);
    if (!introduced.empty()) {
      lines_.add(place, r.at_ms, "worker known",
                 account_text(r.worker) + " came to " + to_text(part_) + " with " + introduced.mapped());
    }
    lines_.add(place, r.at_ms, "leased",
               id(r.no) + " to " + account_text(r.worker) + " until " + to_text(Time{r.deadline_ms}));
  }
  void on(const Place& place, const AssignmentEnded& r) {
    if (is_shown(r.no)) lines_.add(place, r.at_ms, std::string(name_of(r.how)), id(r.no) + " of " + who(r.no));
  }
  void on(const Place& place, const AnswerAccepted& r) {
    if (workers_.count(r.assignment) == 0) return;
    ballots_[r.assignment] = r.ballots;
    if (!is_shown(r.assignment)) return;
    lines_.add(place, r.at_ms, "answer accepted",
               id(r.assignment) + " of " + who(r.assignment) + ": " + ballots_text(r.ballots) +
                   "; as handed in: " + lines_.content(part_, ContentKind::answer, r.assignment));
  }
  [[nodiscard]] std::string ballots_text(const Ballots& ballots) const {
    std::string text;
    for (std::size_t i = 0; i < ballots.size(); ++i) {
      const auto& form = created_.spec.form;
      text +=
          (i == 0 ? "" : ", ") + (i < form.size() ? form[i].name : std::string("?")) + " = " + ballot_text(ballots[i]);
    }
    return text;
  }
  void on(const Place& place, const VerdictReached& r) {
    if (r.task != task_) return;
    std::string text = to_text(TaskId{part_, task_}) + ' ' + verdict_text(created_.spec, r) + "; ballots:";
    for (const WeighedBallot& ballot : r.ballots) {
      text += ' ' + id(ballot.assignment) + " (" + ballots_text(ballots_[ballot.assignment]) + ", weight " +
              decimal_text(ballot.weight_ppm) + ')';
    }
    lines_.add(place, r.at_ms, "verdict", std::move(text));
  }
  void on(const Place& place, const TaskAudited& r) {
    if (r.task != task_) return;
    std::string text = to_text(TaskId{part_, task_}) + " could settle with " + std::to_string(r.answers) + " answers";
    for (const FieldAudited& field : r.judged) {
      const auto& form = created_.spec.form;
      const auto no = static_cast<std::size_t>(field.field);
      text += ", " + (field.field >= 0 && no < form.size() ? form[no].name : std::string("?")) + " = " +
              ballot_text(field.value);
    }
    lines_.add(place, r.at_ms, "drawn for audit", text + "; it goes on to all its answers");
  }
  void on(const Place& place, const PayDecided& r) {
    if (!is_shown(r.assignment)) return;
    std::string text = id(r.assignment) + " of " + who(r.assignment) + ": " + std::string(name_of(r.state));
    if (r.state == PayState::review) text += " by the requester until " + to_text(Time{r.due_ms});
    if (!r.reason.empty()) text += ", " + r.reason;
    if (r.reason == "rejected" || r.reason == "reversed") {
      text += ": " + lines_.content(part_, ContentKind::rejection, r.assignment);
    }
    lines_.add(place, r.at_ms, "pay decided", std::move(text));
  }
  void on(const Place& place, const TransferPosted& r) {
    if (r.kind == TransferKind::reserve) lines_.add(place, r.at_ms, "escrow received", text_of(part_, r));
    if (r.assignment == 0 || !is_shown(r.assignment)) return;
    to_sweep_.erase(r.from.owner);
    lines_.add(place, r.at_ms, std::string(name_of(r.kind)), text_of(part_, r) + ", for " + id(r.assignment));
  }
  void on(const Place& place, const PayoutPosted& r) {
    if (!is_shown(r.assignment)) return;
    to_sweep_.insert(r.worker);
    lines_.add(place, r.at_ms, "payout", text_of(part_, r) + ", for " + id(r.assignment));
  }
  void on(const Place& place, const MailSent& r) {
    const std::string mail = "mail " + std::to_string(r.no) + " to " + to_text(r.to);
    if (const auto* take_back = std::get_if<TakeBack>(&r.body)) {
      if (take_back->assignment.part == part_ && is_shown(take_back->assignment.no)) {
        lines_.add(place, 0, "asked back",
                   mail + ": " + to_text(take_back->amount) + " for " + id(take_back->assignment.no) + ", from " +
                       account_text(take_back->worker));
      }
    }
    const auto* sweep = std::get_if<Sweep>(&r.body);
    if (sweep == nullptr) return;
    for (const AmountOf& row : sweep->rows) {
      if (to_sweep_.erase(row.account) == 0) continue;
      lines_.add(place, 0, "swept",
                 mail + ": all earnings of " + account_text(row.account) +
                     " here, this payout among them: " + to_text(row.amount));
      swept_.push_back({r.to, r.no, row.account});
    }
  }
  template <class Other>
  void on(const Place&, const Other&) {}

  TraceLines& posted_;
  TraceLines& lines_;
  PartId part_;
  std::int32_t task_;
  std::optional<std::int32_t> only_;
  bool is_found_ = false;
  TaskPartCreated created_;
  std::map<std::int32_t, AccountId> workers_;    // By assignment of this task.
  std::map<AccountId, std::string> introduced_;  // Until it is shown.
  std::map<std::int32_t, Ballots> ballots_;
  std::set<AccountId> to_sweep_;
  std::vector<SweptTo> swept_;
};

// The project, that the task was posted, and how escrow came to its part then: in this order also at the same time.
void trace_control(TraceLines& lines, TraceLines& posted, PartId task_part) {
  const PartId control = control_part_of(project_of(task_part));
  lines.walk(control, [&](const Place& place) {
    if (const auto* r = std::get_if<ProjectCreated>(&place.record())) {
      const OpenControl& o = r->opened;
      const Redundancy& redundancy = o.spec.redundancy;
      lines.add(place, r->at_ms, "project posted",
                "project " + std::to_string(project_of(control).value) + " '" + o.spec.title + "' of " +
                    account_text(o.owner) + ": " + std::to_string(o.items) + " items, reward " +
                    to_text(o.spec.reward) + ", answers " + std::to_string(redundancy.min) + " to " +
                    std::to_string(redundancy.max) + ", quorum " + std::to_string(redundancy.quorum) + ", pay " +
                    std::string(name_of(o.spec.pay)));
    }
    if (const auto* r = std::get_if<PartNoted>(&place.record())) {
      if (r->part_no != part_no_of(task_part) || r->step != PartStep::funded) return;
      lines.append(posted);
      lines.add(place, 0, "escrow sent", to_text(r->amount) + " to " + to_text(task_part));
    }
  });
  lines.append(posted);
}

// The deposits that filled the requester's wallet, and the reserve taken from it. Money has no marks: the last deposits
// before the reserve are shown.
void trace_funding(TraceLines& lines, AccountId owner, PartId control) {
  constexpr std::size_t deposits_max = 5;
  std::vector<std::int32_t> deposits;
  std::int32_t last_reserve = 0;
  std::int32_t reserve = 0;
  const PartId home = account_part_of(owner);
  lines.walk(home, [&](const Place& place) {
    if (reserve != 0) return;
    if (const auto* r = std::get_if<TransferPosted>(&place.record())) {
      if (r->kind == TransferKind::deposit && r->to.owner == owner) deposits.push_back(r->no);
      if (r->kind == TransferKind::reserve && r->from.owner == owner) last_reserve = r->no;
    }
    const auto* mail = std::get_if<MailSent>(&place.record());
    if (mail != nullptr && mail->to == control) reserve = last_reserve;
  });
  if (reserve == 0) return;
  const std::size_t first = deposits.size() > deposits_max ? deposits.size() - deposits_max : 0;
  std::set<std::int32_t> shown(deposits.begin() + static_cast<std::ptrdiff_t>(first), deposits.end());
  shown.insert(reserve);
  lines.walk(home, [&](const Place& place) {
    const auto* r = std::get_if<TransferPosted>(&place.record());
    if (r == nullptr || shown.count(r->no) == 0) return;
    std::string text = text_of(home, *r);
    if (r->kind == TransferKind::deposit) text += ", note " + lines.content(home, ContentKind::transfer_note, r->no);
    if (r->kind == TransferKind::reserve) text += ", for the worst case of the batch";
    lines.add(place, r->at_ms, std::string(name_of(r->kind)), std::move(text));
  });
}

// What arrived in the wallet, and the first payout run after it.
void trace_wallet(TraceLines& lines, PartId from, const SweptTo& swept) {
  enum class Step { before, arriving, arrived, set_aside, paid };
  Step step = Step::before;
  std::string run;
  lines.walk(swept.to, [&](const Place& place) {
    if (const auto* r = std::get_if<MailReceived>(&place.record())) {
      if (step == Step::arriving) step = Step::arrived;
      if (r->from == from && r->no == swept.mail) step = Step::arriving;
    }
    if (const auto* r = std::get_if<TransferPosted>(&place.record())) {
      if (step != Step::arriving || r->kind != TransferKind::sweep || r->to.owner != swept.worker) return;
      lines.add(place, r->at_ms, "arrived",
                text_of(swept.to, *r) + ", by mail " + std::to_string(swept.mail) + " of " + to_text(from));
    }
    if (const auto* r = std::get_if<PayoutRunMade>(&place.record())) {
      if (step != Step::arriving && step != Step::arrived) return;
      for (const AmountOf& row : r->rows) {
        if (row.account != swept.worker) continue;
        step = Step::set_aside;
        run = r->run;
        lines.add(place, 0, "payout run",
                  "'" + run + "' sets aside " + to_text(row.amount) + " for " + account_text(swept.worker));
      }
    }
    const auto* settled = std::get_if<PayoutRunSettled>(&place.record());
    if (settled == nullptr || step != Step::set_aside || settled->run != run) return;
    step = Step::paid;
    lines.add(place, 0, "paid out", "run '" + run + "', " + account_text(swept.worker));
  });
}

}  // namespace

bool trace_task(TraceLines& lines, TaskId task, std::optional<std::int32_t> only) {
  if (!is_task_part(task.part)) return false;
  TraceLines posted(lines.snapshot());
  TraceLines of_task(lines.snapshot());
  TaskTrace trace(posted, of_task, task, only);
  of_task.walk(task.part, std::ref(trace));
  if (!trace.is_found()) return false;
  trace_funding(lines, trace.owner(), control_part_of(project_of(task.part)));
  trace_control(lines, posted, task.part);
  for (const AccountId worker : trace.workers()) {
    trace_worker(lines, control_part_of(project_of(task.part)), trace.owner(), trace.spec(), worker);
  }
  lines.append(of_task);
  for (const SweptTo& swept : trace.swept()) trace_wallet(lines, task.part, swept);
  return true;
}

bool trace_assignment(TraceLines& lines, AssignmentId id) {
  if (!is_task_part(id.part)) return false;
  std::int32_t task = 0;
  lines.walk(id.part, [&](const Place& place) {
    const auto* r = std::get_if<AssignmentLeased>(&place.record());
    if (r != nullptr && r->no == id.no) task = r->task;
  });
  return task != 0 && trace_task(lines, {id.part, task}, id.no);
}

}  // namespace tally::audit
