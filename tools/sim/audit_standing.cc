#include <set>
#include <string>
#include <variant>

#include "tools/sim/audit_replies.h"

// The half of ReplyAudit that is about what people are told of workers: training, qualifications, standing.
namespace tally::sim {

void ReplyAudit::stored_of_workers(Time now, const Record& record) {
  if (const auto* made = std::get_if<AccountCreated>(&record)) standings_.add(made->account, now, {});
  if (const auto* granted = std::get_if<QualificationGranted>(&record)) {
    const Held key{granted->account, granted->qualification};
    if (!held_.knows(key)) held_.add(key, Time{}, -1);
    held_.add(key, now, granted->score);
    ever_[granted->account].insert(granted->qualification);
  }
  if (const auto* revoked = std::get_if<QualificationRevoked>(&record)) {
    held_.add({revoked->account, revoked->qualification}, now, -1);
  }
  if (const auto* counted = std::get_if<StandingCounted>(&record)) {
    for (const StandingOf& row : counted->rows) {
      standings_.add(row.account, now, standing_[row.account] += row.standing);
    }
  }
}

// What is said of an answer to a training task is stored, and stays what it was.
void ReplyAudit::on(const Exchange& e, const Train& m, const TrainingStep& r) {
  const std::string which = "a training answer in project " + std::to_string(m.project.value);
  if (m.answer.has_value() != r.feedback.has_value())
    return broken("G7", which + " has no feedback, or there was none");
  if (r.is_passed && !workers_.is_trained(m.project, e.account)) broken("G7", which + " passes what is not stored");
  if (!m.answer) return;
  const auto stored = workers_.training_answer(m.project, e.account, *m.answer);
  if (!stored) return broken("G7", which + " is acknowledged and not stored");
  if (*stored != r.feedback->is_right) broken("G2", which + " is told otherwise than it is stored");
}

void ReplyAudit::on(const Exchange& e, const GrantQualification& m, const Acknowledged&) {
  if (!held_.was({m.account, m.qualification}, e.asked, m.is_revoked ? -1 : m.score)) {
    broken("G7", "the qualification '" + m.qualification + "' of account " + std::to_string(m.account.value) +
                     " is acknowledged and not stored");
  }
}

void ReplyAudit::check_held(const Exchange& e, AccountId account, const QualificationRow& row) {
  if (held_.was({account, row.name}, e.asked, row.score)) return;
  broken("G7", "account " + std::to_string(account.value) + " is told to hold '" + row.name + "', and does not");
}

void ReplyAudit::on(const Exchange& e, const ListQualified&, const QualifiedPage& r) {
  for (const QualifiedRow& row : r.rows) check_held(e, row.account, row.held);
}

void ReplyAudit::on(const Exchange& e, const GetStanding&, const StandingPage& r) {
  const std::string who = "account " + std::to_string(r.account.value);
  if (!standings_.was(r.account, e.asked, r.over_all)) broken("G7", who + " is told a standing that it never had");
  std::set<std::string> told;
  for (const QualificationRow& row : r.qualifications) {
    check_held(e, r.account, row);
    told.insert(row.name);
  }
  for (const std::string& name : ever_[r.account]) {
    const bool may_be_absent = told.contains(name) || held_.was({r.account, name}, e.asked, -1);
    if (!may_be_absent) broken("G1", who + " holds '" + name + "', and is not told so");
  }
}

}  // namespace tally::sim
