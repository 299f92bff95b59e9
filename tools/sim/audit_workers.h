#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schemas/messages.h"
#include "schemas/records.h"
#include "tools/sim/audit_journal.h"
#include "tools/sim/findings.h"

// What is known of workers, worked out from the stored records alone: standing, qualifications, training. And that
// nobody was given a task who was not fit for it.
namespace tally::sim {

class WorkerAudit {
 public:
  WorkerAudit(Findings& findings, const JournalAudit& journal) : findings_(findings), journal_(journal) {}

  // The records of a group, in order; first begin(), last end().
  void begin(const std::string& broker) { broker_ = broker; }
  void apply(PartId part, const Record& record);
  void end();

  // A worker's answer to a training task, when it is sent.
  void asked(AccountId worker, const Train& train);

  // Of what was stored.
  [[nodiscard]] std::optional<bool> training_answer(ProjectId project, AccountId worker,
                                                    const TrainingAnswer& answer) const;
  [[nodiscard]] bool is_trained(ProjectId project, AccountId worker) const;
  // Whether there is nothing left for the worker to train.
  [[nodiscard]] bool is_training_over(ProjectId project, AccountId worker) const;

  // `earned`: what the answers of all parts came to; `gold`: of projects that keep their workers.
  using OfProject = std::pair<ProjectId, AccountId>;
  void check_at_rest(const std::map<AccountId, Standing>& earned, const std::map<OfProject, Standing>& gold);

  [[nodiscard]] std::int64_t training_answers() const { return training_answers_; }

 private:
  struct Person {
    Standing standing;
    std::map<std::string, std::int64_t> held;  // Score of each qualification.
  };
  struct Trainee {
    std::vector<std::vector<bool>> rounds;  // Whether each answer was right.
    std::int64_t ended = 0;
    bool is_passed = false;
  };
  struct Lease {
    PartId part;
    AssignmentLeased record;
  };

  void on(PartId part, const AssignmentLeased& r) { leases_.push_back({part, r}); }
  void on(PartId part, const QualificationGranted& r);
  void on(PartId part, const QualificationRevoked& r);
  void on(PartId part, const StandingCounted& r);
  void on(PartId part, const ProjectCreated& r);
  void on(PartId part, const GoldAnswered& r);
  void on(PartId part, const TrainingAnswered& r);
  void on(PartId part, const TrainingEnded& r);
  void on(PartId part, const MailSent& r);
  template <class Other>
  void on(PartId, const Other&) {}

  Person& changing(AccountId account);
  void check_lease(const Lease& lease);
  // The first that is missing; empty: nothing.
  [[nodiscard]] static std::string missing(const OpenControl& opened, const Person& person, const Standing& gold);
  [[nodiscard]] bool was_answered_so(const TrainingAnswered& r, ProjectId project, std::size_t round) const;
  void broken(const char* promise, const std::string& text) { findings_.broken(promise, text); }

  Findings& findings_;
  const JournalAudit& journal_;
  std::map<AccountId, Person> people_;
  std::map<ProjectId, OpenControl> projects_;
  std::map<OfProject, Standing> gold_;
  std::set<AssignmentId> on_gold_;
  std::map<OfProject, Trainee> trainees_;
  // Answers that were ever sent, by round and task.
  std::map<OfProject, std::map<std::pair<std::int64_t, std::int32_t>, std::vector<AnswerValues>>> asked_;
  std::map<OfProject, std::int64_t> qualifications_due_;  // By training: passed and not told yet.
  std::set<std::pair<AccountId, std::string>> ever_held_, revoked_;
  std::int64_t training_answers_ = 0;

  // Of the group at hand: in which order its parts changed is not stored, so whoever was fit at some moment of it was.
  std::string broker_;
  std::map<AccountId, std::vector<Person>> people_before_;
  std::map<OfProject, std::vector<Standing>> gold_before_;
  std::vector<Lease> leases_;
};

}  // namespace tally::sim
