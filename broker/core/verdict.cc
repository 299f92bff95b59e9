#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/aggregation/online/policy_step.h"
#include "common/aggregation/registry.h"
#include "common/aggregation/skill.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

// What answers lead to: a verdict, at once or after others have come.
namespace tally::core {
namespace {

constexpr int judged_per_step = 64;  // Of tasks that are judged anew: a fraction of a millisecond, but for gold.
constexpr Duration judging_every{20};

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

FieldJudged judged_by_skill(const FieldSpec& field, const aggregation::SkillVerdict& verdict) {
  const std::string value = verdict.has_label ? forms::ballot_of_label(field, verdict.label) : std::string();
  return {verdict.is_settled, value, verdict.claim_ppm, std::string(aggregation::skill_method), verdict.posterior_ppm};
}

aggregation::SkillVerdict verdict_on(const TaskPart& tasks, const FieldEvidence& of) {
  if (planted(Bug::theta_not_borne_out)) {
    return aggregation::verdict_by_skill(of.evidence, tasks.claims.at(of.field).now(), tasks.created.spec.redundancy);
  }
  return aggregation::verdict_on(of, tasks.claims.at(of.field).now(), tasks.created.spec.redundancy);
}

// REQUIRES that the model was told of the task's answers.
void ask_others(const TaskPart& tasks, std::int32_t task_no, std::vector<FieldEvidence>& evidence) {
  std::vector<aggregation::LabelBallot> said;
  for (FieldEvidence& of : evidence) {
    if (!aggregation::needs_others(of.evidence, tasks.created.spec.redundancy)) continue;
    tasks.ballots_on(of.field, *tasks.find_task(task_no), said);
    of.of_others = tasks.models.at(of.field).evidence_of_others(task_no - 1, said);
  }
}

// What a task's answers say by now, of each field.
struct Opinion {
  std::vector<FieldJudged> judged;
  std::vector<aggregation::FieldStep> steps;
};

// Whether to go on is in vain costs more than all else, and is asked only of a task that may go on.
enum class Futility { asked, not_asked };

Opinion opinion_on(const TaskPart& tasks, std::int32_t task_no, const std::vector<FieldEvidence>& evidence,
                   Futility futility) {
  const Task& task = *tasks.find_task(task_no);
  const std::vector<std::int32_t> answered = tasks.answered_of(task);
  const auto& form = tasks.created.spec.form;
  Opinion opinion;
  auto by_skill = evidence.begin();  // In the order of their fields.
  for (std::size_t i = 0; i < form.size(); ++i) {
    aggregation::FieldStep step{form[i].required, false, false};
    if (by_skill != evidence.end() && static_cast<std::size_t>(by_skill->field) == i) {
      const auto verdict = verdict_on(tasks, *by_skill);
      const bool may_go_on = futility == Futility::asked && !verdict.is_settled && task.answered < task.max;
      step.is_futile = may_go_on && aggregation::is_futile(verdict, task.max - task.answered,
                                                           tasks.claims.at(by_skill->field).hopeful(),
                                                           tasks.created.spec.redundancy);
      opinion.judged.push_back(judged_by_skill(form[i], verdict));
      ++by_skill;
    } else {
      opinion.judged.push_back(judged_by_votes(tasks, task, answered, i));
    }
    step.is_settled = opinion.judged.back().settled;
    opinion.steps.push_back(step);
  }
  return opinion;
}

void reach_verdict(const Turn& turn, Part& part, std::int32_t task_no, VerdictReason reason,
                   std::vector<FieldJudged> judged, std::vector<FieldEvidence> evidence) {
  const TaskPart& tasks = part.tasks();
  const std::vector<std::int32_t> answered = tasks.answered_of(*tasks.find_task(task_no));
  for (FieldEvidence& of : evidence) of.claim = tasks.claims.at(of.field).basis();
  VerdictReached verdict{task_no, reason, std::move(judged), {}, turn.now_ms(), std::move(evidence)};
  for (const std::int32_t no : answered) verdict.ballots.push_back({no});
  if (const auto audit = tasks.audits.find(task_no); audit != tasks.audits.end()) {
    verdict.audited_after = audit->second.answers;
  }
  turn.emit(part.id, std::move(verdict));
  for (const std::int32_t no : answered) decide_pay(turn, part, no);
  const bool has_outcome = tasks.gold.contains(task_no) || tasks.audits.contains(task_no);
  if (has_outcome && tasks.created.spec.redundancy.confidence_ppm > 0) judge_all_anew(turn.state, part);
}

// A task that could settle goes on when it is drawn for the audit. A gold task shows more without.
bool goes_to_audit(const TaskPart& tasks, const Task& task, std::int32_t task_no) {
  const TaskPartCreated& created = tasks.created;
  const std::int64_t item_no = created.first_item + task_no - 1;
  return aggregation::may_overturn(task.answered, task.max) && !tasks.gold.contains(task_no) &&
         aggregation::is_drawn_for_audit(created.salt.value, item_no, created.spec.redundancy.audit_ppm);
}

void begin_audit(const Turn& turn, Part& part, std::int32_t task_no, const std::vector<FieldEvidence>& evidence) {
  const TaskPart& tasks = part.tasks();
  TaskAudited audited{task_no, tasks.find_task(task_no)->answered, {}, turn.now_ms()};
  for (const FieldEvidence& of : evidence) {
    const auto verdict = verdict_on(tasks, of);
    const FieldSpec& field = tasks.created.spec.form[static_cast<std::size_t>(of.field)];
    if (verdict.is_settled) {
      audited.judged.push_back({of.field, verdict.bucket, forms::ballot_of_label(field, verdict.label)});
    }
  }
  turn.emit(part.id, std::move(audited));
}

// A task that a single answer would settle takes another one now and then, which shows when a worker who was good is
// not any more.
bool goes_to_spot_check(const TaskPart& tasks, const Task& task, std::int32_t task_no) {
  if (task.answered != 1 || task.max < 2 || tasks.models.empty()) return false;
  const AccountId worker = tasks.find_assignment(tasks.answered_of(task).front())->worker;
  std::int64_t share_ppm = 0;
  for (const auto& [field_no, model] : tasks.models) {
    share_ppm = std::max(share_ppm, aggregation::spot_check_ppm(model.rightness_of(worker)));
  }
  const std::int64_t item_no = tasks.created.first_item + task_no - 1;
  return aggregation::is_drawn_for_spot_check(tasks.created.salt.value, item_no, share_ppm);
}

std::vector<FieldEvidence> evidence_now(const TaskPart& tasks, const Task& task) {
  std::vector<FieldEvidence> evidence;
  if (task.answered == 0) return evidence;
  std::vector<aggregation::LabelBallot> said;
  for (const auto& [field_no, model] : tasks.models) {
    tasks.ballots_on(field_no, task, said);
    evidence.push_back({field_no, model.evidence(said), {}, {}});
  }
  return evidence;
}

}  // namespace

aggregation::Policy policy_of(const TaskPart& tasks, const Task& task, const FieldSpec& field) {
  Redundancy redundancy = tasks.created.spec.redundancy;
  redundancy.min = task.min;
  redundancy.max = task.max;
  redundancy.quorum = std::min(redundancy.quorum, task.max);
  if (planted(Bug::verdict_before_quorum)) redundancy.quorum = 1;
  return {redundancy, forms::tolerance_e6(field)};
}

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
    evidence.push_back({field_no, model.evidence(said), {}, {}});
  }
  return evidence;
}

void judge_task(const Turn& turn, Part& part, std::int32_t task_no, std::vector<FieldEvidence> evidence) {
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  if (task.answered < task.min) return;
  if (tasks.audits.contains(task_no) && task.answered < task.max) return;
  ask_others(tasks, task_no, evidence);
  Opinion opinion = opinion_on(tasks, task_no, evidence, Futility::asked);
  Redundancy redundancy = tasks.created.spec.redundancy;
  redundancy.max = task.max;
  const auto reason = aggregation::reason_to_close(opinion.steps, redundancy, task.answered);
  if (!reason) return;
  if (is_settling(*reason) && goes_to_spot_check(tasks, task, task_no)) return;
  if (is_settling(*reason) && goes_to_audit(tasks, task, task_no)) return begin_audit(turn, part, task_no, evidence);
  reach_verdict(turn, part, task_no, *reason, std::move(opinion.judged), std::move(evidence));
}

void judge_all_anew(State& state, const Part& part) {
  if (part.tasks().tasks.empty()) return;
  state.judging[part.id].left = std::ssize(part.tasks().tasks);
}

// One part after the other, so that a busy one does not keep the others waiting; and round in each, so that outcomes
// that come one after the other do not keep its last tasks waiting.
void judge_some_anew(const Turn& turn) {
  State& state = turn.state;
  if (state.judging.empty() || turn.input.at < state.next_judging) return;
  state.next_judging = turn.input.at + judging_every;
  auto found = state.judging.upper_bound(state.last_judged);
  if (found == state.judging.end()) found = state.judging.begin();
  state.last_judged = found->first;
  Part& part = state.parts.at(found->first);
  const TaskPart& tasks = part.tasks();
  Judging& at = found->second;
  for (int judged = 0; judged < judged_per_step && at.left > 0; --at.left) {
    at.last = at.last < std::ssize(tasks.tasks) ? at.last + 1 : 1;
    const Task& task = *tasks.find_task(at.last);
    // One that is in somebody's hands is judged when it comes back.
    if (task.state != TaskState::open || task.live > 0 || task.answered == 0) continue;
    ++judged;
    judge_task(turn, part, at.last, evidence_now(tasks, task));
  }
  if (at.left == 0) state.judging.erase(found);
  finish_part(turn, part);
}

void close_task(const Turn& turn, Part& part, std::int32_t task_no, VerdictReason reason) {
  const TaskPart& tasks = part.tasks();
  const Task& task = *tasks.find_task(task_no);
  TALLY_ASSERT(task.state == TaskState::open);
  std::vector<FieldEvidence> evidence = evidence_now(tasks, task);
  if (evidence.empty()) return reach_verdict(turn, part, task_no, reason, unjudged(tasks), {});
  ask_others(tasks, task_no, evidence);
  // It may be as sure as was asked for, and have waited for its audit or for the next look.
  Opinion opinion = opinion_on(tasks, task_no, evidence, Futility::not_asked);
  const bool may_settle = task.answered >= task.min && !goes_to_spot_check(tasks, task, task_no) &&
                          (tasks.audits.contains(task_no) || !goes_to_audit(tasks, task, task_no));
  const auto settling = aggregation::reason_to_close(opinion.steps, tasks.created.spec.redundancy, task.answered);
  if (may_settle && settling && is_settling(*settling)) {
    return reach_verdict(turn, part, task_no, *settling, std::move(opinion.judged), std::move(evidence));
  }
  std::vector<FieldJudged> judged = unjudged(tasks);
  for (const FieldEvidence& of : evidence) {
    const auto place = static_cast<std::size_t>(of.field);
    judged[place] = std::move(opinion.judged[place]);
  }
  reach_verdict(turn, part, task_no, reason, std::move(judged), std::move(evidence));
}

}  // namespace tally::core
