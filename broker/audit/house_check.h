#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/audit/books.h"
#include "broker/audit/finding.h"
#include "schemas/records.h"

// The rules of account parts and of control parts, by their records.
namespace tally::audit {

class AccountCheck {
 public:
  AccountCheck(PartId part, Finding& finding, const Books& books) : part_(part), finding_(finding), books_(books) {}

  void on(const AccountPartCreated&) { is_created_ = true; }
  void on(const AccountCreated& r);
  void on(const InvitationIssued& r) { check_known(r.account, "an invitation"); }
  void on(const KeyEnrolled& r) { check_known(r.account, "a key"); }
  void on(const AccountSuspended& r) { check_known(r.account, "a suspension"); }
  void on(const PayoutAddressSet& r) { check_known(r.account, "a payout address"); }
  void on(const ProjectNumbered& r);
  void on(const PayoutRunMade& r);
  void on(const PayoutRunSettled& r);
  void end();

 private:
  struct Run {
    std::map<AccountId, std::int64_t> rows;
    bool is_settled = false;
  };
  void check_known(AccountId account, std::string_view what);

  PartId part_;
  Finding& finding_;
  const Books& books_;
  bool is_created_ = false;
  std::set<AccountId> accounts_;
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
  void end();

  [[nodiscard]] ProjectState state() const { return state_; }

 private:
  void wrong(std::string_view rule);

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
};

}  // namespace tally::audit
