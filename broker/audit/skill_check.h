#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/label_model.h"
#include "common/aggregation/online/part_skills.h"
#include "common/aggregation/skill.h"
#include "schemas/records.h"

// What is known of workers, and what verdicts may claim, is made again from the journal alone, so that a verdict by
// skill can be held against what it says it was made from.
namespace tally::audit {

class SkillCheck {
 public:
  void begin(const TaskPartCreated& created);
  // REQUIRES one ballot a field for each gold task.
  void on(const TasksPosted& r);

  // In the order of the journal. REQUIRES a task up to `tasks`, and ballots that the form has labels for.
  void on(const AnswerAccepted& r, std::int64_t tasks);

  // What is told of workers and of other parts. That it is what the control part knew, its records here cannot show.
  // Empty: it can be, and may be counted.
  [[nodiscard]] std::string_view problem_of(const WorkerIntroduced& r) const;
  [[nodiscard]] std::string_view problem_of(const ProjectKnown& r) const;
  // REQUIRES that they have no problem.
  void on(const WorkerIntroduced& r);
  void on(const ProjectKnown& r);
  [[nodiscard]] const std::set<AccountId>& introduced() const { return introduced_; }

  // What the part learned by now, of its workers_told_max busiest workers a field.
  [[nodiscard]] std::vector<FieldSkill> learned() const;
  [[nodiscard]] bool is_by_skill() const { return !models_.empty(); }
  [[nodiscard]] const Ballots* gold_of(std::int32_t task) const;

  // What this evidence says. REQUIRES it to be sound.
  [[nodiscard]] aggregation::SkillVerdict verdict_on(const FieldEvidence& of) const;
  // Whether this verdict, which follows on the answers so far, was made from what it must have been made from.
  [[nodiscard]] bool is_evidence(const VerdictReached& r) const;
  [[nodiscard]] const aggregation::FieldClaims& claims(std::int32_t field) const { return claims_.at(field); }
  // REQUIRES its evidence to be sound.
  void on(const VerdictReached& r);

  // Whether the task, with so many answers of at most so many, goes on though it could settle: for a second answer, or
  // for the audit.
  [[nodiscard]] bool goes_to_spot_check(std::int32_t task, std::int32_t answers, std::int32_t max) const;
  [[nodiscard]] bool goes_to_audit(std::int32_t task, std::int32_t answers, std::int32_t max) const;
  [[nodiscard]] bool is_audited(std::int32_t task) const { return audits_.contains(task); }
  // Answers that it had then; 0: it was not.
  [[nodiscard]] std::int32_t audited_after(std::int32_t task) const {
    return is_audited(task) ? audits_.at(task).answers : 0;
  }
  // Empty: it says what the answers so far give. `answers` and `max` are the task's.
  [[nodiscard]] std::string_view problem_of(const TaskAudited& r, std::int32_t answers, std::int32_t max) const;
  void on(const TaskAudited& r) { audits_.emplace(r.task, r); }

 private:
  struct Given {
    std::int32_t assignment = 0;
    AccountId worker;
    Ballots ballots;
  };
  [[nodiscard]] std::vector<FieldEvidence> evidence_of(std::int32_t task) const;
  // REQUIRES that the model was told of all its answers.
  void ask_others(std::int32_t task, std::vector<FieldEvidence>& evidence) const;
  // An audit is of a confidence, which asks no others.
  [[nodiscard]] bool is_what_was_judged(const TaskAudited& r, const std::vector<FieldEvidence>& evidence) const;
  void ballots_on(std::int32_t field_no, std::int32_t task, std::vector<aggregation::LabelBallot>& ballots) const;

  [[nodiscard]] bool is_countable(const FieldSkill& skill) const;

  TaskPartCreated created_;
  aggregation::ModelsByField models_;
  aggregation::ClaimsByField claims_;
  ProjectKnown known_;                                // As it was told last.
  std::set<AccountId> introduced_;                    // Workers.
  std::int64_t of_introduced_ = 0;                    // All counts of the rows that they came with.
  std::map<std::int32_t, Ballots> gold_;              // By task.
  std::map<std::int32_t, TaskAudited> audits_;        // By task.
  std::map<std::int32_t, std::vector<Given>> given_;  // By task; by assignment.
  std::int32_t last_task_ = 0;                        // Of the last answer, and what it was judged with.
  std::vector<FieldEvidence> last_;
};

}  // namespace tally::audit
