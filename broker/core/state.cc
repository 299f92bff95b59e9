#include "broker/core/state.h"

#include <algorithm>

#include "common/forms/form.h"

namespace tally::core {

Micros Ledger::balance(SubAccount account) const {
  const auto found = balances.find(account);
  return found == balances.end() ? Micros{} : found->second;
}

std::string kept_name(AccountId account, const std::string& key) { return std::to_string(account.value) + '/' + key; }

std::int32_t Task::free_places() const {
  if (state != TaskState::open) return 0;
  // One answer more than there are, once the first `min` did not settle it.
  const std::int32_t wanted = answered < min ? min : std::min(answered + 1, max);
  return std::max(0, wanted - answered - live);
}

// A settled task is a check where the model is as sure of it as this, and more than one worker said so.
constexpr std::int64_t check_posterior_ppm = 990'000;

bool TaskPart::is_sure(std::int32_t task_no) const {
  const Task& task = *find_task(task_no);
  if (created.spec.redundancy.checks_ppm == 0 || task.state != TaskState::settled || task.answered < 2) return false;
  return std::all_of(task.judged.begin(), task.judged.end(), [](const FieldJudged& judged) {
    return judged.settled && judged.posterior_ppm >= check_posterior_ppm;
  });
}

std::optional<PlaceKind> TaskPart::kind_of(std::int32_t task_no) const {
  const Task& task = *find_task(task_no);
  const Redundancy& redundancy = created.spec.redundancy;
  if (is_sure(task_no) && task.answered + task.live < task.max) return PlaceKind::check;
  if (task.free_places() == 0) return std::nullopt;
  if (!redundancy.is_by_skill()) return PlaceKind::fresh;
  if (gold.contains(task_no)) return PlaceKind::gold;
  // A task with one answer teaches nothing, so it is fresh until it has another, even where one may settle it.
  constexpr std::int32_t teaching = 2;
  return task.answered >= std::max(task.min, teaching) ? PlaceKind::hard : PlaceKind::fresh;
}

std::vector<std::int32_t> TaskPart::answered_of(const Task& task) const {
  std::vector<std::int32_t> numbers;
  for (const std::int32_t no : task.assignments) {
    if (find_assignment(no)->state == AssignmentState::answered) numbers.push_back(no);
  }
  return numbers;
}

void TaskPart::ballots_on(std::int32_t field_no, const Task& task,
                          std::vector<aggregation::LabelBallot>& ballots) const {
  const auto place = static_cast<std::size_t>(field_no);
  const FieldSpec& field = created.spec.form[place];
  ballots.clear();
  for (const std::int32_t no : task.assignments) {
    const Assignment& assignment = *find_assignment(no);
    if (assignment.state != AssignmentState::answered) continue;
    ballots.push_back({assignment.worker, *forms::label_of(field, assignment.ballots[place])});
  }
}

const Task* TaskPart::find_task(std::int32_t no) const {
  if (no < 1 || static_cast<std::size_t>(no) > tasks.size()) return nullptr;
  return &tasks[static_cast<std::size_t>(no) - 1];
}

const Assignment* TaskPart::find_assignment(std::int32_t no) const {
  if (no < 1 || static_cast<std::size_t>(no) > assignments.size()) return nullptr;
  return &assignments[static_cast<std::size_t>(no) - 1];
}

const MailSent* find_mail(const Part& part, std::int64_t no) {
  const auto found = part.postbox.outbox.find(no);
  return found == part.postbox.outbox.end() ? nullptr : &found->second;
}

std::int64_t next_due_ms(const Part& part) {
  if (is_task_part(part.id)) return part.tasks().due.empty() ? 0 : part.tasks().due.begin()->first;
  if (is_control_part(part.id)) {
    const ControlPart& control = part.control();
    const bool running = control.state == ProjectState::open || control.state == ProjectState::paused;
    return running ? control.deadline_ms : 0;
  }
  return 0;
}

std::int64_t wake_ms(const Part& part) {
  const std::int64_t due = next_due_ms(part);
  if (due > 0 || !is_task_part(part.id)) return due;
  const TaskPart& tasks = part.tasks();
  if (tasks.state != PartState::open || tasks.assignments.empty()) return 0;
  return tasks.assignments.back().leased_ms + tasks.created.spec.patience.ms;
}

}  // namespace tally::core
