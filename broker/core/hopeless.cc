#include <algorithm>
#include <vector>

#include "broker/core/dispatch.h"
#include "broker/core/eligibility.h"

// Tasks that no eligible worker is left for close as undecided, after the patience that their project asks for.
namespace tally::core {
namespace {

constexpr std::size_t looks_max = 1000;  // Tasks of one part, at one look.

bool is_open_to_all(const ProjectSpec& spec) { return spec.training.tasks.empty() && !spec.require.any(); }

bool is_below_cap(const ControlPart& control, AccountId worker) {
  const std::int64_t cap = control.opened.spec.tasks_per_worker_max;
  const auto found = control.worker_tasks.find(worker);
  return cap == 0 || found == control.worker_tasks.end() || found->second < cap;
}

// Those who may still be given tasks of a project, found once for a look through all tasks of a part.
class LeftWorkers {
 public:
  LeftWorkers(const Turn& turn, const Part& part) : turn_(turn), tasks_(part.tasks()) {
    const ProjectSpec& spec = tasks_.created.spec;
    is_anyone_ = is_open_to_all(spec) && spec.tasks_per_worker_max == 0;
    if (is_anyone_) return;
    const PartId id = control_part_of(project_of(part.id));
    const Part* control = turn.loaded(id);
    is_known_ = control != nullptr;
    if (!is_known_) {
      // It left memory before its parts did: the next look knows more.
      turn.want_in_between(id);
      return;
    }
    static_cast<void>(has_active_worker(turn.state, [&](AccountId worker) {
      const bool is_left =
          is_below_cap(control->control(), worker) && may_work_yet(turn.state.parts, control->control(), worker);
      if (is_left) workers_.push_back(worker);
      return false;
    }));
  }
  // Whether one of them has not had this task.
  [[nodiscard]] bool has_for(const Task& task) const {
    if (!is_known_) return true;
    if (!is_anyone_) {
      return std::any_of(workers_.begin(), workers_.end(), [&](AccountId each) { return !had(tasks_, task, each); });
    }
    if (turn_.state.active_workers > std::ssize(task.assignments)) return true;
    return has_active_worker(turn_.state, [&](AccountId each) { return !had(tasks_, task, each); });
  }

 private:
  const Turn& turn_;
  const TaskPart& tasks_;
  bool is_anyone_ = false;
  bool is_known_ = true;
  std::vector<AccountId> workers_;
};

void close(const Turn& turn, Part& part, const std::vector<std::int32_t>& hopeless) {
  for (const std::int32_t no : hopeless) close_task(turn, part, no, VerdictReason::no_eligible_worker);
  if (!hopeless.empty()) finish_part(turn, part);
}

// More workers than any of its tasks was given to: one is left for each.
bool has_enough_workers(const Turn& turn, const TaskPart& tasks) {
  const ProjectSpec& spec = tasks.created.spec;
  return is_open_to_all(spec) && spec.tasks_per_worker_max == 0 &&
         turn.state.active_workers > tasks.assignments_of_task_max;
}

// Tasks that were handed out, and that nobody is left for.
void close_hopeless(const Turn& turn, Part& part) {
  const TaskPart& tasks = part.tasks();
  if (has_enough_workers(turn, tasks)) {
    part.care.looked_through = turn.input.at;
    return;
  }
  const LeftWorkers left(turn, part);
  std::vector<std::int32_t> hopeless;
  std::size_t looks = 0;
  std::int32_t no = tasks.with_places.first_from(part.care.hopeless_from);
  for (; no != 0 && looks < looks_max; no = tasks.with_places.first_from(no + 1), ++looks) {
    const Task& task = *tasks.find_task(no);
    // Nobody has looked at it yet, or somebody has it just now.
    if (task.assignments.empty() || task.live > 0) continue;
    const std::int64_t last_ms = tasks.find_assignment(task.assignments.back())->leased_ms;
    if (turn.now_ms() - last_ms < tasks.created.spec.patience.ms) continue;
    if (!left.has_for(task)) hopeless.push_back(no);
  }
  part.care.hopeless_from = no;  // The next look goes on there.
  if (no == 0) part.care.looked_through = turn.input.at;
  close(turn, part, hopeless);
}

// Everybody who may work on the project has had as many tasks of it as one worker may do. Nobody at all is not
// everybody: workers may still join.
bool is_used_up(const Turn& turn, const ControlPart& control) {
  const State& state = turn.state;
  const auto had_some = std::ssize(control.worker_tasks);
  if (state.active_workers == 0 || had_some == 0) return false;
  if (is_open_to_all(control.opened.spec) && had_some < state.active_workers) return false;
  return !has_active_worker(state, [&](AccountId worker) {
    return is_below_cap(control, worker) && may_work_yet(state.parts, control, worker);
  });
}

bool may_be_used_up(const ControlPart& control) {
  return control.state == ProjectState::open && control.opened.spec.tasks_per_worker_max > 0;
}

// Tasks that nobody has looked at, of a project that everybody is through with.
void close_untouched(const Turn& turn, Part& part) {
  const TaskPart& tasks = part.tasks();
  std::vector<std::int32_t> untouched;
  for (std::int32_t no = tasks.with_places.first_from(1); no != 0; no = tasks.with_places.first_from(no + 1)) {
    if (untouched.size() >= looks_max) break;
    if (tasks.find_task(no)->live == 0) untouched.push_back(no);
  }
  close(turn, part, untouched);
}

void close_used_up(const Turn& turn, Part& control) {
  const ProjectId project = project_of(control.id);
  control.care.looked_through = turn.input.at;
  if (!is_used_up(turn, control.control())) {
    turn.state.used_up_since.erase(project);
    return;
  }
  const Time since = turn.state.used_up_since.try_emplace(project, turn.input.at).first->second;
  if (turn.input.at - since < control.control().opened.spec.patience) return;
  for (const std::int64_t no : turn.state.catalogue.at(project).open_parts.numbers()) {
    const PartId id = part_of(project, no);
    Part* part = turn.loaded(id);
    // One after the other: each takes memory.
    if (part == nullptr) return turn.want_in_between(id);
    close_untouched(turn, *part);
  }
}

}  // namespace

void close_hopeless_tasks(const Turn& turn) {
  State& state = turn.state;
  if (turn.input.at < state.next_patience) return;
  state.next_patience = turn.input.at + state.limits.patience_check_every;
  for (auto& [id, part] : state.parts) {
    if (is_task_part(id) && part.tasks().state == PartState::open) close_hopeless(turn, part);
  }
  for (auto& [id, part] : state.parts) {
    if (is_control_part(id) && may_be_used_up(part.control())) close_used_up(turn, part);
  }
}

}  // namespace tally::core
