#include <algorithm>
#include <string>
#include <utility>

#include "broker/core/turn.h"
#include "common/aggregation/registry.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// What becomes of the pay of an answer.
namespace tally::core {
namespace {

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
