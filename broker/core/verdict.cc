#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/aggregation/registry.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// What an answer leads to: a verdict, and payment.
namespace tally::core {
namespace {

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

// Closed without a verdict on any field.
std::vector<FieldJudged> unjudged(const TaskPart& tasks) {
  std::vector<FieldJudged> judged;
  for (const FieldSpec& field : tasks.created.spec.form) {
    judged.push_back({false, {}, 0, std::string(forms::default_method(field))});
  }
  return judged;
}

FieldJudged judged_by_votes(const TaskPart& tasks, const Task& task, const std::vector<std::int32_t>& answered,
                            std::size_t field_no) {
  const std::string method(forms::default_method(tasks.created.spec.form[field_no]));
  const aggregation::FieldVerdict verdict = judge_field(tasks, task, answered, field_no);
  if (verdict.outcome != aggregation::FieldVerdict::Outcome::settled) return {false, {}, 0, method};
  return {true, verdict.value, verdict.confidence_ppm, method};
}

FieldJudged judged_by_skill(const TaskPart& tasks, const FieldEvidence& of) {
  const ProjectSpec& spec = tasks.created.spec;
  const auto verdict = aggregation::verdict_by_skill(of.evidence, spec.redundancy);
  const FieldSpec& field = spec.form[static_cast<std::size_t>(of.field)];
  const std::string value = verdict.has_label ? forms::ballot_of_label(field, verdict.label) : std::string();
  return {verdict.is_settled, value, verdict.posterior_ppm, std::string(aggregation::skill_method)};
}

bool is_settled(const std::vector<FieldSpec>& form, const std::vector<FieldJudged>& judged) {
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i].required && !judged[i].settled) return false;
  }
  return true;
}

void reach_verdict(const Turn& turn, Part& part, std::int32_t task_no, VerdictReason reason,
                   std::vector<FieldJudged> judged, std::vector<FieldEvidence> evidence) {
  const TaskPart& tasks = part.tasks();
  const std::vector<std::int32_t> answered = tasks.answered_of(*tasks.find_task(task_no));
  VerdictReached verdict{task_no, reason, std::move(judged), {}, turn.now_ms(), std::move(evidence)};
  for (const std::int32_t no : answered) verdict.ballots.push_back({no});
  turn.emit(part.id, std::move(verdict));
  for (const std::int32_t no : answered) decide_pay(turn, part, no);
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

std::vector<FieldEvidence> evidence_with(const TaskPart& tasks, std::int32_t no, const Ballots& ballots) {
  const Assignment& newcomer = *tasks.find_assignment(no);
  const Task& task = *tasks.find_task(newcomer.task);
  std::vector<FieldEvidence> evidence;
  if (task.answered + 1 < task.min) return evidence;
  for (const auto& [field_no, model] : tasks.models) {
    const FieldSpec& field = tasks.created.spec.form[static_cast<std::size_t>(field_no)];
    std::vector<aggregation::LabelBallot> said;
    for (const std::int32_t each : task.assignments) {
      const Assignment& assignment = *tasks.find_assignment(each);
      if (each != no && assignment.state != AssignmentState::answered) continue;
      const Ballots& given = each == no ? ballots : assignment.ballots;
      said.push_back({assignment.worker, *forms::label_of(field, given[static_cast<std::size_t>(field_no)])});
    }
    evidence.push_back({field_no, model.evidence(said)});
  }
  return evidence;
}

void judge_task(const Turn& turn, Part& part, std::int32_t task_no, std::vector<FieldEvidence> evidence) {
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  if (task.answered < task.min) return;
  const std::vector<std::int32_t> answered = tasks.answered_of(task);
  const auto& form = tasks.created.spec.form;
  std::vector<FieldJudged> judged;
  auto by_skill = evidence.begin();  // In the order of their fields.
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool is_by_skill = by_skill != evidence.end() && static_cast<std::size_t>(by_skill->field) == i;
    judged.push_back(is_by_skill ? judged_by_skill(tasks, *by_skill++) : judged_by_votes(tasks, task, answered, i));
  }
  const bool settled = is_settled(form, judged);
  if (!settled && task.answered < task.max) return;
  const auto reason = !settled           ? VerdictReason::max_reached
                      : evidence.empty() ? VerdictReason::quorum
                                         : VerdictReason::theta_reached;
  reach_verdict(turn, part, task_no, reason, std::move(judged), std::move(evidence));
}

void close_task(const Turn& turn, Part& part, std::int32_t task_no, VerdictReason reason) {
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  std::vector<FieldJudged> judged = unjudged(tasks);
  std::vector<FieldEvidence> evidence;
  if (task.answered > 0) {
    for (const auto& [field_no, model] : tasks.models) {
      std::vector<aggregation::LabelBallot> said;
      tasks.ballots_on(field_no, task, said);
      evidence.push_back({field_no, model.evidence(said)});
      judged[static_cast<std::size_t>(field_no)] = judged_by_skill(tasks, evidence.back());
    }
  }
  reach_verdict(turn, part, task_no, reason, std::move(judged), std::move(evidence));
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
