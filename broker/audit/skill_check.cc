#include "broker/audit/skill_check.h"

#include <algorithm>

#include "common/forms/form.h"

namespace tally::audit {

void SkillCheck::begin(const ProjectSpec& spec) {
  spec_ = spec;
  if (spec.redundancy.theta_ppm == 0) return;
  for (std::size_t i = 0; i < spec.form.size(); ++i) {
    const std::int32_t labels = forms::labels_of(spec.form[i]);
    if (labels > 0) models_.emplace(static_cast<std::int32_t>(i), aggregation::LabelModel(labels));
  }
}

void SkillCheck::ballots_on(std::int32_t field_no, std::int32_t task,
                            std::vector<aggregation::LabelBallot>& ballots) const {
  ballots.clear();
  const auto place = static_cast<std::size_t>(field_no);
  const auto found = given_.find(task);
  if (found == given_.end()) return;
  for (const Given& given : found->second) {
    ballots.push_back({given.worker, *forms::label_of(spec_.form[place], given.ballots[place])});
  }
}

std::vector<FieldEvidence> SkillCheck::evidence_of(std::int32_t task) const {
  std::vector<FieldEvidence> evidence;
  std::vector<aggregation::LabelBallot> ballots;
  for (const auto& [field_no, model] : models_) {
    ballots_on(field_no, task, ballots);
    if (!ballots.empty()) evidence.push_back({field_no, model.evidence(ballots)});
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

std::vector<FieldEvidence> SkillCheck::evidence(const VerdictReached& r) const {
  const bool is_by_answer = r.reason == VerdictReason::quorum || r.reason == VerdictReason::theta_reached ||
                            r.reason == VerdictReason::max_reached;
  if (!is_by_answer) return evidence_of(r.task);
  return r.task == last_task_ ? last_ : std::vector<FieldEvidence>();
}

}  // namespace tally::audit
