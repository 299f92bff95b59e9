#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/books.h"
#include "broker/audit/finding.h"
#include "broker/audit/skill_check.h"
#include "broker/storage/store.h"
#include "common/aggregation/registry.h"
#include "schemas/records.h"

// The rules of a task part, by its records: who may have a task, what a verdict follows from, who is paid.
namespace tally::audit {

class TaskCheck {
 public:
  TaskCheck(PartId part, Finding& finding, const Books& books) : part_(part), finding_(finding), books_(books) {}

  // In the order of the journal; a transfer or mail after the books have accepted it.
  void on(const TaskPartCreated& r);
  void on(const TasksPosted& r);
  void on(const PartStateChanged& r);
  void on(const AssignmentLeased& r);
  void on(const AssignmentEnded& r);
  void on(const AnswerAccepted& r);
  void on(const VerdictReached& r);
  void on(const TaskAudited& r);
  void on(const WorkerIntroduced& r);
  void on(const ProjectKnown& r);
  void on(const PayDecided& r);
  void on(const DeadlinesMoved& r);
  void on(const TransferPosted& r);
  void on(const PayoutPosted& r);
  void on(const MailSent& r);

  // The whole journal has been read: nothing that should have followed is missing.
  void end();

  // What the part's row must show.
  [[nodiscard]] storage::PartSummary summary() const;

  // What contents are held against. Numbers from 1; none: there is no such task or answer.
  [[nodiscard]] std::int64_t tasks() const { return static_cast<std::int64_t>(tasks_.size()); }
  [[nodiscard]] std::vector<std::int32_t> answers() const;
  // Why this content is not the answer that was accepted; empty when it is.
  [[nodiscard]] std::string answer_problem(std::int32_t assignment, std::string_view body) const;
  [[nodiscard]] std::string item_problem(std::string_view body) const;

  // Task and worker of an assignment that the journal knows.
  [[nodiscard]] std::int32_t task_of(std::int32_t assignment) const;
  [[nodiscard]] AccountId worker_of(std::int32_t assignment) const;
  [[nodiscard]] std::int64_t verdicts() const { return verdicts_; }
  [[nodiscard]] std::int64_t payouts() const { return payouts_; }

 private:
  struct Task {
    std::int32_t min = 0;
    std::int32_t max = 0;
    TaskState state = TaskState::open;
    std::int32_t answered = 0;
    std::int32_t live = 0;
    std::vector<std::int32_t> assignments;
    std::vector<FieldJudged> judged;
  };
  enum class Step { live, expired, handed_back, taken_back, answered };
  struct Assignment {
    std::int32_t task = 0;
    AccountId worker;
    std::int64_t leased_ms = 0;
    std::int64_t deadline_ms = 0;
    Step step = Step::live;
    Ballots ballots;
    std::string digest;
    PayState pay = PayState::waiting;
    std::int64_t review_due_ms = 0;
    bool has_payout = false;
    bool is_taken_back = false;  // The money of a reversed payout: by a reversal here, or asked back by mail.
  };

  void wrong(std::string_view record, const std::string& what, std::string_view rule);
  void wrong_task(std::string_view table, std::int32_t no, std::string_view rule);
  void wrong_answer(std::string_view table, std::int32_t no, std::string_view rule);
  [[nodiscard]] bool is_created(std::string_view record);
  [[nodiscard]] bool is_gold_possible(const TasksPosted& r) const;
  Task* find_task(std::int32_t no);
  Assignment* find_assignment(std::int32_t no);

  // verdict_check.cc
  [[nodiscard]] bool may_be_check(const Task& task) const;
  [[nodiscard]] aggregation::Policy policy_of(const Task& task, const FieldSpec& field) const;
  // What the method makes of these ballots; nothing where there is no such method.
  [[nodiscard]] std::optional<FieldJudged> judge(const Task& task, std::size_t field, std::string_view method,
                                                 const std::vector<WeighedBallot>& ballots) const;
  [[nodiscard]] std::string_view ballots_problem(const Task& task, const VerdictReached& r) const;
  [[nodiscard]] std::string judged_problem(const Task& task, const VerdictReached& r) const;
  [[nodiscard]] std::string reason_problem(const Task& task, const VerdictReached& r) const;
  [[nodiscard]] VerdictReason settling_reason() const;
  [[nodiscard]] bool is_futile(const Task& task, const VerdictReached& r) const;
  // What a field must have been judged as; nothing where there is no such method.
  [[nodiscard]] std::optional<FieldJudged> judge_again(const Task& task, const VerdictReached& r,
                                                       std::size_t field) const;
  [[nodiscard]] bool is_settled_by(const std::vector<FieldJudged>& judged) const;
  // The first required field on which this answer does not agree with the verdict.
  [[nodiscard]] const FieldSpec* disagrees_on(const Task& task, const Assignment& assignment) const;
  [[nodiscard]] std::string pay_problem(const Task& task, const Assignment& assignment, const PayDecided& r) const;
  // Whether the answer is to be paid, for the payout that says so.
  [[nodiscard]] std::string payout_problem(const Assignment& assignment, const PayoutPosted& r) const;
  // standing_check.cc
  void count_standing(std::int32_t task_no, std::map<AccountId, Standing>& standings) const;
  // All tasks have their verdict: these mails must follow.
  void expect_mails();
  [[nodiscard]] std::string_view problem_of(PartId to, const StandingEarned& mail);
  [[nodiscard]] std::string_view problem_of(PartId to, const PartLearned& mail);
  void check_mails_sent();

  void check_take_back(const MailSent& r, const TakeBack& mail);
  void end_of_task(std::int32_t no);
  void end_of_answer(std::int32_t no);
  void check_escrow();

  PartId part_;
  Finding& finding_;
  const Books& books_;
  std::optional<TaskPartCreated> created_;
  PartState state_ = PartState::posting;
  std::vector<Task> tasks_;
  std::vector<Assignment> assignments_;
  SkillCheck skill_;
  std::set<AccountId> leased_;                     // Workers who ever had a task.
  std::map<PartId, StandingEarned> standing_due_;  // Mails that must follow, by receiver.
  std::optional<PartLearned> learned_due_;
  std::int64_t verdicts_ = 0;
  std::int64_t payouts_ = 0;
};

}  // namespace tally::audit
