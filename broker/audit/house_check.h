#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "broker/audit/books.h"
#include "broker/audit/finding.h"
#include "broker/audit/training_check.h"
#include "schemas/records.h"

// The rules of account parts and of control parts, by their records.
namespace tally::audit {

// The mail that came in last, until something was made of it. What it said its sender's records show, not those here:
// that the two are the same is seen of money alone, by the sums over all parts.
class LastMail {
 public:
  void on(const MailReceived& r) { from_ = r.from; }
  // Whether it is from there; then it is used up.
  [[nodiscard]] bool take_from(PartId sender) {
    const bool is_so = from_ == sender;
    if (is_so) from_.reset();
    return is_so;
  }
  [[nodiscard]] bool take_from_a_task_part() {
    const bool is_so = from_ && is_task_part(*from_);
    if (is_so) from_.reset();
    return is_so;
  }

 private:
  std::optional<PartId> from_;
};

class AccountCheck {
 public:
  AccountCheck(PartId part, Finding& finding, const Books& books) : part_(part), finding_(finding), books_(books) {}

  void on(const AccountPartCreated&) { is_created_ = true; }
  void on(const AccountCreated& r);
  void on(const InvitationIssued& r) { check_known(r.account, "an invitation"); }
  void on(const KeyEnrolled& r) { check_known(r.account, "a key"); }
  void on(const GrantOpened& r) { check_known(r.account, "a grant"); }
  void on(const AccountSuspended& r) { check_known(r.account, "a suspension"); }
  void on(const PayoutAddressSet& r) { check_known(r.account, "a payout address"); }
  void on(const ProjectNumbered& r);
  void on(const PayoutRunMade& r);
  void on(const PayoutRunSettled& r);
  void on(const MailReceived& r) { last_mail_.on(r); }
  void on(const QualificationGranted& r);
  void on(const QualificationRevoked& r);
  void on(const StandingCounted& r);
  void end();

 private:
  struct Run {
    std::map<AccountId, std::int64_t> rows;
    bool is_settled = false;
  };
  void check_known(AccountId account, std::string_view what);
  [[nodiscard]] std::string_view problem_of(const QualificationGranted& r);

  PartId part_;
  Finding& finding_;
  const Books& books_;
  bool is_created_ = false;
  std::map<AccountId, Role> accounts_;
  std::set<std::pair<AccountId, std::string>> held_, revoked_;  // Qualifications.
  LastMail last_mail_;
  std::set<ProjectId> projects_;
  std::map<std::string, Run> runs_;
};

class ControlCheck {
 public:
  ControlCheck(PartId part, Finding& finding, const Books& books) : part_(part), finding_(finding), books_(books) {}

  void on(const ProjectCreated& r);
  void on(const ProjectStateChanged& r);
  void on(const DeadlineSet& r);
  void on(const PartNoted& r);
  void on(const WorkerCounted& r);
  void on(const GoldAnswered& r);
  void on(const TrainingAnswered& r) { check_training(r.worker, training_.on(r)); }
  void on(const TrainingEnded& r) { check_training(r.worker, training_.on(r)); }
  void on(const MailReceived& r) { last_mail_.on(r); }
  void on(const MailSent& r);
  void on(const SkillsLearned& r);
  void end();

  [[nodiscard]] ProjectState state() const { return state_; }

 private:
  void wrong(std::string_view rule);
  void check_training(AccountId worker, std::string_view problem);
  [[nodiscard]] bool is_learned_soundly(const SkillsLearned& r) const;

  PartId part_;
  Finding& finding_;
  const Books& books_;
  std::optional<OpenControl> opened_;
  ProjectState state_ = ProjectState::posting;
  std::int64_t answers_posted_ = 0;
  std::int64_t funded_ = 0;    // Sent to task parts,
  std::int64_t returned_ = 0;  // and what came back from them.
  std::map<std::int64_t, PartNoted> filled_;
  std::map<AccountId, std::int64_t> worker_tasks_;
  std::set<AssignmentId> on_gold_;
  TrainingCheck training_;
  std::set<std::int64_t> learned_from_;  // By part_no.
  LastMail last_mail_;
};

}  // namespace tally::audit
