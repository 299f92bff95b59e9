#include "broker/core/dispatch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

TaskOffer offer(const Turn& turn, const Part& part, std::int32_t no) {
  const TaskPart& tasks = part.tasks();
  const Assignment* assignment = tasks.find_assignment(no);
  TALLY_ASSERT(assignment != nullptr);
  TaskOffer made;
  made.assignment = {part.id, no};
  made.task = {part.id, assignment->task};
  made.item_no = tasks.created.first_item + assignment->task - 1;
  made.project = project_of(part.id);
  made.lease_left_ms = assignment->deadline_ms - turn.now_ms();
  made.reward = tasks.created.spec.reward;
  return made;
}

// The next task of the part that this worker has not had, in order from where it last looked.
std::optional<std::int32_t> find_task(State& state, const Part& part, AccountId worker) {
  const TaskPart& tasks = part.tasks();
  Cursor& cursor = state.cursors[{worker, part.id}];
  if (cursor.nothing_at_version == tasks.places_version) return std::nullopt;
  const auto look = [&](auto from, auto to) -> std::optional<std::int32_t> {
    for (auto it = from; it != to; ++it) {
      if (!had(tasks, *it, worker)) return *it;
    }
    return std::nullopt;
  };
  const auto start = tasks.with_places.lower_bound(cursor.next_task);
  auto found = look(start, tasks.with_places.end());
  if (!found && !planted(Bug::cursor_skips_tasks)) found = look(tasks.with_places.begin(), start);
  if (found) {
    cursor.next_task = *found + 1;
  } else {
    cursor.nothing_at_version = tasks.places_version;
  }
  return found;
}

void search_project(const Turn& turn, const Asker& asker, ProjectId project, std::int64_t count, Search& search) {
  const CatalogueEntry& entry = turn.state.catalogue.at(project);
  if (entry.state != ProjectState::open) {
    search.no_work = reason_of(entry.state);
    return;
  }
  const PartId control = control_part_of(project);
  if (entry.tasks_per_worker_max > 0 && turn.loaded(control) == nullptr) {
    search.missing = control;
    return;
  }
  const std::int64_t left = places_left_of_worker(turn, project, entry.tasks_per_worker_max, asker.worker);
  if (left == 0) {
    search.no_work = NoWork::tasks_per_worker_reached;
    return;
  }
  count = std::min(count, left);
  search.no_work = NoWork::all_tasks_taken;
  ReplyRoom room(turn);
  const std::set<std::int64_t> open_parts = entry.open_parts;
  for (const std::int64_t part_no : open_parts) {
    Part* part = turn.loaded(part_of(project, part_no));
    if (part == nullptr) {
      search.missing = part_of(project, part_no);
      return;
    }
    while (std::ssize(search.tasks) < count) {
      if (!room.has_room(part->tasks())) return;
      const auto task = find_task(turn.state, *part, asker.worker);
      if (!task) break;
      search.tasks.push_back(lease(turn, *part, *task, asker));
      room.take(part->tasks());
    }
    if (std::ssize(search.tasks) >= count) return;
    if (!part->tasks().with_places.empty()) search.no_work = NoWork::had_every_task;
  }
}

}  // namespace

Search search_work(const Turn& turn, const Asker& asker, std::optional<ProjectId> project, std::int64_t asked) {
  Search search;
  const std::int64_t count = leases_left(turn, asker.worker, asked);
  if (count <= 0) {
    search.no_work = NoWork::too_many_leases;
    return search;
  }
  if (project) {
    search_project(turn, asker, *project, count, search);
    return search;
  }
  State& state = turn.state;
  const std::set<ProjectId>& open = state.open_projects;
  ProjectId& next = state.last_project[asker.worker];
  auto it = open.lower_bound(next);
  std::optional<PartId> missing;
  const std::size_t looks = std::min(open.size(), state.limits.projects_per_pull_max);
  for (std::size_t i = 0; i < looks && search.tasks.empty(); ++i, ++it) {
    if (it == open.end()) it = open.begin();
    // The next look begins where this one ends; a project that has work is gone on with.
    next = *it;
    Search here;
    search_project(turn, asker, *it, count, here);
    if (here.missing && !missing) missing = here.missing;
    search.no_work = here.no_work;
    search.tasks = std::move(here.tasks);
  }
  if (search.tasks.empty() && looks > 0) next.value += 1;
  if (search.tasks.empty()) search.missing = missing;
  return search;
}

std::vector<TaskOffer> made_before(const Turn& turn, const Asker& asker) {
  std::vector<TaskOffer> offers;
  const auto live = turn.state.leases.find(asker.worker);
  if (live == turn.state.leases.end()) return offers;
  for (const AssignmentId& id : live->second) {
    const Part& part = turn.state.parts.at(id.part);
    const Assignment* assignment = part.tasks().find_assignment(id.no);
    if (assignment->request == static_cast<std::int64_t>(asker.from.request))
      offers.push_back(offer(turn, part, id.no));
  }
  return offers;
}

TaskOffer lease(const Turn& turn, Part& part, std::int32_t task, const Asker& asker) {
  const auto no = static_cast<std::int32_t>(part.tasks().assignments.size() + 1);
  const std::int64_t deadline_ms = turn.now_ms() + part.tasks().created.spec.lease.ms;
  turn.emit(part.id, AssignmentLeased{no, task, asker.worker, turn.now_ms(), deadline_ms,
                                      static_cast<std::int64_t>(asker.from.request)});
  count_worker(turn, part, asker.worker, 1);
  return offer(turn, part, no);
}

NoWork reason_of(ProjectState state) {
  switch (state) {
    case ProjectState::paused:
      return NoWork::project_paused;
    case ProjectState::ended:
    case ProjectState::cancelled:
      return NoWork::project_ended;
    default:
      return NoWork::no_open_project;
  }
}

std::int64_t leases_left(const Turn& turn, AccountId worker, std::int64_t asked) {
  const auto found = turn.state.leases.find(worker);
  const std::int64_t live = found == turn.state.leases.end() ? 0 : std::ssize(found->second);
  return std::min({asked, turn.state.limits.tasks_per_message_max, turn.state.limits.leases_per_worker_max - live});
}

bool had(const TaskPart& tasks, std::int32_t task_no, AccountId worker) {
  if (planted(Bug::task_given_twice)) return false;
  const Task* task = tasks.find_task(task_no);
  return std::any_of(task->assignments.begin(), task->assignments.end(),
                     [&](std::int32_t no) { return tasks.find_assignment(no)->worker == worker; });
}

bool is_counted(const Part& part) { return part.tasks().created.spec.tasks_per_worker_max > 0; }

void count_worker(const Turn& turn, const Part& part, AccountId worker, std::int64_t change) {
  if (is_counted(part)) turn.emit(control_part_of(project_of(part.id)), WorkerCounted{worker, change});
}

std::int64_t places_left_of_worker(const Turn& turn, ProjectId project, std::int64_t tasks_per_worker_max,
                                   AccountId worker) {
  if (tasks_per_worker_max == 0) return std::numeric_limits<std::int64_t>::max();
  const Part* control = turn.loaded(control_part_of(project));
  TALLY_ASSERT(control != nullptr);
  const auto& counts = control->control().worker_tasks;
  const auto found = counts.find(worker);
  return std::max<std::int64_t>(0, tasks_per_worker_max - (found == counts.end() ? 0 : found->second));
}

}  // namespace tally::core
