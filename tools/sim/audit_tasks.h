#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schemas/records.h"
#include "tools/sim/audit_ledger.h"
#include "tools/sim/findings.h"

// Leases, answers, verdicts and pay, worked out from the stored records alone.
namespace tally::sim {

class TaskAudit {
 public:
  // What of the world outside the journal the rules speak of.
  struct Facts {
    Time now;             // True time.
    Duration not_served;  // How long, since the beginning, nobody could hand anything in.
    Duration doubtful;    // How much more of it may not count as an outage.
    Duration slack;       // Of each lease: how late it may have been stored.
  };

  TaskAudit(Findings& findings, const LedgerAudit& ledger) : findings_(findings), ledger_(ledger) {}

  // One record of a task part, in order; of each batch first begin(), last end(). `bodies`: of the answers in it.
  void begin(PartId part, const Facts& facts, std::map<std::int32_t, std::string> bodies);
  void apply(const Record& record);
  void end();

  // After each group: bounds over all parts of a project.
  void check_caps();

  // Of what was stored.
  [[nodiscard]] bool is_leased_to(AssignmentId assignment, AccountId worker) const;
  // Which item of the project's it is for, and whether its worker may be told. REQUIRES that it is leased.
  struct OfItem {
    TaskId task;
    std::int64_t item_no = 0;
    bool is_told = false;
  };
  [[nodiscard]] OfItem item_of(AssignmentId assignment) const;
  [[nodiscard]] bool is_live(AssignmentId assignment) const;
  [[nodiscard]] std::int64_t tasks_in(PartId part) const;
  [[nodiscard]] std::int64_t answers() const { return answers_; }
  [[nodiscard]] std::int64_t verdicts() const { return verdicts_; }
  [[nodiscard]] std::int64_t payouts() const { return payouts_; }

  // What all answers of workers came to in parts whose tasks have their verdict, and in projects that keep their
  // workers answers to gold tasks and to checks.
  [[nodiscard]] const std::map<AccountId, Standing>& earned() const { return earned_; }
  [[nodiscard]] const std::map<std::pair<ProjectId, AccountId>, Standing>& gold() const { return gold_; }

  void check_at_rest();

 private:
  enum class State { live, expired, handed_back, taken_back, answered };
  struct Assignment {
    std::int32_t task = 0;
    AccountId worker;
    State state = State::live;
    std::int64_t leased_ms = 0;
    std::int64_t deadline_ms = 0;
    std::int64_t review_due_ms = 0;
    Time leased;                    // True time.
    Duration not_served, doubtful;  // As of then.
    Ballots ballots;
    PayState pay = PayState::waiting;
    std::int64_t payouts = 0;
  };
  struct Task {
    Redundancy redundancy;
    TaskState state = TaskState::open;
    bool is_audited = false;
    std::int32_t audited_after = 0;
    std::vector<std::int32_t> assignments;
    std::vector<FieldJudged> judged;
    Ballots gold;  // Empty: nothing is known.
  };
  struct Part {
    TaskPartCreated created;
    PartState state = PartState::posting;
    std::vector<Task> tasks;
    std::vector<Assignment> assignments;
  };

  void on(const TaskPartCreated& r);
  void on(const TasksPosted& r);
  void on(const PartStateChanged& r);
  void on(const AssignmentLeased& r);
  void on(const AssignmentEnded& r);
  void on(const AnswerAccepted& r);
  void on(const VerdictReached& r);
  void on(const TaskAudited& r);
  void on(const PayDecided& r);
  void on(const PayoutPosted& r);
  void on(const DeadlinesMoved& r);
  template <class Other>
  void on(const Other&) {}

  void earn();
  void check_had(const Task& task, const AssignmentLeased& lease);
  void check_expiry(const Assignment& assignment, const AssignmentEnded& end);
  void check_answer(const Assignment& assignment, const AnswerAccepted& answer);
  [[nodiscard]] static bool is_borne_out(const Redundancy& redundancy, const FieldEvidence& of, std::int32_t label);
  void weigh(const VerdictReached& verdict, std::vector<std::optional<std::string>>& values);
  void check_verdict(const Task& task, const VerdictReached& verdict);
  void check_pay(std::int32_t no);
  void check_task(std::int32_t no);
  void check_escrow();

  [[nodiscard]] Part& part();
  Assignment* assignment(std::int32_t no);
  Task* task(std::int32_t no);
  [[nodiscard]] std::vector<std::int32_t> of_state(const Task& task, State state);
  [[nodiscard]] Ballots known_of(const Task& task);
  [[nodiscard]] std::vector<std::optional<std::string>> judged(const Task& task);
  [[nodiscard]] bool agrees_with_verdict(const Task& task, const Assignment& assignment);
  void count(const Assignment& assignment, std::int64_t by);
  [[nodiscard]] std::string name(const char* what, std::int32_t no) const;
  void broken(const char* promise, const std::string& text) { findings_.broken(promise, text); }

  Findings& findings_;
  const LedgerAudit& ledger_;
  std::map<PartId, Part> parts_;
  std::map<std::pair<ProjectId, AccountId>, std::int64_t> counts_;  // Live leases and answers.
  std::set<std::pair<ProjectId, AccountId>> counted_;
  std::map<AccountId, Standing> earned_;
  std::map<std::pair<ProjectId, AccountId>, Standing> gold_;
  std::int64_t answers_ = 0, verdicts_ = 0, payouts_ = 0;

  // Of the batch at hand.
  PartId id_;
  Facts facts_;
  std::map<std::int32_t, std::string> bodies_;
};

}  // namespace tally::sim
