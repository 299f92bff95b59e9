#include "broker/core/fold.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/aggregation/online/part_skills.h"
#include "common/base/assert.h"
#include "common/base/planted.h"
#include "common/forms/form.h"

namespace tally::core {
namespace {

std::size_t at(std::int32_t no) { return static_cast<std::size_t>(no) - 1; }

// The index of a task follows from its own numbers: called after each change of them.
void place_changed(TaskPart& part, std::int32_t task_no) {
  const std::optional<PlaceKind> kind = part.kind_of(task_no);
  if (kind && *kind != PlaceKind::check) {
    part.with_places.insert(task_no);
  } else {
    part.with_places.erase(task_no);
  }
  for (std::size_t i = 0; i < place_kinds; ++i) {
    Places& places = part.places[i];
    if (kind != static_cast<PlaceKind>(i)) {
      places.tasks.erase(task_no);
    } else if (places.tasks.insert(task_no)) {
      places.joined.push_back(task_no);
    }
  }
}

// A planted bug.
void lose_place(TaskPart& part, std::int32_t task_no) {
  part.with_places.erase(task_no);
  for (Places& places : part.places) places.tasks.erase(task_no);
}

// What an assignment adds to the index (sign 1), or takes out of it before it changes (sign -1).
void count(TaskPart& part, std::int32_t no, std::int32_t sign) {
  const Assignment& assignment = part.assignments[at(no)];
  Task& task = part.tasks[at(assignment.task)];
  const auto due_at = [&](std::int64_t ms) {
    if (sign > 0) {
      part.due.insert({ms, no});
    } else {
      part.due.erase({ms, no});
    }
  };
  if (assignment.state == AssignmentState::live) {
    part.live += sign;
    task.live += sign;
    due_at(assignment.deadline_ms);
  }
  if (assignment.state == AssignmentState::answered) {
    part.answers += sign;
    task.answered += sign;
    if (assignment.pay == PayState::waiting) part.waiting += sign;
    if (assignment.pay == PayState::review) {
      part.under_review += sign;
      due_at(assignment.review_due_ms);
    }
  }
}

void assign(TaskPart& part, std::int32_t task_no, std::int32_t no) {
  std::vector<std::int32_t>& assignments = part.tasks[at(task_no)].assignments;
  assignments.push_back(no);
  part.assignments_of_task_max = std::max<std::int64_t>(part.assignments_of_task_max, std::ssize(assignments));
  ++part.leased[part.assignments[at(no)].worker];
}

template <class Change>
void change_assignment(TaskPart& part, std::int32_t no, const Change& change) {
  TALLY_ASSERT(part.find_assignment(no) != nullptr);
  count(part, no, -1);
  change(part.assignments[at(no)]);
  count(part, no, 1);
  place_changed(part, part.assignments[at(no)].task);
}

void count_task(TaskPart& part, const Task& task, std::int64_t sign) {
  part.open += task.state == TaskState::open ? sign : 0;
  part.settled += task.state == TaskState::settled ? sign : 0;
  part.undecided += task.state == TaskState::undecided ? sign : 0;
  part.best_guesses += task.state == TaskState::best_guess ? sign : 0;
}

void add(Ledger& ledger, SubAccount account, Micros amount) {
  Micros& balance = ledger.balances[account];
  balance += amount;
  TALLY_ASSERT(balance.value >= 0 || may_be_negative(account.fund));
}

void add_counts(std::vector<std::int64_t>& to, const std::vector<std::int64_t>& more) {
  to.resize(std::max(to.size(), more.size()));
  for (std::size_t i = 0; i < more.size(); ++i) to[i] += more[i];
}

template <class Value>
const Value* find_of_task(const std::map<std::int32_t, Value>& map, std::int32_t task) {
  const auto found = map.find(task);
  return found == map.end() ? nullptr : &found->second;
}

void learn_from(TaskPart& part, const AnswerAccepted& answer) {
  for (auto& [field_no, model] : part.models) {
    const auto ballots_of = [&part, field_no = field_no](std::int32_t task, auto& ballots) {
      part.ballots_on(field_no, part.tasks[static_cast<std::size_t>(task)], ballots);
    };
    model.answered(answer.task - 1, static_cast<std::int32_t>(part.tasks.size()), answer.worker, ballots_of);
  }
}

// One overload a record. What a record does not do to a kind of part is a bug, so the getters assert the kind.
struct Folder {
  Part& part;

  void operator()(const TransferPosted& r) const {
    TALLY_ASSERT(r.no == part.ledger.next_transfer);
    TALLY_ASSERT(r.amount.value > 0);
    TALLY_ASSERT(r.from != r.to);
    ++part.ledger.next_transfer;
    add(part.ledger, r.from, Micros{-r.amount.value});
    add(part.ledger, r.to, r.amount);
    if (is_account_part(part.id)) transfer_in_accounts(part.accounts(), r);
  }
  static void transfer_in_accounts(AccountPart& accounts, const TransferPosted& r) {
    if (r.kind == TransferKind::deposit) accounts.deposits[r.no] = DepositMade{r.to.owner, r.amount, false};
    if (r.kind != TransferKind::reversal || r.reverses == 0) return;
    const auto deposit = accounts.deposits.find(r.reverses);
    if (deposit != accounts.deposits.end()) deposit->second.reversed = true;
  }

  void operator()(const PayoutPosted& r) const {
    TALLY_ASSERT(r.no == part.ledger.next_transfer);
    TALLY_ASSERT(r.amount.value > 0);
    TALLY_ASSERT(r.fee.value >= 0);
    ++part.ledger.next_transfer;
    add(part.ledger, {Fund::escrow, r.owner}, Micros{-(r.amount + r.fee).value});
    add(part.ledger, {Fund::earnings, r.worker}, r.amount);
    // A sub-account is there once something was moved to or from it.
    if (r.fee.value > 0) add(part.ledger, {Fund::fees, house_account}, r.fee);
    TaskPart& tasks = part.tasks();
    tasks.paid += r.amount;
    tasks.fees += r.fee;
    change_assignment(tasks, r.assignment, [&](Assignment& assignment) {
      TALLY_ASSERT(assignment.state == AssignmentState::answered);
      TALLY_ASSERT(assignment.pay == PayState::waiting || assignment.pay == PayState::paid);
      TALLY_ASSERT(assignment.payout == 0);
      assignment.pay = PayState::paid;
      assignment.paid = r.amount;
      assignment.payout = r.no;
    });
  }

  void operator()(const MailSent& r) const {
    TALLY_ASSERT(r.no == part.postbox.next_no);
    ++part.postbox.next_no;
    part.postbox.outbox.emplace(r.no, r);
  }
  void operator()(const MailDelivered& r) const { part.postbox.outbox.erase(r.no); }
  void operator()(const MailReceived& r) const { part.received.insert({r.from, r.no}); }
  void operator()(const CommandKept& r) const {
    auto& kept = is_control_part(part.id) ? part.control().kept : part.accounts().kept;
    kept.emplace(kept_name(r.account, r.key), r);
  }
  void operator()(const DeadlinesMoved& r) const {
    TaskPart& tasks = part.tasks();
    for (std::size_t i = 0; i < tasks.assignments.size(); ++i) {
      const auto no = static_cast<std::int32_t>(i + 1);
      const Assignment& assignment = tasks.assignments[i];
      const bool live = assignment.state == AssignmentState::live;
      if (!live && !(assignment.state == AssignmentState::answered && assignment.pay == PayState::review)) continue;
      change_assignment(tasks, no,
                        [&](Assignment& moved) { (live ? moved.deadline_ms : moved.review_due_ms) += r.by_ms; });
    }
  }

  void operator()(const AccountPartCreated&) const {}
  void operator()(const AccountCreated& r) const {
    AccountPart& accounts = part.accounts();
    accounts.accounts[r.account].role = r.role;
    // The house has number 0 and does not count.
    if (r.account != house_account) accounts.next_account = r.account.value / account_parts + 1;
  }
  void operator()(const InvitationIssued& r) const {
    Account& account = part.accounts().accounts.at(r.account);
    account.invitation = r.code_digest;
    account.invited_until_ms = r.expires_ms;
  }
  void operator()(const KeyEnrolled& r) const {
    Account& account = part.accounts().accounts.at(r.account);
    account.key = r.key;
    account.invitation = Bytes{};
    account.invited_until_ms = 0;
  }
  void operator()(const AccountSuspended& r) const { part.accounts().accounts.at(r.account).suspended = r.suspended; }
  void operator()(const PayoutAddressSet& r) const { part.accounts().accounts.at(r.account).has_address = r.is_set; }
  void operator()(const ProjectNumbered& r) const {
    part.accounts().next_project = r.project.value / account_parts + 1;
  }
  void operator()(const PayoutRunMade& r) const { part.accounts().payout_runs[r.run] = PayoutRun{r.rows, false}; }
  void operator()(const PayoutRunSettled& r) const { part.accounts().payout_runs.at(r.run).settled = true; }

  void operator()(const QualificationGranted& r) const {
    Account& account = part.accounts().accounts.at(r.account);
    account.qualifications[r.qualification] = QualificationHeld{r.score, r.by, r.project, r.at_ms};
    account.revoked.erase(r.qualification);
  }
  void operator()(const QualificationRevoked& r) const {
    Account& account = part.accounts().accounts.at(r.account);
    account.qualifications.erase(r.qualification);
    account.revoked[r.qualification] = r.at_ms;
  }
  void operator()(const GrantOpened& r) const {
    Account& account = part.accounts().accounts.at(r.account);
    account.grants[r.no] = Grant{r.gateway, r.secret_digest, {}, 0, r.at_ms, r.at_ms, r.expires_ms};
    account.grants_opened = r.no;
    account.invitation = Bytes{};
    account.invited_until_ms = 0;
  }
  void operator()(const GrantRenewed& r) const {
    Grant& grant = part.accounts().accounts.at(r.account).grants.at(r.no);
    grant.secret_before = std::exchange(grant.secret_digest, r.secret_digest);
    grant.overlap_until_ms = r.overlap_until_ms;
    grant.renewed_ms = r.at_ms;
    grant.expires_ms = r.expires_ms;
  }
  void operator()(const GrantEnded& r) const { part.accounts().accounts.at(r.account).grants.erase(r.no); }
  void operator()(const StandingCounted& r) const {
    for (const StandingOf& row : r.rows) part.accounts().accounts.at(row.account).standing += row.standing;
  }

  void operator()(const ProjectCreated& r) const {
    part.control().opened = r.opened;
    part.control().deadline_ms = r.opened.spec.deadline_ms;
  }
  void operator()(const ProjectStateChanged& r) const { part.control().state = r.state; }
  void operator()(const DeadlineSet& r) const { part.control().deadline_ms = r.deadline_ms; }
  void operator()(const PartNoted& r) const {
    ControlPart& control = part.control();
    PartNote& note = control.parts[r.part_no];
    note.step = r.step;
    if (r.step != PartStep::filled) return;
    control.posted += r.posted - note.posted;
    control.answers_posted += r.answers_max - note.answers_max;
    note.posted = r.posted;
    note.answers_max = r.answers_max;
  }
  void operator()(const WorkerCounted& r) const {
    auto& counts = part.control().worker_tasks;
    const std::int64_t count = counts[r.worker] += r.change;
    TALLY_ASSERT(count >= 0);
    if (count == 0) counts.erase(r.worker);
  }

  void operator()(const GoldAnswered& r) const {
    Standing& gold = part.control().gold[r.worker];
    gold += Standing{0, 0, 1, r.is_right ? 1 : 0};
    if (gold.gold % gold_step == 0) part.control().gold_told[r.worker] = gold;
  }
  void operator()(const TrainingAnswered& r) const {
    Trainee& trainee = part.control().trainees[r.worker];
    const bool begins_round = r.no == 1;
    trainee.answered = begins_round ? 1 : trainee.answered + 1;
    trainee.right = (begins_round ? 0 : trainee.right) + (r.is_right ? 1 : 0);
    trainee.last_was_right = r.is_right;
    TALLY_ASSERT(trainee.answered == r.no);
  }
  void operator()(const TrainingEnded& r) const {
    Trainee& trainee = part.control().trainees.at(r.worker);
    ++trainee.rounds;
    trainee.is_passed = r.is_passed;
  }
  void operator()(const SkillsLearned& r) const {
    ProjectSkills& known = part.control().skills;
    ++known.version;
    for (const FieldSkill& more : r.skills) {
      FieldSkill& sum = known.by_field[more.field];
      sum.field = more.field;
      add_counts(sum.tasks, more.tasks);
      add_counts(sum.crowd, more.crowd);
      aggregation::add_outcomes(sum.gold, more.gold);
      aggregation::add_outcomes(sum.audited, more.audited);
      auto& workers = known.workers[more.field];
      for (const SkillRow& row : more.workers) add_counts(workers[row.worker], row.counts);
    }
  }

  void operator()(const TaskPartCreated& r) const {
    TaskPart& tasks = part.tasks();
    tasks.created = r;
    aggregation::begin_skills(r.spec, forms::labels_of, tasks.models, tasks.claims);
  }
  void operator()(const TasksPosted& r) const {
    TaskPart& tasks = part.tasks();
    TALLY_ASSERT(at(r.first) == tasks.tasks.size());
    tasks.posts[r.first] = PostedRun{r.count, r.digest};
    tasks.item_bytes_max = std::max(tasks.item_bytes_max, r.item_bytes_max);
    const Redundancy& redundancy = tasks.created.spec.redundancy;
    // Before the tasks: their places are of another kind.
    for (const TaskGold& gold : r.gold) {
      if (tasks.gold.emplace(gold.task, gold.ballots).second) aggregation::gold_opened(tasks.claims, gold.ballots);
    }
    for (std::int32_t i = 0; i < r.count; ++i) {
      const std::int32_t own = r.answers.empty() ? 0 : r.answers[static_cast<std::size_t>(i)];
      Task task;
      task.min = own > 0 ? own : redundancy.min;
      task.max = own > 0 ? own : redundancy.max;
      tasks.answers_max += task.max;
      count_task(tasks, task, 1);
      tasks.tasks.push_back(std::move(task));
      place_changed(tasks, r.first + i);
    }
  }
  void operator()(const PartStateChanged& r) const { part.tasks().state = r.state; }
  void operator()(const AssignmentLeased& r) const {
    TaskPart& tasks = part.tasks();
    TALLY_ASSERT(at(r.no) == tasks.assignments.size());
    Assignment assignment;
    assignment.task = r.task;
    assignment.worker = r.worker;
    assignment.leased_ms = r.at_ms;
    assignment.deadline_ms = r.deadline_ms;
    assignment.request = r.request;
    tasks.assignments.push_back(std::move(assignment));
    assign(tasks, r.task, r.no);
    count(tasks, r.no, 1);
    place_changed(tasks, r.task);
    const Task& task = tasks.tasks[at(r.task)];
    TALLY_ASSERT(task.answered + task.live <= task.max);
  }
  void operator()(const AssignmentEnded& r) const {
    change_assignment(part.tasks(), r.no, [&](Assignment& assignment) {
      switch (r.how) {
        case AssignmentEnd::expired:
          assignment.state = AssignmentState::expired;
          break;
        case AssignmentEnd::skipped:
          assignment.state = AssignmentState::skipped;
          break;
        case AssignmentEnd::returned:
          assignment.state = AssignmentState::returned;
          break;
        case AssignmentEnd::taken_back:
          assignment.state = AssignmentState::taken_back;
          break;
      }
    });
    const bool is_kept = planted(Bug::places_not_freed_on_expiry) && r.how == AssignmentEnd::expired;
    if (is_kept) lose_place(part.tasks(), part.tasks().find_assignment(r.no)->task);
  }
  void operator()(const AnswerAccepted& r) const {
    change_assignment(part.tasks(), r.assignment, [&](Assignment& assignment) {
      TALLY_ASSERT(assignment.state != AssignmentState::answered);
      TALLY_ASSERT(assignment.task == r.task && assignment.worker == r.worker);
      assignment.state = AssignmentState::answered;
      assignment.ballots = r.ballots;
      assignment.digest = r.digest;
    });
    const Task& task = part.tasks().tasks[at(part.tasks().assignments[at(r.assignment)].task)];
    TALLY_ASSERT(task.answered + task.live <= task.max);
    learn_from(part.tasks(), r);
  }
  void operator()(const VerdictReached& r) const {
    TaskPart& tasks = part.tasks();
    Task& task = tasks.tasks[at(r.task)];
    TALLY_ASSERT(task.state == TaskState::open);
    count_task(tasks, task, -1);
    task.state = state_of(tasks.created.spec.form, r.judged, r.reason);
    task.judged = r.judged;
    count_task(tasks, task, 1);
    place_changed(tasks, r.task);
    aggregation::learn_outcomes(tasks.claims, r, find_of_task(tasks.gold, r.task), find_of_task(tasks.audits, r.task));
  }
  void operator()(const TaskAudited& r) const { part.tasks().audits.emplace(r.task, r); }
  void operator()(const WorkerIntroduced& r) const {
    for (const FieldSkill& skill : r.skills) part.tasks().models.at(skill.field).tell(skill);
  }
  void operator()(const ProjectKnown& r) const {
    TaskPart& tasks = part.tasks();
    aggregation::tell_all(tasks.models, tasks.claims, tasks.known, r);
    tasks.known = r;
  }
  void operator()(const PayDecided& r) const {
    change_assignment(part.tasks(), r.assignment, [&](Assignment& assignment) {
      assignment.pay = r.state;
      assignment.review_due_ms = r.due_ms;
    });
  }
};

void make_index(TaskPart& part) {
  for (std::size_t i = 0; i < part.assignments.size(); ++i) {
    const auto no = static_cast<std::int32_t>(i + 1);
    const Assignment& assignment = part.assignments[i];
    assign(part, assignment.task, no);
    count(part, no, 1);
    part.paid += assignment.paid;
    if (assignment.payout != 0) part.fees += fee_on(assignment.paid, part.created.fee_ppm);
  }
  for (std::size_t i = 0; i < part.tasks.size(); ++i) {
    part.answers_max += part.tasks[i].max;
    count_task(part, part.tasks[i], 1);
    place_changed(part, static_cast<std::int32_t>(i + 1));
  }
}

}  // namespace

Part empty_part(PartId id) {
  Part part;
  part.id = id;
  if (is_control_part(id)) part.as = ControlPart{};
  if (is_task_part(id)) part.as = TaskPart{};
  return part;
}

void fold(Part& part, const Record& record) { std::visit(Folder{part}, record); }

PartImage image_of(const Part& part) {
  PartImage image{part.ledger, part.postbox, {}, {}, {}};
  if (is_account_part(part.id)) image.accounts = part.accounts();
  if (is_control_part(part.id)) image.control = part.control();
  if (is_task_part(part.id)) image.tasks = part.tasks();
  return image;
}

Part part_from(PartId id, PartImage image) {
  Part part = empty_part(id);
  part.ledger = std::move(image.ledger);
  part.postbox = std::move(image.postbox);
  if (image.accounts) part.as = std::move(*image.accounts);
  if (image.control) {
    ControlPart control = std::move(*image.control);
    control.posted = 0;
    control.answers_posted = 0;
    for (const auto& [no, note] : control.parts) {
      control.posted += note.posted;
      control.answers_posted += note.answers_max;
    }
    part.as = std::move(control);
  }
  if (image.tasks) {
    // A snapshot holds the data alone; whatever index came along in memory is made again.
    TaskPart bare;
    bare.created = std::move(image.tasks->created);
    bare.state = image.tasks->state;
    bare.posts = std::move(image.tasks->posts);
    bare.item_bytes_max = image.tasks->item_bytes_max;
    bare.assignments = std::move(image.tasks->assignments);
    bare.models = std::move(image.tasks->models);
    bare.claims = std::move(image.tasks->claims);
    bare.gold = std::move(image.tasks->gold);
    bare.audits = std::move(image.tasks->audits);
    bare.known = std::move(image.tasks->known);
    for (const Task& task : image.tasks->tasks) {
      Task data;
      data.min = task.min;
      data.max = task.max;
      data.state = task.state;
      data.judged = task.judged;
      bare.tasks.push_back(std::move(data));
    }
    make_index(bare);
    part.as = std::move(bare);
  }
  return part;
}

}  // namespace tally::core
