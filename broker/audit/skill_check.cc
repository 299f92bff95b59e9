#include "broker/audit/skill_check.h"

#include <algorithm>

#include "common/aggregation/skill.h"
#include "common/forms/form.h"

namespace tally::audit {
namespace {

template <class Value>
const Value* find_of_task(const std::map<std::int32_t, Value>& map, std::int32_t task) {
  const auto found = map.find(task);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

void SkillCheck::begin(const TaskPartCreated& created) {
  created_ = created;
  if (!created.spec.redundancy.is_by_skill()) return;
  for (std::size_t i = 0; i < created.spec.form.size(); ++i) {
    const std::int32_t labels = forms::labels_of(created.spec.form[i]);
    if (labels == 0) continue;
    models_.emplace(static_cast<std::int32_t>(i), aggregation::LabelModel(labels));
    claims_.try_emplace(static_cast<std::int32_t>(i));
  }
}

void SkillCheck::on(const TasksPosted& r) {
  for (const TaskGold& gold : r.gold) {
    if (!gold_.emplace(gold.task, gold.ballots).second) continue;
    aggregation::gold_opened(claims_, gold.ballots);
  }
}

void SkillCheck::ballots_on(std::int32_t field_no, std::int32_t task,
                            std::vector<aggregation::LabelBallot>& ballots) const {
  ballots.clear();
  const auto place = static_cast<std::size_t>(field_no);
  const auto found = given_.find(task);
  if (found == given_.end()) return;
  for (const Given& given : found->second) {
    ballots.push_back({given.worker, *forms::label_of(created_.spec.form[place], given.ballots[place])});
  }
}

std::vector<FieldEvidence> SkillCheck::evidence_of(std::int32_t task) const {
  std::vector<FieldEvidence> evidence;
  std::vector<aggregation::LabelBallot> ballots;
  for (const auto& [field_no, model] : models_) {
    ballots_on(field_no, task, ballots);
    if (!ballots.empty()) evidence.push_back({field_no, model.evidence(ballots), {}});
  }
  return evidence;
}

void SkillCheck::on(const AnswerAccepted& r, std::int64_t tasks) {
  if (models_.empty()) return;
  std::vector<Given>& given = given_[r.task];
  const auto place =
      std::find_if(given.begin(), given.end(), [&](const Given& other) { return other.assignment > r.assignment; });
  given.insert(place, {r.assignment, r.worker, r.ballots});
  last_task_ = r.task;
  last_ = evidence_of(r.task);
  for (auto& [field_no, model] : models_) {
    model.answered(r.task - 1, static_cast<std::int32_t>(tasks), r.worker,
                   [this, field_no = field_no](std::int32_t task, std::vector<aggregation::LabelBallot>& ballots) {
                     ballots_on(field_no, task + 1, ballots);
                   });
  }
}

// After an answer to this very task it is judged with what was known before that; later, with what is known now.
bool SkillCheck::is_evidence(const VerdictReached& r) const {
  const auto is = [&](std::vector<FieldEvidence> evidence) {
    for (FieldEvidence& of : evidence) of.claim = claims_.at(of.field).basis();
    return evidence == r.evidence;
  };
  return (r.task == last_task_ && is(last_)) || is(evidence_of(r.task));
}

void SkillCheck::on(const VerdictReached& r) {
  aggregation::learn_outcomes(claims_, r, find_of_task(gold_, r.task), find_of_task(audits_, r.task));
}

bool SkillCheck::goes_to_audit(std::int32_t task, std::int32_t answers, std::int32_t max) const {
  const std::int64_t item_no = created_.first_item + task - 1;
  return !models_.empty() && aggregation::may_overturn(answers, max) && !gold_.contains(task) &&
         aggregation::is_drawn_for_audit(created_.salt.value, item_no, created_.spec.redundancy.audit_ppm);
}

std::string_view SkillCheck::problem_of(const TaskAudited& r, std::int32_t answers, std::int32_t max) const {
  if (is_audited(r.task)) return "it was audited before";
  if (!goes_to_audit(r.task, answers, max)) return "it was not drawn for the audit";
  if (r.answers != answers) return "it had another number of answers";
  const bool is_so =
      (r.task == last_task_ && is_what_was_judged(r, last_)) || is_what_was_judged(r, evidence_of(r.task));
  return is_so ? "" : "it was judged otherwise, or could not have settled";
}

bool SkillCheck::is_what_was_judged(const TaskAudited& r, const std::vector<FieldEvidence>& evidence) const {
  std::vector<FieldAudited> judged;
  for (const FieldEvidence& of : evidence) {
    const FieldSpec& field = created_.spec.form[static_cast<std::size_t>(of.field)];
    const auto verdict =
        aggregation::verdict_by_skill(of.evidence, claims_.at(of.field).now(), created_.spec.redundancy);
    if (verdict.is_settled) {
      judged.push_back({of.field, verdict.bucket, forms::ballot_of_label(field, verdict.label)});
    } else if (field.required) {
      return false;
    }
  }
  return judged == r.judged;
}

}  // namespace tally::audit
