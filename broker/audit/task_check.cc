#include "broker/audit/task_check.h"

#include <algorithm>

#include "common/aggregation/skill.h"
#include "common/base/digest.h"
#include "common/codec/records_codec.h"
#include "common/forms/form.h"

namespace tally::audit {
namespace {

std::size_t at(std::int32_t no) { return static_cast<std::size_t>(no) - 1; }

// What the functions of forms, aggregation and money require of a spec.
bool are_shares_possible(const Redundancy& redundancy) {
  const auto is_share = [](std::int64_t ppm, std::int64_t most) { return ppm >= 0 && ppm <= most; };
  return is_share(redundancy.theta_ppm, theta_ppm_max) && is_share(redundancy.confidence_ppm, confidence_ppm_max) &&
         is_share(redundancy.audit_ppm, audit_ppm_max) && is_share(redundancy.checks_ppm, checks_ppm_max) &&
         (redundancy.theta_ppm == 0 || redundancy.confidence_ppm == 0);
}

std::string_view spec_problem(const TaskPartCreated& created) {
  const ProjectSpec& spec = created.spec;
  const Redundancy& redundancy = spec.redundancy;
  if (!forms::check_form(spec.form)) return "its form cannot be filled in";
  if (spec.reward.value <= 0 || spec.reward > amount_max) return "its reward cannot be";
  if (created.fee_ppm < 0 || created.fee_ppm > 1'000'000) return "its fee cannot be";
  if (redundancy.min < 1 || redundancy.max < redundancy.min || redundancy.max > redundancy_max ||
      redundancy.quorum < 1 || !are_shares_possible(redundancy)) {
    return "its redundancy cannot be";
  }
  for (const FieldSpec& field : spec.form) {
    if (redundancy.is_by_skill() && forms::labels_of(field) > aggregation::LabelModel::labels_max) {
      return "it has more options than a model of skill takes";
    }
  }
  return {};
}

// What "the same answer again" means: the values of every field, whatever their order on the wire.
std::string digest_of(const AnswerValues& values, const std::string& salt) {
  Sha256 digest;
  digest.add(salt);
  const auto add_piece = [&](const std::string& piece) { digest.add(std::to_string(piece.size()) + ':' + piece); };
  for (const auto& [field, entered] : values) {
    add_piece(field);
    digest.add(std::to_string(entered.size()) + '[');
    for (const std::string& value : entered) add_piece(value);
  }
  return bytes_of(digest.finish());
}

}  // namespace

void TaskCheck::wrong(std::string_view record, const std::string& what, std::string_view rule) {
  finding_.note("batches " + to_text(part_) + ", " + std::string(record) + ' ' + what, rule);
}
void TaskCheck::wrong_task(std::string_view table, std::int32_t no, std::string_view rule) {
  finding_.note(std::string(table) + ' ' + to_text(part_) + ' ' + to_text(TaskId{part_, no}), rule);
}
void TaskCheck::wrong_answer(std::string_view table, std::int32_t no, std::string_view rule) {
  finding_.note(std::string(table) + ' ' + to_text(part_) + ' ' + to_text(AssignmentId{part_, no}), rule);
}

bool TaskCheck::is_created(std::string_view record) {
  if (!created_) wrong(record, "", "it comes before the part was created");
  return created_.has_value();
}

TaskCheck::Task* TaskCheck::find_task(std::int32_t no) {
  return no >= 1 && at(no) < tasks_.size() ? &tasks_[at(no)] : nullptr;
}
TaskCheck::Assignment* TaskCheck::find_assignment(std::int32_t no) {
  return no >= 1 && at(no) < assignments_.size() ? &assignments_[at(no)] : nullptr;
}

void TaskCheck::on(const TaskPartCreated& r) {
  if (created_) return wrong(r.name, "", "the part was created twice");
  if (const auto problem = spec_problem(r); !problem.empty()) return wrong(r.name, "", problem);
  created_ = r;
  skill_.begin(r);
}

void TaskCheck::on(const TasksPosted& r) {
  if (!is_created(r.name)) return;
  if (r.first != tasks() + 1 || r.count < 1)
    return wrong(r.name, std::to_string(r.first), "its tasks are not the next");
  if (!r.answers.empty() && static_cast<std::int64_t>(r.answers.size()) != r.count) {
    return wrong(r.name, std::to_string(r.first), "it has another number of tasks than of redundancies");
  }
  const Redundancy& redundancy = created_->spec.redundancy;
  for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
    const std::int32_t own = r.answers.empty() ? 0 : r.answers[i];
    if (own < 0 || own > redundancy_max) return wrong(r.name, std::to_string(r.first), "a redundancy cannot be");
    Task task;
    task.min = own > 0 ? own : redundancy.min;
    task.max = own > 0 ? own : redundancy.max;
    tasks_.push_back(std::move(task));
  }
  if (!is_gold_possible(r)) return wrong(r.name, std::to_string(r.first), "its gold cannot be");
  skill_.on(r);
}

bool TaskCheck::is_gold_possible(const TasksPosted& r) const {
  const auto& form = created_->spec.form;
  return std::all_of(r.gold.begin(), r.gold.end(), [&](const TaskGold& gold) {
    if (gold.task < r.first || gold.task - r.first >= r.count || gold.ballots.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
      if (!gold.ballots[i].empty() && (forms::labels_of(form[i]) == 0 || !forms::label_of(form[i], gold.ballots[i]))) {
        return false;
      }
    }
    return true;
  });
}

void TaskCheck::on(const PartStateChanged& r) {
  const auto number = [](PartState state) { return static_cast<int>(state); };
  const bool forward =
      number(r.state) == number(state_) + 1 || (state_ == PartState::posting && r.state == PartState::settled);
  if (!forward) return wrong(r.name, std::string(name_of(r.state)), "the part was " + std::string(name_of(state_)));
  state_ = r.state;
  if (state_ == PartState::open) return;
  if (state_ == PartState::settled) expect_mails();
  if (std::any_of(tasks_.begin(), tasks_.end(), [](const Task& task) { return task.state == TaskState::open; })) {
    return wrong(r.name, std::string(name_of(r.state)), "tasks of the part are open");
  }
  const auto is_waiting = [](const Assignment& a) { return a.step == Step::live || a.pay == PayState::review; };
  if (state_ == PartState::done && std::any_of(assignments_.begin(), assignments_.end(), is_waiting)) {
    wrong(r.name, "done", "a lease or a review of the part is open");
  }
}

// One that is settled may be given to look at a worker, where the project wants that.
bool TaskCheck::may_be_check(const Task& task) const {
  return state_ == PartState::open && task.state == TaskState::settled && created_->spec.redundancy.checks_ppm > 0;
}

void TaskCheck::on(const AssignmentLeased& r) {
  const auto problem = [&](std::string_view rule) { wrong_answer("batches", r.no, rule); };
  if (r.no != static_cast<std::int64_t>(assignments_.size()) + 1) return problem("its number is not the next");
  Task* task = find_task(r.task);
  if (task == nullptr) return problem("its task does not exist");
  if (state_ != PartState::open || (task->state != TaskState::open && !may_be_check(*task))) {
    return problem("its task was not open");
  }
  if (task->answered + task->live >= task->max) return problem("its task had no free place");
  if (r.deadline_ms < r.at_ms) return problem("its deadline is before its lease");
  for (const std::int32_t other : task->assignments) {
    const Assignment& had = assignments_[at(other)];
    if (had.worker == r.worker && had.step != Step::taken_back) return problem("this worker had the task before");
  }
  assignments_.push_back({.task = r.task, .worker = r.worker, .leased_ms = r.at_ms, .deadline_ms = r.deadline_ms});
  task->assignments.push_back(r.no);
  ++task->live;
  leased_.insert(r.worker);
}

void TaskCheck::on(const AssignmentEnded& r) {
  const auto problem = [&](std::string_view rule) { wrong_answer("batches", r.no, rule); };
  Assignment* assignment = find_assignment(r.no);
  if (assignment == nullptr) return problem("there is no such assignment");
  if (r.how == AssignmentEnd::taken_back) {
    if (assignment->step != Step::handed_back) return problem("it is taken back, and was not handed back");
    assignment->step = Step::taken_back;
    return;
  }
  if (assignment->step != Step::live) return problem("it ended before");
  if (r.how == AssignmentEnd::expired && r.at_ms < assignment->deadline_ms) {
    return problem("it expired before its deadline");
  }
  assignment->step = r.how == AssignmentEnd::expired ? Step::expired : Step::handed_back;
  --tasks_[at(assignment->task)].live;
}

void TaskCheck::on(const AnswerAccepted& r) {
  const auto problem = [&](std::string_view rule) { wrong_answer("answers", r.assignment, rule); };
  Assignment* assignment = find_assignment(r.assignment);
  if (assignment == nullptr) return problem("there is no such assignment");
  if (r.task != assignment->task || r.worker != assignment->worker) return problem("it is not that of its lease");
  Task& task = tasks_[at(assignment->task)];
  const bool is_late = assignment->step == Step::expired;
  if (assignment->step == Step::answered) return problem("it was answered before");
  if (assignment->step != Step::live && !is_late) return problem("it was handed back");
  const bool may_be_late = task.state == TaskState::open || may_be_check(task);
  if (is_late && (!may_be_late || task.answered + task.live >= task.max)) return problem("its place was given away");
  std::int64_t took_ms = 0;
  if (__builtin_sub_overflow(r.at_ms, assignment->leased_ms, &took_ms) ||
      r.took_ms != std::max<std::int64_t>(0, took_ms)) {
    return problem("it did not take the time since its lease");
  }
  if (r.ballots.size() != created_->spec.form.size()) return problem("it has another number of ballots than fields");
  for (std::size_t i = 0; i < r.ballots.size(); ++i) {
    const FieldSpec& field = created_->spec.form[i];
    if (field.required && r.ballots[i].empty()) return problem("a required field is empty");
    const bool has_labels = forms::labels_of(field) > 0;
    if (has_labels && !forms::label_of(field, r.ballots[i])) return problem("it chooses what the form does not have");
  }
  for (const std::int32_t other : task.assignments) {
    const Assignment& had = assignments_[at(other)];
    if (had.worker == assignment->worker && had.step == Step::answered) {
      return problem("this worker has another answer to the task");
    }
  }
  if (!is_late) --task.live;
  ++task.answered;
  assignment->step = Step::answered;
  assignment->ballots = r.ballots;
  assignment->digest = r.digest.value;
  skill_.on(r, tasks());
}

void TaskCheck::on(const VerdictReached& r) {
  Task* task = find_task(r.task);
  if (task == nullptr) return wrong_task("verdicts", r.task, "there is no such task");
  if (task->state != TaskState::open) return wrong_task("verdicts", r.task, "the task has a verdict already");
  if (const auto problem = ballots_problem(*task, r); !problem.empty()) return wrong_task("verdicts", r.task, problem);
  if (const auto problem = judged_problem(*task, r); !problem.empty()) return wrong_task("verdicts", r.task, problem);
  task->state = state_of(created_->spec.form, r.judged, r.reason);
  task->judged = r.judged;
  skill_.on(r);
  ++verdicts_;
}

void TaskCheck::on(const TaskAudited& r) {
  const Task* task = find_task(r.task);
  if (task == nullptr) return wrong_task("task_audited", r.task, "there is no such task");
  if (task->state != TaskState::open) return wrong_task("task_audited", r.task, "the task has a verdict already");
  const std::string_view problem = task->answered < task->min ? "it has fewer answers than the project wants at least"
                                                              : skill_.problem_of(r, task->answered, task->max);
  if (!problem.empty()) return wrong_task("task_audited", r.task, problem);
  skill_.on(r);
}

void TaskCheck::on(const WorkerIntroduced& r) {
  if (!is_created(r.name)) return;
  const std::string who = "account " + std::to_string(r.worker.value);
  if (leased_.contains(r.worker)) return wrong(r.name, who, "the worker had a task of the part before");
  if (const auto problem = skill_.problem_of(r); !problem.empty()) return wrong(r.name, who, problem);
  skill_.on(r);
}

void TaskCheck::on(const ProjectKnown& r) {
  if (!is_created(r.name)) return;
  const std::string version = std::to_string(r.version);
  if (const auto problem = skill_.problem_of(r); !problem.empty()) return wrong(r.name, version, problem);
  skill_.on(r);
}

std::string TaskCheck::pay_problem(const Task& task, const Assignment& assignment, const PayDecided& r) const {
  const PayPolicy policy = created_->spec.pay;
  if (r.state == PayState::reversed) return assignment.pay == PayState::paid ? "" : "it is reversed, and was not paid";
  if (assignment.pay == PayState::review && policy == PayPolicy::review) {
    return r.state == PayState::paid || r.state == PayState::unpaid ? "" : "a review ends paid or unpaid";
  }
  if (assignment.pay != PayState::waiting) return "it was decided before: " + std::string(name_of(assignment.pay));
  if (policy == PayPolicy::review) return r.state == PayState::review ? "" : "the project reviews each answer";
  if (policy == PayPolicy::all) return r.state == PayState::paid ? "" : "the project pays every answer";
  if (task.state == TaskState::open) return "its task has no verdict yet";
  const FieldSpec* field = task.state == TaskState::settled ? disagrees_on(task, assignment) : nullptr;
  if (field == nullptr) {
    return r.state == PayState::paid ? "" : "it agrees with the verdict, or there is none: it must be paid";
  }
  if (r.state != PayState::unpaid) return "it does not agree with the verdict on '" + field->name + "', and is paid";
  return r.reason == "disagrees_on:" + field->name ? "" : "its reason is not disagrees_on:" + field->name;
}

void TaskCheck::on(const PayDecided& r) {
  Assignment* assignment = find_assignment(r.assignment);
  if (assignment == nullptr || assignment->step != Step::answered) {
    return wrong_answer("pay_decisions", r.assignment, "there is no such answer");
  }
  const std::string problem = pay_problem(tasks_[at(assignment->task)], *assignment, r);
  if (!problem.empty()) return wrong_answer("pay_decisions", r.assignment, problem);
  if (assignment->pay == PayState::waiting && r.state == PayState::paid) {
    return wrong_answer("pay_decisions", r.assignment, "an answer that waits is paid by its payout alone");
  }
  assignment->pay = r.state;
  assignment->review_due_ms = r.due_ms;
}

void TaskCheck::on(const DeadlinesMoved& r) {
  if (r.by_ms <= 0) return wrong(r.name, "", "deadlines only move on");
  for (Assignment& assignment : assignments_) {
    std::int64_t* due = nullptr;
    if (assignment.step == Step::live) due = &assignment.deadline_ms;
    if (assignment.step == Step::answered && assignment.pay == PayState::review) due = &assignment.review_due_ms;
    if (due != nullptr && !add(*due, r.by_ms)) return wrong(r.name, "", "a deadline is more than 64 bits hold");
  }
}

void TaskCheck::on(const TransferPosted& r) {
  if (r.kind != TransferKind::reversal) return;
  const auto problem = [&](std::string_view rule) {
    finding_.note("transfers " + to_text(part_) + ' ' + to_text(TransferId{part_, r.no}), rule);
  };
  Assignment* assignment = find_assignment(r.assignment);
  if (assignment == nullptr || assignment->step != Step::answered) return problem("it is of no answer");
  if (assignment->pay != PayState::reversed || assignment->is_taken_back)
    return problem("no payout was to be reversed");
  assignment->is_taken_back = true;
}

std::string TaskCheck::payout_problem(const Assignment& assignment, const PayoutPosted& r) const {
  if (assignment.has_payout) return "this answer was paid before";
  if (assignment.pay == PayState::paid) return {};
  if (assignment.pay != PayState::waiting) return "it pays an answer that is not to be paid";
  return pay_problem(tasks_[at(assignment.task)], assignment, {r.assignment, PayState::paid, {}, 0, r.at_ms});
}

void TaskCheck::on(const PayoutPosted& r) {
  const auto problem = [&](std::string_view rule) { wrong_answer("payouts", r.assignment, rule); };
  Assignment* assignment = find_assignment(r.assignment);
  if (assignment == nullptr || assignment->step != Step::answered) return problem("it pays no answer");
  if (r.owner != created_->owner) return problem("it is not of the requester's escrow");
  if (const auto undue = payout_problem(*assignment, r); !undue.empty()) return problem(undue);
  const Micros reward = created_->spec.reward;
  if (r.amount != reward) return problem("it is not the reward, which is " + to_text(reward));
  if (r.fee != fee_on(reward, created_->fee_ppm)) return problem("its fee is not that on the reward");
  if (r.worker != assignment->worker) return problem("it pays another worker than answered");
  assignment->pay = PayState::paid;
  assignment->has_payout = true;
  ++payouts_;
}

void TaskCheck::on(const MailSent& r) {
  if (const auto* take_back = std::get_if<TakeBack>(&r.body)) return check_take_back(r, *take_back);
  std::string_view problem;
  if (const auto* earned = std::get_if<StandingEarned>(&r.body)) problem = problem_of(r.to, *earned);
  if (const auto* learned = std::get_if<PartLearned>(&r.body)) problem = problem_of(r.to, *learned);
  if (!problem.empty()) finding_.note("outbox " + to_text(part_) + " mail " + std::to_string(r.no), problem);
}

void TaskCheck::check_take_back(const MailSent& r, const TakeBack& mail) {
  const auto problem = [&](std::string_view rule) {
    finding_.note("outbox " + to_text(part_) + " mail " + std::to_string(r.no), rule);
  };
  Assignment* assignment = mail.assignment.part == part_ ? find_assignment(mail.assignment.no) : nullptr;
  if (assignment == nullptr || assignment->pay != PayState::reversed || assignment->is_taken_back) {
    return problem("it takes back money, and no payout was reversed");
  }
  if (mail.amount != created_->spec.reward || mail.worker != assignment->worker || mail.requester != created_->owner) {
    return problem("it takes back another amount, or for another account, than was paid");
  }
  assignment->is_taken_back = true;
}

void TaskCheck::end_of_task(std::int32_t no) {
  const Task& task = tasks_[at(no)];
  if (task.state != TaskState::open || task.answered < task.min) return;
  std::vector<WeighedBallot> ballots;
  for (const std::int32_t assignment : task.assignments) {
    if (assignments_[at(assignment)].step == Step::answered) ballots.push_back({assignment});
  }
  std::vector<FieldJudged> judged;
  for (std::size_t i = 0; i < created_->spec.form.size(); ++i) {
    const auto field = judge(task, i, forms::default_method(created_->spec.form[i]), ballots);
    judged.push_back(field.value_or(FieldJudged{}));
  }
  // What skill makes of a task that is still open is not looked into: a verdict that is late is not noticed here.
  const bool is_settled = !created_->spec.redundancy.is_by_skill() && is_settled_by(judged);
  if (task.answered >= task.max || is_settled) {
    wrong_task("verdicts", no, "missing: the answers of the task have come to an end");
  }
}

void TaskCheck::end_of_answer(std::int32_t no) {
  const Assignment& assignment = assignments_[at(no)];
  if (assignment.step != Step::answered) return;
  const bool must_be_decided =
      created_->spec.pay != PayPolicy::agreeing || tasks_[at(assignment.task)].state != TaskState::open;
  if (assignment.pay == PayState::waiting && must_be_decided) {
    return wrong_answer("pay_decisions", no, "missing: the answer is neither paid nor refused");
  }
  const bool was_paid = assignment.pay == PayState::paid || assignment.pay == PayState::reversed;
  if (was_paid && !assignment.has_payout) return wrong_answer("payouts", no, "missing: the answer is to be paid");
  if (assignment.pay == PayState::reversed && !assignment.is_taken_back) {
    wrong_answer("transfers", no, "missing: the payout was reversed and its money was not asked back");
  }
}

// What may still be owed for answers there are and may yet be: it must lie in escrow.
void TaskCheck::check_escrow() {
  if (state_ == PartState::posting) return;
  std::int64_t places = 0;
  for (const Task& task : tasks_) {
    std::int64_t decided = 0;
    for (const std::int32_t no : task.assignments) {
      const Assignment& assignment = assignments_[at(no)];
      const bool is_waiting = assignment.pay == PayState::waiting || assignment.pay == PayState::review;
      if (assignment.step == Step::answered && !is_waiting) ++decided;
    }
    places += (task.state == TaskState::open ? task.max : task.answered + task.live) - decided;
  }
  const Micros each = created_->spec.reward + fee_on(created_->spec.reward, created_->fee_ppm);
  const auto owed = places < 0 ? std::nullopt : times(each, places);
  const std::int64_t escrow = books_.balance({Fund::escrow, created_->owner});
  if (owed && escrow >= owed->value) return;
  finding_.note("sub_accounts " + to_text(part_) + " escrow of " + std::to_string(created_->owner.value),
                "it holds " + to_text(Micros{escrow}) + " and may owe " + (owed ? to_text(*owed) : "more"));
}

void TaskCheck::end() {
  if (!is_created("journal")) return;
  for (std::size_t i = 0; i < tasks_.size() && !finding_.any(); ++i) end_of_task(static_cast<std::int32_t>(i + 1));
  for (std::size_t i = 0; i < assignments_.size() && !finding_.any(); ++i) {
    end_of_answer(static_cast<std::int32_t>(i + 1));
  }
  if (!finding_.any()) check_mails_sent();
  if (!finding_.any()) check_escrow();
}

storage::PartSummary TaskCheck::summary() const {
  storage::PartSummary summary;
  summary.state = static_cast<std::int16_t>(state_);
  summary.tasks = tasks();
  for (const Task& task : tasks_) {
    summary.settled += task.state == TaskState::settled ? 1 : 0;
    summary.undecided += task.state == TaskState::undecided ? 1 : 0;
    summary.best_guesses += task.state == TaskState::best_guess ? 1 : 0;
  }
  const auto due = [&](std::int64_t ms) {
    if (summary.next_due_ms == 0 || ms < summary.next_due_ms) summary.next_due_ms = ms;
  };
  for (const Assignment& assignment : assignments_) {
    if (assignment.step == Step::live) {
      ++summary.leased;
      due(assignment.deadline_ms);
    }
    if (assignment.step != Step::answered) continue;
    ++summary.answers;
    if (assignment.pay != PayState::review) continue;
    ++summary.under_review;
    due(assignment.review_due_ms);
  }
  // Nothing is due by itself: then it is looked at when the patience with its open tasks is over.
  if (summary.next_due_ms == 0 && state_ == PartState::open && !assignments_.empty()) {
    due(assignments_.back().leased_ms + created_->spec.patience.ms);
  }
  for (const Books::Transfer& transfer : books_.transfers()) {
    if (transfer.kind) continue;
    // What does not fit is no sum that the row could hold.
    static_cast<void>(add(summary.paid.value, transfer.amount));
    static_cast<void>(add(summary.fees.value, transfer.fee));
  }
  return summary;
}

std::vector<std::int32_t> TaskCheck::answers() const {
  std::vector<std::int32_t> numbers;
  for (std::size_t i = 0; i < assignments_.size(); ++i) {
    if (assignments_[i].step == Step::answered) numbers.push_back(static_cast<std::int32_t>(i + 1));
  }
  return numbers;
}

std::int32_t TaskCheck::task_of(std::int32_t assignment) const { return assignments_[at(assignment)].task; }
AccountId TaskCheck::worker_of(std::int32_t assignment) const { return assignments_[at(assignment)].worker; }

std::string TaskCheck::answer_problem(std::int32_t assignment, std::string_view body) const {
  const Assignment& known = assignments_[at(assignment)];
  const auto values = codec::decode_answer(body);
  if (!values) return "cannot be read: " + values.error().detail;
  const std::string salt = created_->salt.value + std::to_string(known.task);
  const auto ballots = forms::canonical_form(created_->spec.form, *values, salt);
  if (!ballots) return "is no answer to the form: " + ballots.error().detail;
  if (*ballots != known.ballots) return "does not give the ballots that were counted";
  return digest_of(*values, created_->salt.value) == known.digest ? "" : "is not the answer that was handed in";
}

std::string TaskCheck::item_problem(std::string_view body) const {
  const auto item = codec::decode_item(body);
  if (!item) return "cannot be read: " + item.error().detail;
  return item->values.size() == created_->spec.columns.size() ? "" : "has another number of values than columns";
}

}  // namespace tally::audit
