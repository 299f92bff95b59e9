#include "broker/audit/skill_check.h"

#include <algorithm>
#include <cstdlib>

#include "common/aggregation/skill.h"
#include "common/forms/form.h"

namespace tally::audit {
namespace {

template <class Value>
const Value* find_of_task(const std::map<std::int32_t, Value>& map, std::int32_t task) {
  const auto found = map.find(task);
  return found == map.end() ? nullptr : &found->second;
}

// All counts that a part may be told: more than the largest project comes to, and so few that products of them with
// what a row begins with fit in 64 bits.
constexpr std::int64_t counts_max = std::int64_t{1} << 47;

// What a worker's row may hold: products of a count with the unit in which slips are reckoned (skill_counts.cc) must
// fit in 64 bits.
constexpr std::int64_t row_count_max = std::int64_t{1} << 42;

// As many answers as can be, and of no label more than of all: a chance is at most one. REQUIRES a sound row.
bool is_row_countable(const SkillRow& row, std::int32_t labels) {
  const auto count = static_cast<std::size_t>(labels);
  for (std::size_t i = 0; i < row.counts.size(); ++i) {
    const std::int64_t sum = row.counts[count * count + i % count];
    if (row.counts[i] < 0 || row.counts[i] > sum || row.counts[i] >= row_count_max) return false;
  }
  return true;
}

// Adds the sizes of all counts; false when there are too many. REQUIRES counts whose sizes fit.
bool add_counts(std::int64_t& sum, const std::vector<std::int64_t>& counts) {
  return std::all_of(counts.begin(), counts.end(), [&](std::int64_t count) {
    sum += std::abs(count);
    return sum <= counts_max;
  });
}

bool add_counts(std::int64_t& sum, const std::vector<FieldSkill>& skills) {
  return std::all_of(skills.begin(), skills.end(), [&](const FieldSkill& skill) {
    return add_counts(sum, skill.tasks) && add_counts(sum, skill.crowd) &&
           std::all_of(skill.workers.begin(), skill.workers.end(),
                       [&](const SkillRow& row) { return add_counts(sum, row.counts); });
  });
}

bool are_in_order(const std::vector<FieldSkill>& skills) {
  return std::adjacent_find(skills.begin(), skills.end(), [](const FieldSkill& a, const FieldSkill& b) {
           return a.field >= b.field;
         }) == skills.end();
}

}  // namespace

void SkillCheck::begin(const TaskPartCreated& created) {
  created_ = created;
  aggregation::begin_skills(created.spec, forms::labels_of, models_, claims_);
}

void SkillCheck::on(const TasksPosted& r) {
  for (const TaskGold& gold : r.gold) {
    if (!gold_.emplace(gold.task, gold.ballots).second) continue;
    aggregation::gold_opened(claims_, gold.ballots);
  }
}

bool SkillCheck::is_countable(const FieldSkill& skill) const {
  const auto model = models_.find(skill.field);
  if (model == models_.end()) return false;
  const std::int32_t labels = model->second.labels();
  return aggregation::SkillCounts::is_sound(skill, labels) && aggregation::is_sound(skill.gold) &&
         aggregation::is_sound(skill.audited) &&
         std::all_of(skill.workers.begin(), skill.workers.end(),
                     [&](const SkillRow& row) { return is_row_countable(row, labels); });
}

std::string_view SkillCheck::problem_of(const WorkerIntroduced& r) const {
  if (!is_by_skill()) return "the project does not weigh answers by skill";
  if (introduced_.contains(r.worker)) return "the worker was introduced before";
  const bool is_so = std::all_of(r.skills.begin(), r.skills.end(), [&](const FieldSkill& skill) {
    return is_countable(skill) && skill.tasks.empty() && skill.crowd.empty() && skill.gold.empty() &&
           skill.audited.empty() && skill.workers.size() == 1 && skill.workers[0].worker == r.worker;
  });
  if (r.skills.empty() || !is_so || !are_in_order(r.skills)) return "it is not one row of the worker for each field";
  std::int64_t sum = of_introduced_;
  return add_counts(sum, r.skills) ? "" : "its counts are more than any project has";
}

std::string_view SkillCheck::problem_of(const ProjectKnown& r) const {
  if (!is_by_skill()) return "the project does not weigh answers by skill";
  if (r.version <= known_.version) return "it is not from more parts than what was told before";
  const bool is_so = std::all_of(r.skills.begin(), r.skills.end(),
                                 [&](const FieldSkill& skill) { return is_countable(skill) && skill.workers.empty(); });
  if (!is_so || !are_in_order(r.skills)) return "it is not what is known of fields of the form, without workers";
  std::int64_t sum = 0;
  return add_counts(sum, r.skills) ? "" : "its counts are more than any project has";
}

void SkillCheck::on(const WorkerIntroduced& r) {
  introduced_.insert(r.worker);
  static_cast<void>(add_counts(of_introduced_, r.skills));
  for (const FieldSkill& skill : r.skills) models_.at(skill.field).tell(skill);
}

void SkillCheck::on(const ProjectKnown& r) {
  aggregation::tell_all(models_, claims_, known_, r);
  known_ = r;
}

std::vector<FieldSkill> SkillCheck::learned() const { return aggregation::all_learned(models_, claims_); }

const Ballots* SkillCheck::gold_of(std::int32_t task) const { return find_of_task(gold_, task); }

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
    if (!ballots.empty()) evidence.push_back({field_no, model.evidence(ballots), {}, {}});
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

aggregation::SkillVerdict SkillCheck::verdict_on(const FieldEvidence& of) const {
  return aggregation::verdict_on(of, claims_.at(of.field).now(), created_.spec.redundancy);
}

void SkillCheck::ask_others(std::int32_t task, std::vector<FieldEvidence>& evidence) const {
  std::vector<aggregation::LabelBallot> said;
  for (FieldEvidence& of : evidence) {
    if (!aggregation::needs_others(of.evidence, created_.spec.redundancy)) continue;
    ballots_on(of.field, task, said);
    of.of_others = models_.at(of.field).evidence_of_others(task - 1, said);
  }
}

// After an answer to this very task it is judged with what was known before that; later, with what is known now.
bool SkillCheck::is_evidence(const VerdictReached& r) const {
  const auto is = [&](std::vector<FieldEvidence> evidence) {
    for (FieldEvidence& of : evidence) of.claim = claims_.at(of.field).basis();
    ask_others(r.task, evidence);
    return evidence == r.evidence;
  };
  return (r.task == last_task_ && is(last_)) || is(evidence_of(r.task));
}

void SkillCheck::on(const VerdictReached& r) {
  aggregation::learn_outcomes(claims_, r, find_of_task(gold_, r.task), find_of_task(audits_, r.task));
}

bool SkillCheck::goes_to_spot_check(std::int32_t task, std::int32_t answers, std::int32_t max) const {
  const auto given = given_.find(task);
  if (answers != 1 || max < 2 || given == given_.end()) return false;
  const AccountId worker = given->second.front().worker;
  std::int64_t share_ppm = 0;
  for (const auto& [field_no, model] : models_) {
    share_ppm = std::max(share_ppm, aggregation::spot_check_ppm(model.rightness_of(worker)));
  }
  const std::int64_t item_no = created_.first_item + task - 1;
  return aggregation::is_drawn_for_spot_check(created_.salt.value, item_no, share_ppm);
}

bool SkillCheck::goes_to_audit(std::int32_t task, std::int32_t answers, std::int32_t max) const {
  const std::int64_t item_no = created_.first_item + task - 1;
  return !models_.empty() && aggregation::may_overturn(answers, max) && !gold_.contains(task) &&
         aggregation::is_drawn_for_audit(created_.salt.value, item_no, created_.spec.redundancy.audit_ppm);
}

std::string_view SkillCheck::problem_of(const TaskAudited& r, std::int32_t answers, std::int32_t max) const {
  if (is_audited(r.task)) return "it was audited before";
  if (!goes_to_audit(r.task, answers, max)) return "it was not drawn for the audit";
  if (goes_to_spot_check(r.task, answers, max)) return "it was drawn for the spot check, which comes first";
  if (r.answers != answers) return "it had another number of answers";
  const bool is_so =
      (r.task == last_task_ && is_what_was_judged(r, last_)) || is_what_was_judged(r, evidence_of(r.task));
  return is_so ? "" : "it was judged otherwise, or could not have settled";
}

bool SkillCheck::is_what_was_judged(const TaskAudited& r, const std::vector<FieldEvidence>& evidence) const {
  std::vector<FieldAudited> judged;
  for (const FieldEvidence& of : evidence) {
    const FieldSpec& field = created_.spec.form[static_cast<std::size_t>(of.field)];
    const auto verdict = verdict_on(of);
    if (verdict.is_settled) {
      judged.push_back({of.field, verdict.bucket, forms::ballot_of_label(field, verdict.label)});
    } else if (field.required) {
      return false;
    }
  }
  return judged == r.judged;
}

}  // namespace tally::audit
