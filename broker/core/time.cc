#include <utility>
#include <vector>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

// What happens by itself when time has passed.
namespace tally::core {
namespace {

// What is due, as far as the steps go; nothing while its control part, which counts, is not in memory.
void expire(const Turn& turn, Part& part, std::size_t& steps) {
  const TaskPart& tasks = part.tasks();
  const bool counted = tasks.created.spec.tasks_per_worker_max > 0;
  const PartId control = control_part_of(project_of(part.id));
  if (counted && turn.loaded(control) == nullptr) {
    return turn.want_in_between(control);
  }
  while (!tasks.due.empty() && tasks.due.begin()->first <= turn.now_ms() &&
         steps < turn.state.limits.steps_per_tick_max) {
    ++steps;
    const std::int32_t no = tasks.due.begin()->second;
    const Assignment& assignment = *tasks.find_assignment(no);
    if (assignment.state != AssignmentState::live && planted(Bug::review_never_falls_due)) return;
    if (assignment.state == AssignmentState::live) {
      const AccountId worker = assignment.worker;
      turn.emit(part.id, AssignmentEnded{no, AssignmentEnd::expired, turn.now_ms()});
      if (counted) turn.emit(control, WorkerCounted{worker, -1});
    } else {
      // A review that nobody made in time approves the answer.
      TALLY_ASSERT(assignment.pay == PayState::review);
      pay(turn, part, no);
    }
  }
  finish_part(turn, part);
}

void expire_due(const Turn& turn) {
  State& state = turn.state;
  std::size_t steps = 0;
  std::vector<PartId> parts;
  for (const auto& [ms, id] : state.due) {
    if (ms > turn.now_ms() || parts.size() >= state.limits.steps_per_tick_max) break;
    parts.push_back(id);
  }
  for (const PartId id : parts) {
    if (steps >= state.limits.steps_per_tick_max) return;
    expire(turn, state.parts.at(id), steps);
  }
}

void end_due_projects(const Turn& turn) {
  State& state = turn.state;
  std::vector<ProjectId> due;
  for (const auto& [ms, project] : state.deadlines) {
    if (ms > turn.now_ms() || due.size() >= 100) break;
    due.push_back(project);
  }
  for (const ProjectId project : due) {
    Part* control = turn.loaded(control_part_of(project));
    if (control == nullptr) {
      turn.want_in_between(control_part_of(project));
    } else {
      end_project(turn, *control, ProjectState::ended);
    }
  }
}

}  // namespace

void tick(const Turn& turn) {
  expire_due(turn);
  end_due_projects(turn);
  close_hopeless_tasks(turn);
  judge_some_anew(turn);
  sweep_leaving(turn);
  sweep_some(turn);
  end_waits(turn);
}

void outage(const Turn& turn, const Outage& outage) {
  if (planted(Bug::outage_moves_no_deadline)) return;
  for (const auto& [id, part] : turn.state.parts) {
    if (is_task_part(id) && !part.tasks().due.empty()) turn.emit(id, DeadlinesMoved{outage.by_ms});
  }
}

}  // namespace tally::core
