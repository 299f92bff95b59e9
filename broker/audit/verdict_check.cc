#include <algorithm>
#include <string>

#include "broker/audit/task_check.h"
#include "common/aggregation/skill.h"
#include "common/forms/form.h"

// Whether a verdict is what its answers give.
namespace tally::audit {
namespace {

std::size_t at(std::int32_t no) { return static_cast<std::size_t>(no) - 1; }

}  // namespace

aggregation::Policy TaskCheck::policy_of(const Task& task, const FieldSpec& field) const {
  // A task that buys fewer answers than the project's quorum settles when all of them agree.
  const std::int32_t quorum = std::min(created_->spec.redundancy.quorum, task.max);
  return {Redundancy{task.min, task.max, quorum}, forms::tolerance_e6(field)};
}

std::optional<FieldJudged> TaskCheck::judge(const Task& task, std::size_t field, std::string_view method,
                                            const std::vector<WeighedBallot>& ballots) const {
  const aggregation::Method* found = aggregation::find_method(method);
  if (found == nullptr) return std::nullopt;
  std::vector<aggregation::Ballot> votes;
  votes.reserve(ballots.size());
  for (const WeighedBallot& ballot : ballots) {
    const Assignment& assignment = assignments_[at(ballot.assignment)];
    votes.push_back({assignment.worker, assignment.ballots[field], ballot.weight_ppm});
  }
  const auto verdict = found->judge(votes, policy_of(task, created_->spec.form[field]));
  if (verdict.outcome != aggregation::FieldVerdict::Outcome::settled)
    return FieldJudged{false, {}, 0, std::string(method)};
  return FieldJudged{true, verdict.value, verdict.confidence_ppm, std::string(method)};
}

bool TaskCheck::is_settled_by(const std::vector<FieldJudged>& judged) const {
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (created_->spec.form[i].required && !judged[i].settled) return false;
  }
  return true;
}

// The ballots are exactly the answers that were accepted so far, each once, by assignment.
std::string_view TaskCheck::ballots_problem(const Task& task, const VerdictReached& r) const {
  std::vector<std::int32_t> accepted;
  for (const std::int32_t no : task.assignments) {
    if (assignments_[at(no)].step == Step::answered) accepted.push_back(no);
  }
  if (accepted.size() != r.ballots.size()) return "its ballots are not the answers that were accepted before it";
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    if (accepted[i] != r.ballots[i].assignment) return "its ballots are not the answers that were accepted before it";
    const std::int64_t weight_ppm = r.ballots[i].weight_ppm;
    if (weight_ppm < 0 || weight_ppm > aggregation::weight_ppm_max) return "a weight of it cannot be";
  }
  return {};
}

std::optional<FieldJudged> TaskCheck::judge_again(const Task& task, const VerdictReached& r, std::size_t field) const {
  const FieldSpec& spec = created_->spec.form[field];
  for (const FieldEvidence& of : r.evidence) {
    if (static_cast<std::size_t>(of.field) != field) continue;
    const auto verdict = skill_.verdict_on(of);
    return FieldJudged{verdict.is_settled,
                       verdict.has_label ? forms::ballot_of_label(spec, verdict.label) : std::string(),
                       verdict.claim_ppm, std::string(aggregation::skill_method), verdict.posterior_ppm};
  }
  const auto by_votes = judge(task, field, r.judged[field].method, r.ballots);
  const bool counts_votes =
      is_settling(r.reason) || r.reason == VerdictReason::max_reached || r.reason == VerdictReason::futile;
  if (!by_votes || counts_votes) return by_votes;
  return FieldJudged{false, {}, 0, r.judged[field].method};
}

std::string TaskCheck::judged_problem(const Task& task, const VerdictReached& r) const {
  const auto& form = created_->spec.form;
  if (r.judged.size() != form.size()) return "it judges another number of fields than the form has";
  for (const FieldEvidence& of : r.evidence) {
    if (of.claim.version == aggregation::claims_version) continue;
    return "its claims are of table " + std::to_string(of.claim.version) + ", and this program has table " +
           std::to_string(aggregation::claims_version);
  }
  if (r.audited_after != skill_.audited_after(r.task)) return "it says of its audit what the records before it do not";
  if (!skill_.is_evidence(r)) return "its evidence is not what the answers before it give";
  for (std::size_t i = 0; i < form.size(); ++i) {
    const auto expected = judge_again(task, r, i);
    if (!expected) return "there is no method '" + r.judged[i].method + "'";
    if (r.judged[i] != *expected) {
      return "field '" + form[i].name + "' is not what '" + r.judged[i].method + "' makes of its ballots: " +
             (expected->settled ? "'" + forms::readable(expected->value) + "'" : std::string("undecided"));
    }
  }
  return reason_problem(task, r);
}

VerdictReason TaskCheck::settling_reason() const {
  const Redundancy& redundancy = created_->spec.redundancy;
  if (redundancy.confidence_ppm > 0) return VerdictReason::confidence_reached;
  return redundancy.theta_ppm > 0 ? VerdictReason::theta_reached : VerdictReason::quorum;
}

// REQUIRES that the fields are judged as they must be.
std::string TaskCheck::reason_problem(const Task& task, const VerdictReached& r) const {
  const std::string name(name_of(r.reason));
  const bool is_settled = is_settled_by(r.judged);
  const bool goes_on = task.answered < task.max;
  const bool is_by_answers = is_settling(r.reason) || r.reason == VerdictReason::futile;
  if (is_by_answers && task.answered < task.min) return "it has fewer ballots than the project wants at least";
  // One that is settled may close because nobody is left for it.
  if (r.reason == VerdictReason::futile && skill_.is_audited(r.task)) return "it was drawn for the audit, and given up";
  if (is_settling(r.reason)) {
    if (r.reason != settling_reason()) return "it says " + name + ", which the project does not ask for";
    if (!is_settled) return "it says " + name + ", and a required field has none";
    const bool must_go_on = !skill_.is_audited(r.task) && skill_.goes_to_audit(r.task, task.answered, task.max);
    if (must_go_on) return "it is drawn for the audit, and did not go on";
    if (skill_.goes_to_spot_check(r.task, task.answered, task.max)) {
      return "it is drawn for the spot check, and did not go on";
    }
  }
  if (r.reason == VerdictReason::max_reached && (goes_on || is_settled)) {
    return "it says that the greatest number of answers was reached, and it was not, or they agree";
  }
  if (r.reason == VerdictReason::futile && (!goes_on || is_settled || !is_futile(task, r))) {
    return "it says that more answers are in vain, and they are not";
  }
  return {};
}

// No required field that is not settled is worth one more answer.
bool TaskCheck::is_futile(const Task& task, const VerdictReached& r) const {
  const auto& form = created_->spec.form;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (!form[i].required || r.judged[i].settled) continue;
    const auto of = std::find_if(r.evidence.begin(), r.evidence.end(),
                                 [&](const FieldEvidence& each) { return static_cast<std::size_t>(each.field) == i; });
    if (of == r.evidence.end()) return false;
    const std::int32_t left = task.max - task.answered;
    const aggregation::Claims& hopeful = skill_.claims(of->field).hopeful();
    if (!aggregation::is_futile(skill_.verdict_on(*of), left, hopeful, created_->spec.redundancy)) return false;
  }
  return true;
}

const FieldSpec* TaskCheck::disagrees_on(const Task& task, const Assignment& assignment) const {
  const auto& form = created_->spec.form;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (!form[i].required) continue;
    const aggregation::Method* method = aggregation::find_method(forms::default_method(form[i]));
    if (!method->agrees(assignment.ballots[i], task.judged[i].value, policy_of(task, form[i]))) return &form[i];
  }
  return nullptr;
}

}  // namespace tally::audit
