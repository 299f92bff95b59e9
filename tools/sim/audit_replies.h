#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/messages.h"
#include "tools/sim/audit_history.h"
#include "tools/sim/audit_tasks.h"
#include "tools/sim/audit_workers.h"
#include "tools/sim/findings.h"
#include "tools/sim/network.h"
#include "tools/sim/tables.h"

namespace tally::sim {

// Whether what leaves a broker is true: at that moment everything that a reply says is stored, and it never
// contradicts an earlier one.
class ReplyAudit {
 public:
  ReplyAudit(Findings& findings, const Tables& tables, const TaskAudit& tasks, WorkerAudit& workers)
      : findings_(findings), tables_(tables), tasks_(tasks), workers_(workers) {}

  void request(Time now, const std::string& key, const Frame& frame);
  void reply(Time now, const std::string& key, const Frame& frame);

  // What was stored that the tables do not keep.
  void stored(Time now, PartId part, const Record& record);

  [[nodiscard]] std::int64_t acknowledged() const { return std::ssize(answered_); }
  // Every answer that was ever acknowledged is stored as it was given.
  void check_at_rest();

 private:
  struct Asked {
    Time first;  // When it was sent for the first time.
    Request request;
  };
  // One request with its reply, and who asked.
  struct Exchange {
    AccountId account;
    Time asked;
    std::string key;
  };

  // A pair of request and reply for which there is a rule; for others there is none.
  void on(const Exchange& e, const Join& m, const Joined& r);
  void on(const Exchange& e, const Hello& m, const Welcome& r);
  void on(const Exchange& e, const Pull& m, const Tasks& r);
  void on(const Exchange& e, const TakeBackSkip& m, const Tasks& r);
  void on(const Exchange& e, const Submit& m, const Submitted& r);
  void on(const Exchange& e, const HandBack& m, const Acknowledged& r);
  void on(const Exchange& e, const OpenProject& m, const ProjectOpened& r);
  void on(const Exchange& e, const PostItems& m, const ItemsPosted& r);
  void on(const Exchange& e, const Review& m, const Acknowledged& r);
  void on(const Exchange& e, const Bonus& m, const Acknowledged& r);
  void on(const Exchange& e, const Extend& m, const Acknowledged& r);
  void on(const Exchange& e, const ChangeProject& m, const Acknowledged& r);
  void on(const Exchange& e, const Invite& m, const Invited& r);
  void on(const Exchange& e, const Suspend& m, const Acknowledged& r);
  void on(const Exchange& e, const Deposit& m, const Deposited& r);
  void on(const Exchange& e, const Reverse& m, const Acknowledged& r);
  void on(const Exchange& e, const ExportPayouts& m, const PayoutFile& r);
  void on(const Exchange& e, const SettlePayouts& m, const PayoutFile& r);
  void on(const Exchange& e, const SetPayoutAddress& m, const Acknowledged& r);
  // audit_standing.cc
  void on(const Exchange& e, const Train& m, const TrainingStep& r);
  void on(const Exchange& e, const GrantQualification& m, const Acknowledged& r);
  void on(const Exchange& e, const ListQualified& m, const QualifiedPage& r);
  void on(const Exchange& e, const GetStanding& m, const StandingPage& r);
  template <class M, class R>
  void on(const Exchange&, const M&, const R&) {}

  void stored_of_workers(Time now, const Record& record);
  void check_held(const Exchange& e, AccountId account, const QualificationRow& row);
  void refused(const Exchange& e, const Request& request, const Refused& refusal);
  void check_offers(const Exchange& e, const std::vector<TaskOffer>& offers);
  void check_outcome(const Exchange& e, const SubmittedAnswer& given, const SubmitOutcome& outcome);
  void check_accepted(const Exchange& e, const SubmittedAnswer& given, const SubmitOutcome& outcome);
  // The same command always has the same result.
  void check_kept(const Exchange& e, const std::string& command, PartId part, const std::string& result);
  void broken(const char* promise, const std::string& text) { findings_.broken(promise, text); }

  Findings& findings_;
  const Tables& tables_;
  const TaskAudit& tasks_;
  WorkerAudit& workers_;
  std::map<std::pair<std::string, std::uint64_t>, Asked> asked_;
  std::map<std::string, AccountId> accounts_;                      // By key.
  std::map<AssignmentId, AnswerValues> answered_;                  // As acknowledged.
  std::map<std::pair<AccountId, std::string>, std::string> kept_;  // Result of a keyed command.
  std::map<std::pair<std::string, PartId>, std::string> payout_files_;
  std::set<ProjectId> opened_;
  History<ProjectId, ProjectState> project_states_;
  History<AccountId, bool> suspended_;
  std::set<std::pair<AccountId, std::string>> invitations_;  // Digests of codes.
  std::set<AccountId> addresses_;
  using Held = std::pair<AccountId, std::string>;
  History<Held, std::int64_t> held_;                 // Score of a qualification; -1: not held.
  std::map<AccountId, std::set<std::string>> ever_;  // Qualifications that were ever granted.
  std::map<AccountId, Standing> standing_;
  History<AccountId, Standing> standings_;
};

}  // namespace tally::sim
