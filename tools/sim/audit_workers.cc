#include "tools/sim/audit_workers.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "schemas/qualification_name.h"
#include "tools/sim/audit_votes.h"

namespace tally::sim {
namespace {

constexpr std::int64_t million = 1'000'000;

std::string name_of(AccountId account) { return "worker " + std::to_string(account.value); }
std::string name_of(ProjectId project) { return "project " + std::to_string(project.value); }

// As its worker entered it, against what is known.
bool is_right(const ProjectSpec& spec, const TrainingTask& task, const AnswerValues& values) {
  return std::all_of(spec.form.begin(), spec.form.end(), [&](const FieldSpec& field) {
    const auto known = task.gold.find(field.name);
    if (known == task.gold.end()) return true;
    const auto given = values.find(field.name);
    if (given == values.end() || given->second.size() != known->second.size()) return false;
    return std::equal(given->second.begin(), given->second.end(), known->second.begin(),
                      [&](const std::string& a, const std::string& b) { return agrees(field, a, b); });
  });
}

bool grants(const OpenControl& opened, const std::string& qualification) {
  const std::string& name = opened.spec.training.grants;
  return !name.empty() && qualification == name_by_training(name, opened.owner);
}

}  // namespace

void WorkerAudit::apply(PartId part, const Record& record) {
  std::visit([&](const auto& r) { on(part, r); }, record);
}

void WorkerAudit::end() {
  for (const Lease& lease : std::exchange(leases_, {})) check_lease(lease);
  people_before_.clear();
  gold_before_.clear();
}

// ---- People ---------------------------------------------------------------------------------------------------------

WorkerAudit::Person& WorkerAudit::changing(AccountId account) {
  Person& person = people_[account];
  people_before_[account].push_back(person);
  return person;
}

void WorkerAudit::on(PartId part, const QualificationGranted& r) {
  changing(r.account).held[r.qualification] = r.score;
  ever_held_.emplace(r.account, r.qualification);
  const bool was_revoked = revoked_.erase({r.account, r.qualification}) > 0;
  if (was_revoked && r.by == GrantedBy::rule) {
    broken("G6", name_of(r.account) + " is qualified by a rule, though an admin took it away");
  }
  if (part != account_part_of(r.account)) broken("G6", name_of(r.account) + " is qualified in another part");
  if (r.by != GrantedBy::training) return;
  const OfProject key{r.project, r.account};
  const auto project = projects_.find(r.project);
  if (project == projects_.end() || !grants(project->second, r.qualification)) {
    broken("G6", name_of(r.account) + " is qualified by a training that grants nothing of the kind");
  }
  if (!trainees_[key].is_passed) broken("G6", name_of(r.account) + " is qualified by a training and did not pass it");
  if (--qualifications_due_[key] != 0) broken("G6", name_of(r.account) + " is qualified by a training twice");
}

void WorkerAudit::on(PartId, const QualificationRevoked& r) {
  revoked_.emplace(r.account, r.qualification);
  if (changing(r.account).held.erase(r.qualification) == 0) {
    broken("G6", name_of(r.account) + " loses a qualification that was not held");
  }
}

void WorkerAudit::on(PartId part, const StandingCounted& r) {
  for (const StandingOf& row : r.rows) {
    if (part != account_part_of(row.account)) broken("G6", name_of(row.account) + " has its standing in another part");
    changing(row.account).standing += row.standing;
  }
}

// ---- Projects -------------------------------------------------------------------------------------------------------

void WorkerAudit::on(PartId part, const ProjectCreated& r) { projects_[project_of(part)] = r.opened; }

void WorkerAudit::on(PartId part, const GoldAnswered& r) {
  const OfProject key{project_of(part), r.worker};
  if (!on_gold_.insert(r.assignment).second) {
    broken("G6", "answer " + to_text(r.assignment) + " to gold is counted twice");
  }
  gold_before_[key].push_back(gold_[key]);
  gold_[key] += {0, 0, 1, r.is_right ? 1 : 0};
}

void WorkerAudit::asked(AccountId worker, const Train& train) {
  if (!train.answer) return;
  asked_[{train.project, worker}][{train.answer->round, train.answer->no}].push_back(train.answer->values);
}

// Somebody gave that answer, and it was right or not as it is counted.
bool WorkerAudit::was_answered_so(const TrainingAnswered& r, ProjectId project, std::size_t round) const {
  const ProjectSpec& spec = projects_.at(project).spec;
  const auto of_worker = asked_.find({project, r.worker});
  if (of_worker == asked_.end() || r.no < 1 || r.no > std::ssize(spec.training.tasks)) return false;
  const auto asked = of_worker->second.find({static_cast<std::int64_t>(round), r.no});
  if (asked == of_worker->second.end()) return false;
  const TrainingTask& task = spec.training.tasks[static_cast<std::size_t>(r.no) - 1];
  return std::any_of(asked->second.begin(), asked->second.end(),
                     [&](const AnswerValues& values) { return is_right(spec, task, values) == r.is_right; });
}

void WorkerAudit::on(PartId part, const TrainingAnswered& r) {
  const ProjectId project = project_of(part);
  const Training& training = projects_[project].spec.training;
  Trainee& trainee = trainees_[{project, r.worker}];
  const std::string who = name_of(r.worker) + " in the training of " + name_of(project);
  ++training_answers_;
  const bool begins = trainee.rounds.empty() || std::ssize(trainee.rounds) == trainee.ended;
  if (begins) trainee.rounds.emplace_back();
  std::vector<bool>& round = trainee.rounds.back();
  if (trainee.is_passed || std::ssize(trainee.rounds) > training.rounds_max) {
    broken("G2", who + " answers after the end");
  }
  if (r.no != std::ssize(round) + 1 || round.size() >= training.tasks.size()) {
    return broken("G2", who + " has task " + std::to_string(r.no) + " counted out of its order, or twice");
  }
  if (!was_answered_so(r, project, trainee.rounds.size())) {
    broken("G3", who + " has task " + std::to_string(r.no) + " counted as it was not answered");
  }
  round.push_back(r.is_right);
}

void WorkerAudit::on(PartId part, const TrainingEnded& r) {
  const ProjectId project = project_of(part);
  const Training& training = projects_[project].spec.training;
  Trainee& trainee = trainees_[{project, r.worker}];
  const std::string who = name_of(r.worker) + " in the training of " + name_of(project);
  if (std::ssize(trainee.rounds) != trainee.ended + 1 || trainee.rounds.back().size() != training.tasks.size()) {
    return broken("G3", who + " ends a round that is not over");
  }
  const auto right = std::count(trainee.rounds.back().begin(), trainee.rounds.back().end(), true);
  const bool is_passed = right * million >= std::ssize(training.tasks) * training.pass_ppm;
  if (r.right != right || r.is_passed != is_passed) broken("G3", who + " is told another result than was earned");
  ++trainee.ended;
  trainee.is_passed = r.is_passed;
  if (is_passed && !training.grants.empty()) ++qualifications_due_[{project, r.worker}];
}

void WorkerAudit::on(PartId part, const MailSent& r) {
  const auto* earned = std::get_if<QualificationEarned>(&r.body);
  if (earned == nullptr) return;
  const auto due = qualifications_due_.find({project_of(part), earned->account});
  if (due == qualifications_due_.end() || due->second != 1) {
    broken("G6", name_of(earned->account) + " earns a qualification without passing a training");
  }
}

// ---- Leases ---------------------------------------------------------------------------------------------------------

std::string WorkerAudit::missing(const OpenControl& opened, const Person& person, const Standing& gold) {
  const Requirements& require = opened.spec.require;
  for (const QualificationNeed& need : require.qualifications) {
    // By an admin or a rule, or by a training of the same owner: the better one counts.
    const auto score_of = [&](const std::string& name) {
      const auto held = person.held.find(name);
      return held == person.held.end() ? std::int64_t{-1} : held->second;
    };
    const std::int64_t score = std::max(score_of(need.name), score_of(name_by_training(need.name, opened.owner)));
    if (score < 0 || score < need.score_min) return "the qualification '" + need.name + "'";
  }
  const Standing& s = person.standing;
  if (s.judged < require.judged_min) return "answers that were judged";
  if (s.agreed * million < s.judged * require.agreement_ppm) return "agreement with verdicts";
  const bool is_measured = require.gold_ppm > 0 && gold.gold > 0 && gold.gold >= require.gold_after;
  if (is_measured && gold.right * million < gold.gold * require.gold_ppm) return "right answers to gold tasks";
  return {};
}

void WorkerAudit::check_lease(const Lease& lease) {
  const ProjectId project = project_of(lease.part);
  const AccountId worker = lease.record.worker;
  const OfProject key{project, worker};
  const OpenControl& opened = projects_[project];
  const std::string what = to_text(AssignmentId{lease.part, lease.record.no}) + " is leased to " + name_of(worker);
  if (!opened.spec.training.tasks.empty() && !trainees_[key].is_passed)
    broken("G3", what + ", who did not pass the training");
  // What another broker decides of people just now, this one cannot know.
  if (journal_.owner_of(account_part_of(worker)) != broker_) return;
  std::vector<Person> people = people_before_[worker];
  people.push_back(people_[worker]);
  std::vector<Standing> golds = gold_before_[key];
  golds.push_back(gold_[key]);
  std::string lacks;
  for (const Person& person : people) {
    for (const Standing& gold : golds) {
      lacks = missing(opened, person, gold);
      if (lacks.empty()) return;
    }
  }
  broken("G3", what + ", who lacks " + lacks);
}

// ---- Queries --------------------------------------------------------------------------------------------------------

std::optional<bool> WorkerAudit::training_answer(ProjectId project, AccountId worker,
                                                 const TrainingAnswer& answer) const {
  const auto found = trainees_.find({project, worker});
  if (found == trainees_.end() || answer.round < 1 || answer.round > std::ssize(found->second.rounds)) return {};
  const std::vector<bool>& round = found->second.rounds[static_cast<std::size_t>(answer.round) - 1];
  if (answer.no < 1 || answer.no > std::ssize(round)) return {};
  return round[static_cast<std::size_t>(answer.no) - 1];
}

bool WorkerAudit::is_trained(ProjectId project, AccountId worker) const {
  const auto found = trainees_.find({project, worker});
  return found != trainees_.end() && found->second.is_passed;
}

bool WorkerAudit::is_training_over(ProjectId project, AccountId worker) const {
  const auto opened = projects_.find(project);
  if (opened == projects_.end() || opened->second.spec.training.tasks.empty()) return true;
  const auto found = trainees_.find({project, worker});
  return found != trainees_.end() &&
         (found->second.is_passed || found->second.ended >= opened->second.spec.training.rounds_max);
}

void WorkerAudit::check_at_rest(const std::map<AccountId, Standing>& earned,
                                const std::map<OfProject, Standing>& gold) {
  for (const auto& [account, standing] : earned) {
    if (people_[account].standing != standing) {
      broken("G6", "the standing of " + name_of(account) + " is not what its answers came to");
    }
  }
  for (const auto& [account, person] : people_) {
    if (person.standing != Standing{} && !earned.contains(account)) {
      broken("G6", name_of(account) + " has a standing and no answers");
    }
  }
  for (const auto& [key, due] : qualifications_due_) {
    // Who held it already, with a score as high, is not told again.
    const OpenControl& opened = projects_.at(key.first);
    const std::string granted = name_by_training(opened.spec.training.grants, opened.owner);
    if (due != 0 && !ever_held_.contains({key.second, granted})) {
      broken("liveness", name_of(key.second) + " passed a training and was not told to be qualified");
    }
  }
  for (const auto& [key, standing] : gold) {
    if (gold_[key] != standing) {
      broken("G6", "gold answers of " + name_of(key.second) + " in " + name_of(key.first) + " are counted otherwise");
    }
  }
  for (const auto& [key, standing] : gold_) {
    if (standing != Standing{} && !gold.contains(key)) {
      broken("G6", name_of(key.second) + " has gold answers counted in " + name_of(key.first) + " and gave none");
    }
  }
}

}  // namespace tally::sim
