#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/eligibility.h"
#include "broker/core/project.h"
#include "common/base/planted.h"
#include "common/forms/form.h"
#include "schemas/qualification_name.h"

// What is believed of workers over all projects, and what they are qualified for.
namespace tally::core {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t looks_max = 10'000;  // Accounts, for one page.

const Account* find_worker(const Turn& turn, AccountId id) {
  if (id.value < account_parts) return nullptr;
  const Part* home = turn.loaded(account_part_of(id));
  if (home == nullptr) return nullptr;
  const auto found = home->accounts().accounts.find(id);
  return found == home->accounts().accounts.end() || found->second.role != Role::worker ? nullptr : &found->second;
}

QualificationRow row_of(const std::string& name, const QualificationHeld& held) {
  QualificationRow row{name, held.score, held.by, {}, held.at_ms};
  if (held.by == GrantedBy::training) row.project = held.project;
  return row;
}

ProjectStanding standing_in(const Turn& turn, const ControlPart& control, AccountId worker, Role asked_by) {
  ProjectStanding standing;
  const auto& on_gold = asked_by == Role::admin ? control.gold : control.gold_told;
  if (const auto gold = on_gold.find(worker); gold != on_gold.end()) {
    standing.gold = gold->second.gold;
    standing.right = gold->second.right;
  }
  const Training& training = control.opened.spec.training;
  standing.training_tasks = std::ssize(training.tasks);
  const auto trainee = control.trainees.find(worker);
  const std::int64_t rounds = trainee == control.trainees.end() ? 0 : trainee->second.rounds;
  standing.is_trained = trainee != control.trainees.end() && trainee->second.is_passed;
  if (!training.tasks.empty() && !standing.is_trained) {
    standing.rounds_left = std::max<std::int64_t>(0, training.rounds_max - rounds);
  }
  if (auto why = why_not_eligible(turn.state.parts, control, worker)) {
    standing.no_work = why->why;
    standing.missing = std::move(why->missing);
  }
  return standing;
}

// What a task's answers came to, field by field with labels.
void count_task(const TaskPart& tasks, std::int32_t task_no, std::map<AccountId, Standing>& standings) {
  const auto& form = tasks.created.spec.form;
  const Task& task = *tasks.find_task(task_no);
  const auto known = tasks.gold.find(task_no);
  std::vector<std::size_t> labelled;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (forms::labels_of(form[i]) > 0 && task.judged[i].settled) labelled.push_back(i);
  }
  const bool is_judged = task.state == TaskState::settled && task.answered > 1 && !labelled.empty();
  if (!is_judged && known == tasks.gold.end()) return;
  for (const std::int32_t no : tasks.answered_of(task)) {
    const Assignment& answer = *tasks.find_assignment(no);
    Standing& standing = standings[answer.worker];
    if (is_judged) {
      ++standing.judged;
      standing.agreed += std::all_of(labelled.begin(), labelled.end(),
                                     [&](std::size_t i) { return answer.ballots[i] == task.judged[i].value; })
                             ? 1
                             : 0;
    }
    if (known != tasks.gold.end()) {
      ++standing.gold;
      standing.right += is_right_on(known->second, answer.ballots) ? 1 : 0;
    }
  }
}

void grant_by_rules(const Turn& turn, Part& home, AccountId id) {
  for (const QualificationRule& rule : turn.state.limits.qualification_rules) {
    const Account& account = home.accounts().accounts.at(id);
    const Standing& standing = account.standing;
    if (account.revoked.contains(rule.name) && !planted(Bug::rule_brings_back)) continue;
    if (account.qualifications.contains(rule.name) || standing.judged < rule.judged_min) continue;
    if (standing.agreed * million < standing.judged * rule.agreement_ppm) continue;
    const std::int64_t score = standing.judged == 0 ? 0 : standing.agreed * 100 / standing.judged;
    turn.emit(home.id, QualificationGranted{id, rule.name, score, GrantedBy::rule, {}, turn.now_ms()});
    ++turn.state.work_version;
  }
}

}  // namespace

bool is_right_on(const Ballots& gold, const Ballots& given) {
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (!gold[i].empty() && gold[i] != given[i]) return false;
  }
  return true;
}

void handle(const Turn& turn, const Identity& who, const GetStanding& get) {
  const AccountId id = who.role == Role::admin && get.account ? *get.account : who.account;
  if (who.role != Role::admin && get.account && *get.account != who.account) {
    return turn.refuse(RefusalCode::not_yours, "only an admin may see the standing of others");
  }
  const Account* account = find_worker(turn, id);
  if (account == nullptr) {
    return turn.refuse(RefusalCode::account_not_found, "there is no worker with account " + std::to_string(id.value));
  }
  StandingPage page;
  page.account = id;
  page.over_all = account->standing;
  for (const auto& [name, held] : account->qualifications) page.qualifications.push_back(row_of(name, held));
  if (get.project) {
    const Part* part = need_project(turn, *get.project);
    if (part == nullptr) return;
    page.in_project = standing_in(turn, part->control(), id, who.role);
  }
  turn.reply(std::move(page));
}

void handle(const Turn& turn, const Identity&, const GrantQualification& grant) {
  const Account* account = find_worker(turn, grant.account);
  if (account == nullptr) {
    return turn.refuse(RefusalCode::account_not_found,
                       "there is no worker with account " + std::to_string(grant.account.value));
  }
  const PartId home = account_part_of(grant.account);
  const auto held = account->qualifications.find(grant.qualification);
  const bool has_it = held != account->qualifications.end();
  if (grant.is_revoked) {
    if (!has_it) {
      return turn.refuse(
          RefusalCode::qualification_not_held,
          "account " + std::to_string(grant.account.value) + " has no qualification '" + grant.qualification + "'");
    }
    turn.emit(home, QualificationRevoked{grant.account, grant.qualification, turn.now_ms()});
    return turn.reply(Acknowledged{});
  }
  if (!is_qualification_name(grant.qualification)) {
    return turn.refuse(RefusalCode::malformed, std::string(qualification_name_rule));
  }
  if (grant.score < 0 || grant.score > qualification_score_max) {
    return turn.refuse(RefusalCode::malformed,
                       "a score is a whole number from 0 to " + std::to_string(qualification_score_max));
  }
  const bool is_new = !has_it || held->second.score != grant.score || held->second.by != GrantedBy::admin;
  if (is_new) {
    turn.emit(home, QualificationGranted{
                        grant.account, grant.qualification, grant.score, GrantedBy::admin, {}, turn.now_ms()});
    // A pull of this worker may be waiting.
    ++turn.state.work_version;
  }
  turn.reply(Acknowledged{});
}

// In the order of account parts, and of accounts in each: the cursor is the account that was looked at last.
void handle(const Turn& turn, const Identity&, const ListQualified& list) {
  const auto after = list.after.empty() ? std::optional<std::int64_t>(0) : whole_number_from(list.after);
  if (!after || *after < 0) {
    return turn.refuse(RefusalCode::malformed, "'after' is the cursor of the page before, as it was given");
  }
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(list.limit, 1, 1000));
  QualifiedPage page;
  std::int64_t looks = 0;
  for (std::int64_t no = *after == 0 ? 0 : account_part_of(AccountId{*after}).value; no < account_parts; ++no) {
    const Part* home = turn.loaded(PartId{no});
    if (home == nullptr) continue;
    const auto& accounts = home->accounts().accounts;
    const bool goes_on = *after != 0 && no == account_part_of(AccountId{*after}).value;
    for (auto it = goes_on ? accounts.upper_bound(AccountId{*after}) : accounts.begin(); it != accounts.end(); ++it) {
      for (const auto& [name, held] : it->second.qualifications) {
        if (list.qualification.empty() || list.qualification == name)
          page.rows.push_back({it->first, row_of(name, held)});
      }
      if (page.rows.size() < limit && ++looks < looks_max) continue;
      page.next = std::to_string(it->first.value);
      return turn.reply(std::move(page));
    }
  }
  turn.reply(std::move(page));
}

void send_standing(const Turn& turn, Part& part) {
  std::map<AccountId, Standing> standings;
  for (std::int32_t no = 1; no <= std::ssize(part.tasks().tasks); ++no) count_task(part.tasks(), no, standings);
  std::map<PartId, StandingEarned> mails;
  for (const auto& [worker, standing] : standings) {
    mails[account_part_of(worker)].rows.push_back({worker, standing});
  }
  for (auto& [home, mail] : mails) turn.mail(part, home, std::move(mail));
}

void receive(const Turn& turn, Part& accounts, const StandingEarned& mail) {
  turn.emit(accounts.id, StandingCounted{mail.rows});
  for (const StandingOf& row : mail.rows) grant_by_rules(turn, accounts, row.account);
  // A waiting pull may be of one who has the standing now.
  ++turn.state.work_version;
}

void receive(const Turn& turn, Part& accounts, PartId from, const QualificationEarned& mail) {
  const auto& qualifications = accounts.accounts().accounts.at(mail.account).qualifications;
  const auto held = qualifications.find(mail.qualification);
  // Who passes once more with a lower score, or was given a higher one, keeps it.
  if (held != qualifications.end() && held->second.score >= mail.score) return;
  turn.emit(accounts.id, QualificationGranted{mail.account, mail.qualification, mail.score, GrantedBy::training,
                                              project_of(from), turn.now_ms()});
  ++turn.state.work_version;
}

}  // namespace tally::core
