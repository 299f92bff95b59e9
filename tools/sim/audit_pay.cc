#include <algorithm>

#include "tools/sim/audit_tasks.h"
#include "tools/sim/audit_votes.h"

// The half of TaskAudit that is about money, and what must hold after each batch.
namespace tally::sim {
namespace {

constexpr std::int64_t million = 1'000'000;

// Rounded up, on each answer.
std::int64_t fee_of(const TaskPartCreated& created) {
  return (created.spec.reward.value * created.fee_ppm + million - 1) / million;
}

}  // namespace

void TaskAudit::on(const PayDecided& r) {
  Assignment* decided = assignment(r.assignment);
  if (decided == nullptr) return;
  if (decided->state != State::answered) broken("G4", name("a", r.assignment) + " is paid for no answer");
  const bool is_first = decided->pay == PayState::waiting || decided->pay == PayState::review;
  if (r.state == PayState::reversed ? decided->pay != PayState::paid : !is_first) {
    broken("G4", name("a", r.assignment) + " has its pay decided again");
  }
  if (r.state == PayState::paid && decided->pay == PayState::waiting) {
    broken("G4", name("a", r.assignment) + " is decided to be paid, and only waited: its payout says so alone");
  }
  decided->pay = r.state;
  decided->review_due_ms = r.due_ms;
}

// Decides what waited; whatever was decided otherwise before was decided again first.
void TaskAudit::on(const PayoutPosted& r) {
  Assignment* paid = assignment(r.assignment);
  if (paid == nullptr) return;
  const TaskPartCreated& created = part().created;
  const std::string answer = name("a", r.assignment);
  if (paid->state != State::answered) broken("G4", answer + " is paid for no answer");
  if (paid->pay != PayState::waiting && paid->pay != PayState::paid) {
    broken("G4", answer + " is paid, and is " + std::string(name_of(paid->pay)));
  }
  if (r.owner != created.owner) broken("G4", answer + " is paid by another than the requester");
  if (r.amount != created.spec.reward || r.worker != paid->worker) {
    broken("G4", answer + " is paid another amount, or to another");
  }
  if (r.fee.value != fee_of(created)) broken("G4", answer + " has a fee that is not rounded up");
  paid->pay = PayState::paid;
  ++paid->payouts;
  ++payouts_;
}

bool TaskAudit::agrees_with_verdict(const Task& of, const Assignment& given) {
  const auto& form = part().created.spec.form;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i].required && !agrees(form[i], given.ballots.at(i), of.judged.at(i).value)) return false;
  }
  return true;
}

// What is decided of the pay of one answer, with all records of the batch.
void TaskAudit::check_pay(std::int32_t no) {
  const Assignment& given = *assignment(no);
  const Task& of = *task(given.task);
  const ProjectSpec& spec = part().created.spec;
  const bool is_paid = given.pay == PayState::paid || given.pay == PayState::reversed;
  if (given.payouts != (is_paid ? 1 : 0)) {
    broken("G4", name("a", no) + " has " + std::to_string(given.payouts) + " payouts");
  }
  if (spec.pay == PayPolicy::all && !is_paid) broken("G4", name("a", no) + " is not paid, and all are");
  if (spec.pay != PayPolicy::agreeing) {
    if (given.pay == PayState::waiting) broken("G4", name("a", no) + " waits for nothing");
    return;
  }
  if ((of.state == TaskState::open) != (given.pay == PayState::waiting)) {
    broken("G4", name("a", no) + " is paid before the verdict, or not with it");
  }
  if (of.state == TaskState::open) return;
  const bool is_owed = of.state != TaskState::settled || agrees_with_verdict(of, given);
  if (is_owed != is_paid) broken("G4", name("a", no) + " is " + (is_paid ? "" : "not ") + "paid against the verdict");
}

// A task with enough answers is judged at once.
void TaskAudit::check_task(std::int32_t no) {
  const Task& of = *task(no);
  for (const std::int32_t answered : of_state(of, State::answered)) check_pay(answered);
  const auto answers = std::ssize(of_state(of, State::answered));
  if (of.state != TaskState::open || answers < of.redundancy.min) return;
  const auto values = judged(of);
  const auto& form = part().created.spec.form;
  bool is_settled = true;
  for (std::size_t i = 0; i < values.size(); ++i) is_settled = is_settled && (values[i] || !form[i].required);
  // Whether skill settles a task is seen when it does.
  is_settled = is_settled && !part().created.spec.redundancy.is_by_skill();
  if (is_settled || answers >= of.redundancy.max) broken("G3", name("t", no) + " has its answers and no verdict");
}

void TaskAudit::check_escrow() {
  const TaskPartCreated& created = part().created;
  std::int64_t owed = 0;  // Answers that may be paid for.
  std::int64_t live = 0;
  std::int64_t under_review = 0;
  for (const Assignment& each : part().assignments) {
    const bool is_undecided =
        each.state == State::answered && (each.pay == PayState::waiting || each.pay == PayState::review);
    owed += each.state == State::live || is_undecided ? 1 : 0;
    live += each.state == State::live ? 1 : 0;
    under_review += each.state == State::answered && each.pay == PayState::review ? 1 : 0;
  }
  const std::int64_t escrow = ledger_.balance(id_, Fund::escrow, created.owner);
  if (escrow < owed * (created.spec.reward.value + fee_of(created))) {
    broken("G4", "the escrow of " + to_text(id_) + " does not cover what may be owed");
  }
  const bool has_open = std::any_of(part().tasks.begin(), part().tasks.end(),
                                    [](const Task& each) { return each.state == TaskState::open; });
  if (part().state == PartState::settled && has_open) broken("G3", to_text(id_) + " is settled with open tasks");
  if (part().state == PartState::done && (has_open || live > 0 || under_review > 0)) {
    broken("G4", to_text(id_) + " is done, and something is under way in it");
  }
}

void TaskAudit::end() {
  for (std::size_t i = 0; i < part().tasks.size(); ++i) check_task(static_cast<std::int32_t>(i + 1));
  check_escrow();
}

void TaskAudit::check_caps() {
  for (const auto& key : std::exchange(counted_, {})) {
    const auto part = parts_.lower_bound(part_of(key.first, 1));
    const std::int64_t cap = part == parts_.end() ? 0 : part->second.created.spec.tasks_per_worker_max;
    if (cap > 0 && counts_[key] > cap) {
      broken("G4", "worker " + std::to_string(key.second.value) + " has " + std::to_string(counts_[key]) +
                       " tasks of project " + std::to_string(key.first.value) + ", which allows " +
                       std::to_string(cap));
    }
  }
}

void TaskAudit::check_at_rest() {
  for (const auto& [id, part] : parts_) {
    if (part.state != PartState::done) {
      broken("liveness", to_text(id) + " is still " + std::string(name_of(part.state)));
    }
  }
}

}  // namespace tally::sim
