#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/aggregation/registry.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// What an answer leads to: a verdict, and payment.
namespace tally::core {
namespace {

// The answers of a task, by assignment: the ballots that its verdict is made from.
std::vector<std::int32_t> answered_of(const TaskPart& tasks, const Task& task) {
  std::vector<std::int32_t> numbers;
  for (const std::int32_t no : task.assignments) {
    if (tasks.find_assignment(no)->state == AssignmentState::answered) numbers.push_back(no);
  }
  return numbers;
}

aggregation::Policy policy_of(const TaskPart& tasks, const Task& task, const FieldSpec& field) {
  Redundancy redundancy = tasks.created.spec.redundancy;
  redundancy.min = task.min;
  redundancy.max = task.max;
  redundancy.quorum = std::min(redundancy.quorum, task.max);
  if (planted(Bug::verdict_before_quorum)) redundancy.quorum = 1;
  return {redundancy, forms::tolerance_e6(field)};
}

aggregation::FieldVerdict judge_field(const TaskPart& tasks, const Task& task,
                                      const std::vector<std::int32_t>& answered, std::size_t field_no) {
  const FieldSpec& field = tasks.created.spec.form[field_no];
  std::vector<aggregation::Ballot> ballots;
  ballots.reserve(answered.size());
  for (const std::int32_t no : answered) {
    const Assignment* assignment = tasks.find_assignment(no);
    ballots.push_back({assignment->worker, assignment->ballots[field_no]});
  }
  const auto* method = aggregation::find_method(forms::default_method(field));
  TALLY_ASSERT(method != nullptr);
  return method->judge(ballots, policy_of(tasks, task, field));
}

VerdictReached verdict_of(const std::vector<std::int32_t>& answered, std::int32_t task_no, VerdictReason reason,
                          std::vector<FieldJudged> judged, std::int64_t now_ms) {
  VerdictReached verdict{task_no, reason, std::move(judged), {}, now_ms};
  for (const std::int32_t no : answered) verdict.ballots.push_back({no});
  return verdict;
}

// The first required field on which this answer does not agree with the verdict.
const FieldSpec* disagrees_on(const TaskPart& tasks, const Task& task, const Assignment& assignment) {
  const auto& form = tasks.created.spec.form;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (!form[i].required) continue;
    const auto* method = aggregation::find_method(forms::default_method(form[i]));
    if (!method->agrees(assignment.ballots[i], task.judged[i].value, policy_of(tasks, task, form[i]))) return &form[i];
  }
  return nullptr;
}

}  // namespace

void judge_task(const Turn& turn, Part& part, std::int32_t task_no) {
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  if (task.answered < task.min) return;
  const auto answered = answered_of(tasks, task);
  const auto& form = tasks.created.spec.form;
  std::vector<FieldJudged> judged;
  bool settled = true;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const auto field = judge_field(tasks, task, answered, i);
    const bool is_settled = field.outcome == aggregation::FieldVerdict::Outcome::settled;
    if (form[i].required && !is_settled) settled = false;
    judged.push_back({is_settled, is_settled ? field.value : std::string(), is_settled ? field.confidence_ppm : 0,
                      std::string(forms::default_method(form[i]))});
  }
  if (!settled && task.answered < task.max) return;
  const auto reason = settled ? VerdictReason::quorum : VerdictReason::max_reached;
  turn.emit(part.id, verdict_of(answered, task_no, reason, std::move(judged), turn.now_ms()));
  for (const std::int32_t no : answered) decide_pay(turn, part, no);
}

void close_task(const Turn& turn, Part& part, std::int32_t task_no, VerdictReason reason) {
  TALLY_ASSERT(reason != VerdictReason::quorum);
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  const auto answered = answered_of(tasks, task);
  std::vector<FieldJudged> judged;
  for (const FieldSpec& field : tasks.created.spec.form) {
    judged.push_back({false, {}, 0, std::string(forms::default_method(field))});
  }
  turn.emit(part.id, verdict_of(answered, task_no, reason, std::move(judged), turn.now_ms()));
  for (const std::int32_t no : answered) decide_pay(turn, part, no);
}

void decide_pay(const Turn& turn, Part& part, std::int32_t no) {
  const TaskPart& tasks = part.tasks();
  const Assignment& assignment = *tasks.find_assignment(no);
  TALLY_ASSERT(assignment.state == AssignmentState::answered);
  if (assignment.pay != PayState::waiting) return;
  const Task& task = *tasks.find_task(assignment.task);
  switch (tasks.created.spec.pay) {
    case PayPolicy::all:
      return pay(turn, part, no);
    case PayPolicy::review: {
      const std::int64_t due_ms = turn.now_ms() + tasks.created.spec.review_delay.ms;
      return turn.emit(part.id, PayDecided{no, PayState::review, "", due_ms, turn.now_ms()});
    }
    case PayPolicy::agreeing:
      break;
  }
  if (task.state == TaskState::open) return;
  const FieldSpec* field = task.state == TaskState::settled ? disagrees_on(tasks, task, assignment) : nullptr;
  if (field == nullptr || planted(Bug::pays_who_disagrees)) return pay(turn, part, no);
  turn.emit(part.id, PayDecided{no, PayState::unpaid, "disagrees_on:" + field->name, 0, turn.now_ms()});
}

void pay(const Turn& turn, Part& part, std::int32_t no) {
  const TaskPart& tasks = part.tasks();
  const Assignment& assignment = *tasks.find_assignment(no);
  TALLY_ASSERT(assignment.payout == 0);
  const AccountId owner = tasks.created.owner;
  const Micros reward = tasks.created.spec.reward;
  const Micros rounded_down{planted(Bug::fee_rounded_down) ? reward.value * tasks.created.fee_ppm / 1'000'000 : 0};
  const Micros fee = planted(Bug::fee_rounded_down) ? rounded_down : fee_on(reward, tasks.created.fee_ppm);
  const AccountId worker = assignment.worker;
  // Most answers waited for this alone, and their payout says all. An earlier decision is not left to stand.
  if (assignment.pay != PayState::waiting) {
    turn.emit(part.id, PayDecided{no, PayState::paid, "", 0, turn.now_ms()});
  }
  turn.emit(part.id, PayoutPosted{part.ledger.next_transfer, no, owner, worker, reward, fee, turn.now_ms()});
}

}  // namespace tally::core
