#include "broker/audit/house_check.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/skill_counts.h"
#include "common/forms/form.h"

namespace tally::audit {
namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

// What is known of one account's share of payout runs.
struct OfRuns {
  std::int64_t made = 0;
  std::int64_t settled = 0;
};

}  // namespace

// ---- Account parts --------------------------------------------------------------------------------------------------

void AccountCheck::check_known(AccountId account, std::string_view what) {
  if (accounts_.count(account) > 0) return;
  finding_.note("people " + to_text(part_) + " account " + number(account.value),
                std::string(what) + " for an account that does not exist");
}

void AccountCheck::on(const AccountCreated& r) {
  const std::string row = "people " + to_text(part_) + " account " + number(r.account.value);
  if (account_part_of(r.account) != part_) return finding_.note(row, "it belongs to another account part");
  if (!accounts_.emplace(r.account, r.role).second) finding_.note(row, "it was created twice");
}

std::string_view AccountCheck::problem_of(const QualificationGranted& r) {
  const auto account = accounts_.find(r.account);
  if (account == accounts_.end() || account->second != Role::worker) return "a qualification for who is no worker";
  if (r.score < 0 || r.score > qualification_score_max) return "a qualification with a score that cannot be";
  if (r.by != GrantedBy::training)
    return r.project == ProjectId{} ? "" : "a qualification names a project without need";
  // Beyond it the numbers of its parts would not fit.
  constexpr std::int64_t project_max = std::numeric_limits<std::int64_t>::max() / parts_per_project - 1;
  const bool is_by_mail =
      r.project.value >= 1 && r.project.value <= project_max && last_mail_.take_from(control_part_of(r.project));
  return is_by_mail ? "" : "a qualification by a training that no mail tells of";
}

void AccountCheck::on(const QualificationGranted& r) {
  const std::string row = "people " + to_text(part_) + " account " + number(r.account.value);
  if (const auto problem = problem_of(r); !problem.empty()) return finding_.note(row, problem);
  const bool is_new = held_.emplace(r.account, r.qualification).second;
  const bool was_revoked = revoked_.erase({r.account, r.qualification}) > 0;
  if (r.by != GrantedBy::rule) return;
  if (!is_new) finding_.note(row, "a rule granted a qualification that was held already");
  if (was_revoked) finding_.note(row, "a rule granted a qualification that an admin had taken away");
}

void AccountCheck::on(const QualificationRevoked& r) {
  revoked_.emplace(r.account, r.qualification);
  if (held_.erase({r.account, r.qualification}) > 0) return;
  finding_.note("people " + to_text(part_) + " account " + number(r.account.value),
                "a qualification was taken away that was not held");
}

void AccountCheck::on(const StandingCounted& r) {
  const std::string row = "batches " + to_text(part_) + ", " + r.name;
  if (!last_mail_.take_from_a_task_part()) return finding_.note(row, "no mail of a task part tells of it");
  AccountId last{-1};
  for (const StandingOf& of : r.rows) {
    check_known(of.account, "a standing");
    if (of.account <= last) return finding_.note(row, "an account is in it twice, or not in its place");
    last = of.account;
    const Standing& s = of.standing;
    const bool can_be = s.agreed >= 0 && s.agreed <= s.judged && s.right >= 0 && s.right <= s.gold;
    if (!can_be) return finding_.note(row, "a standing of it cannot be");
  }
}

void AccountCheck::on(const ProjectNumbered& r) {
  const std::string row = "batches " + to_text(part_) + ", project " + number(r.project.value);
  check_known(r.owner, "a project");
  if (r.project.value % account_parts != part_.value)
    return finding_.note(row, "its number is of another account part");
  if (!projects_.insert(r.project).second) finding_.note(row, "its number was given out twice");
}

void AccountCheck::on(const PayoutRunMade& r) {
  const std::string row = "payout_runs " + to_text(part_) + " run '" + r.run + "'";
  if (runs_.count(r.run) > 0) return finding_.note(row, "it was made twice");
  Run& run = runs_[r.run];
  for (const AmountOf& amount : r.rows) {
    check_known(amount.account, "a payout");
    if (amount.amount.value <= 0 || amount.amount < r.minimum) return finding_.note(row, "a row is below its minimum");
    if (!run.rows.emplace(amount.account, amount.amount.value).second)
      return finding_.note(row, "an account is in it twice");
  }
}

void AccountCheck::on(const PayoutRunSettled& r) {
  const std::string row = "payout_runs_settled " + to_text(part_) + " run '" + r.run + "'";
  const auto run = runs_.find(r.run);
  if (run == runs_.end()) return finding_.note(row, "it is settled, and was never made");
  if (std::exchange(run->second.is_settled, true)) finding_.note(row, "it was settled twice");
}

// What was set aside and paid out is what the runs say, account by account.
void AccountCheck::end() {
  if (!is_created_) return finding_.note("batches " + to_text(part_), "the part was never created");
  std::map<AccountId, OfRuns> expected;
  std::map<AccountId, OfRuns> found;
  bool fits = true;
  for (const auto& [name, run] : runs_) {
    for (const auto& [account, amount] : run.rows) {
      fits = add(expected[account].made, amount) && fits;
      if (run.is_settled) fits = add(expected[account].settled, amount) && fits;
    }
  }
  for (const Books::Transfer& transfer : books_.transfers()) {
    if (transfer.kind == TransferKind::payout_run) fits = add(found[transfer.from.owner].made, transfer.amount) && fits;
    if (transfer.kind == TransferKind::paid_out)
      fits = add(found[transfer.from.owner].settled, transfer.amount) && fits;
  }
  if (!fits) return finding_.note("payout_runs " + to_text(part_), "sums do not fit in 64 bits");
  for (const auto& [account, of_runs] : found) expected[account];
  for (const auto& [account, of_runs] : expected) {
    const std::string row = "payout_runs " + to_text(part_) + " account " + number(account.value);
    if (found[account].made != of_runs.made) finding_.note(row, "set aside is another amount than the runs say");
    if (found[account].settled != of_runs.settled) finding_.note(row, "paid out is another amount than the runs say");
  }
  for (const auto& [account, balance] : books_.balances()) {
    const bool of_a_person =
        account.fund == Fund::wallet || account.fund == Fund::payable || account.fund == Fund::receivable;
    if (of_a_person) check_known(account.owner, "money");
  }
}

// ---- Control parts --------------------------------------------------------------------------------------------------

void ControlCheck::wrong(std::string_view rule) {
  finding_.note("projects " + to_text(part_) + " project " + number(project_of(part_).value), rule);
}

void ControlCheck::on(const ProjectCreated& r) {
  if (opened_) return wrong("it was created twice");
  const OpenControl& o = r.opened;
  const bool can_be = o.spec.reward.value > 0 && o.spec.reward <= amount_max && o.fee_ppm >= 0 &&
                      o.fee_ppm <= 1'000'000 && o.items >= 1 && o.answers_max >= o.items;
  if (!can_be) return wrong("its reward, fee or number of items cannot be");
  const auto worst = times(o.spec.reward + fee_on(o.spec.reward, o.fee_ppm), o.answers_max);
  if (!worst || *worst != o.amount) return wrong("what was reserved is not the worst case, fees included");
  if (const auto problem = training_.begin(o.owner, o.spec.training); !problem.empty()) return wrong(problem);
  opened_ = o;
}

void ControlCheck::on(const ProjectStateChanged& r) {
  if (!opened_) return wrong("its state changed before it was created");
  const bool was_over = state_ == ProjectState::ended || state_ == ProjectState::cancelled;
  const bool from_posting = r.state == ProjectState::open || r.state == ProjectState::cancelled;
  if (was_over || r.state == ProjectState::posting || (state_ == ProjectState::posting && !from_posting)) {
    return wrong("it was " + std::string(name_of(state_)) + " and became " + std::string(name_of(r.state)));
  }
  // Until it opens, what several messages ask for may together be too much: then it is cancelled.
  if (state_ == ProjectState::posting && r.state == ProjectState::open && answers_posted_ > opened_->answers_max) {
    return wrong("it opened though its parts ask for more answers than were reserved");
  }
  state_ = r.state;
}

void ControlCheck::on(const DeadlineSet& r) {
  if (!opened_ || r.deadline_ms < 0) wrong("its deadline cannot be");
}

void ControlCheck::on(const PartNoted& r) {
  if (!opened_) return wrong("a part of it was noted before it was created");
  if (r.step == PartStep::filled) {
    answers_posted_ -= filled_[r.part_no].answers_max;
    filled_[r.part_no] = r;
    if (r.answers_max < 0 || !add(answers_posted_, r.answers_max)) return wrong("a part's answers cannot be");
  }
  if (r.step == PartStep::funded) {
    const Micros each = opened_->spec.reward + fee_on(opened_->spec.reward, opened_->fee_ppm);
    const auto expected = times(each, filled_[r.part_no].answers_max);
    if (!expected || *expected != r.amount)
      return wrong("part " + number(r.part_no) + " got another escrow than its worst case");
    if (!add(funded_, r.amount.value)) return wrong("sums do not fit in 64 bits");
  }
  if (r.step == PartStep::done && (r.amount.value < 0 || !add(returned_, r.amount.value))) {
    wrong("what came back from a part cannot be");
  }
}

void ControlCheck::on(const WorkerCounted& r) {
  if (!add(worker_tasks_[r.worker], r.change) || worker_tasks_[r.worker] < 0) {
    wrong("the tasks of account " + number(r.worker.value) + " come to less than none");
  }
}

void ControlCheck::on(const GoldAnswered& r) {
  const std::string answer = "answer " + to_text(r.assignment) + " of account " + number(r.worker.value);
  if (!opened_ || !opened_->spec.keeps_workers()) {
    return wrong(answer + " to gold is counted, and the project keeps no workers");
  }
  if (!is_task_part(r.assignment.part) || project_of(r.assignment.part) != project_of(part_)) {
    return wrong(answer + " to gold is counted, and is another project's");
  }
  if (!on_gold_.insert(r.assignment).second) wrong(answer + " to gold is counted twice");
}

void ControlCheck::check_training(AccountId worker, std::string_view problem) {
  if (!problem.empty()) wrong("the training of account " + number(worker.value) + ": " + std::string(problem));
}

void ControlCheck::on(const MailSent& r) {
  const auto* earned = std::get_if<QualificationEarned>(&r.body);
  if (earned != nullptr) check_training(earned->account, training_.on(r.to, *earned));
}

// A damaged one could not be added up, nor told to other parts.
bool ControlCheck::is_learned_soundly(const SkillsLearned& r) const {
  const auto& form = opened_->spec.form;
  std::int32_t last = -1;
  return std::all_of(r.skills.begin(), r.skills.end(), [&](const FieldSkill& skill) {
    if (skill.field <= std::exchange(last, skill.field) || skill.field >= std::ssize(form)) return false;
    const std::int32_t labels = forms::labels_of(form[static_cast<std::size_t>(skill.field)]);
    return labels > 0 && aggregation::SkillCounts::is_sound(skill, labels) && aggregation::is_sound(skill.gold) &&
           aggregation::is_sound(skill.audited);
  });
}

void ControlCheck::on(const SkillsLearned& r) {
  const std::string part = "part " + number(r.part_no);
  if (!opened_ || !opened_->spec.redundancy.is_by_skill())
    return wrong("it does not weigh answers by skill, and learns");
  if (r.part_no < 1 || r.part_no >= parts_per_project || !last_mail_.take_from(part_of(project_of(part_), r.part_no))) {
    return wrong("what " + part + " learned is noted, and no mail of it tells so");
  }
  if (!learned_from_.insert(r.part_no).second) return wrong("what " + part + " learned is counted twice");
  if (!is_learned_soundly(r)) wrong("what " + part + " learned cannot be");
}

void ControlCheck::end() {
  if (!opened_) return wrong("it was never created");
  if (const auto worker = training_.unfinished()) {
    return check_training(*worker, "missing: the end of a round, or the mail that tells of it");
  }
  std::int64_t funded = 0;
  std::int64_t returned = 0;
  for (const Books::Transfer& transfer : books_.transfers()) {
    const bool out = transfer.from.fund == Fund::escrow;
    const bool fits = (transfer.kind != TransferKind::reserve || !out || add(funded, transfer.amount)) &&
                      (transfer.kind != TransferKind::refund || out || add(returned, transfer.amount));
    if (!fits) return wrong("sums do not fit in 64 bits");
  }
  if (funded != funded_) return wrong("its parts were noted to get another escrow than was sent to them");
  if (returned != returned_) return wrong("its parts were noted to give back another amount than came in");
}

}  // namespace tally::audit
