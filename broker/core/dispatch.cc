#include "broker/core/dispatch.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/core/choice.h"
#include "broker/core/eligibility.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

constexpr std::ptrdiff_t read_ahead_share = 2;  // When half of a part's tasks is left to hand out.

// Its task is told for its values to be found; where item numbers are not told, it leaves with the values.
TaskOffer offer(const Turn& turn, const Part& part, std::int32_t no) {
  const TaskPart& tasks = part.tasks();
  const Assignment* assignment = tasks.find_assignment(no);
  TALLY_ASSERT(assignment != nullptr);
  TaskOffer made;
  made.assignment = {part.id, no};
  made.task = {part.id, assignment->task};
  const bool is_told = tasks.created.spec.tells_items() || planted(Bug::item_told_by_skill);
  if (is_told) made.item_no = tasks.created.first_item + assignment->task - 1;
  made.project = project_of(part.id);
  made.lease_left_ms = assignment->deadline_ms - turn.now_ms();
  made.reward = tasks.created.spec.reward;
  return made;
}

// The next part is read before the last tasks of this one are gone: the project's own, or that of the next project.
void read_ahead(const Turn& turn, const Part& part, const OpenParts& open_parts) {
  const State& state = turn.state;
  const TaskPart& tasks = part.tasks();
  if (tasks.with_places.size() * read_ahead_share > std::ssize(tasks.tasks)) return;
  if (state.loading.size() >= state.limits.loading_ahead_max) return;
  const ProjectId project = project_of(part.id);
  if (const auto next = open_parts.after(part_no_of(part.id))) return turn.want(part_of(project, *next));
  const auto other = state.open_projects.upper_bound(project);
  if (other == state.open_projects.end()) return;
  if (const auto first = state.catalogue.at(*other).open_parts.after(0)) turn.want(part_of(*other, *first));
}

// Leases tasks of the part until there are `count`, or no more; true when the worker may find more of it later.
bool lease_from(const Turn& turn, const Asker& asker, Part& part, std::int64_t count, ReplyRoom& room, Search& search) {
  part.care.used = turn.input.at;
  while (std::ssize(search.tasks) < count) {
    if (!room.has_room(part.tasks())) return true;
    const auto task = choose_task(turn, part, asker.worker);
    if (!task) return false;
    search.tasks.push_back(lease(turn, part, *task, asker));
    room.take(part.tasks());
  }
  return true;
}

void search_project(const Turn& turn, const Asker& asker, ProjectId project, std::int64_t count, Search& search) {
  const auto known = turn.state.catalogue.find(project);
  if (known == turn.state.catalogue.end()) {
    search.missing = control_part_of(project);
    return;
  }
  const CatalogueEntry& entry = known->second;
  if (entry.state != ProjectState::open) {
    search.no_work = reason_of(entry.state);
    return;
  }
  const PartId control = control_part_of(project);
  if (entry.keeps_workers && turn.loaded(control) == nullptr) {
    search.missing = control;
    return;
  }
  if (entry.keeps_workers) {
    Part& asked = *turn.loaded(control);
    asked.care.used = turn.input.at;
    if (const auto why = why_not_eligible(turn.state.parts, asked.control(), asker.worker)) {
      search.no_work = why->why;
      return;
    }
  }
  const std::int64_t left = places_left_of_worker(turn, project, entry.tasks_per_worker_max, asker.worker);
  if (left == 0) {
    search.no_work = NoWork::tasks_per_worker_reached;
    return;
  }
  count = std::min(count, left);
  search.no_work = NoWork::all_tasks_taken;
  ReplyRoom room(turn);
  OpenParts::Cursor& cursor = turn.state.cursors.of(asker.worker, project, entry.open_parts);
  while (const auto look = entry.open_parts.next(cursor)) {
    Part* part = turn.loaded(part_of(project, look->part_no));
    if (part == nullptr) {
      search.missing = part_of(project, look->part_no);
      return;
    }
    if (lease_from(turn, asker, *part, count, room, search)) return read_ahead(turn, *part, entry.open_parts);
    OpenParts::passed(cursor, *look);
  }
  if (entry.open_parts.after(0)) search.no_work = NoWork::had_every_task;
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
  std::optional<ProjectId> unread;  // Where it is missing.
  const std::size_t looks = std::min(open.size(), state.limits.projects_per_pull_max);
  for (std::size_t i = 0; i < looks && search.tasks.empty(); ++i, ++it) {
    if (it == open.end()) it = open.begin();
    // The next look begins where this one ends; a project that has work is gone on with.
    next = *it;
    Search here;
    search_project(turn, asker, *it, count, here);
    if (here.missing && !missing) {
      missing = here.missing;
      unread = *it;
    }
    search.no_work = here.no_work;
    search.tasks = std::move(here.tasks);
  }
  if (!search.tasks.empty() || looks == 0) return search;
  // When the part has been read the look goes on with it.
  next = unread ? *unread : ProjectId{next.value + 1};
  search.missing = missing;
  return search;
}

std::vector<TaskOffer> made_before(const Turn& turn, const Asker& asker) {
  std::vector<TaskOffer> offers;
  const auto live = turn.state.leases.find(asker.worker);
  if (live == turn.state.leases.end()) return offers;
  for (const auto& [id, request] : live->second) {
    if (request != static_cast<std::int64_t>(asker.from.request)) continue;
    offers.push_back(offer(turn, turn.state.parts.at(id.part), id.no));
  }
  return offers;
}

bool have_parts_of_leases(const Turn& turn, const Asker& asker) {
  const auto live = turn.state.leases.find(asker.worker);
  if (live == turn.state.leases.end()) return true;
  return std::all_of(live->second.begin(), live->second.end(), [&](const auto& lease) {
    return lease.second != static_cast<std::int64_t>(asker.from.request) || turn.need(lease.first.part) != nullptr;
  });
}

TaskOffer lease(const Turn& turn, Part& part, std::int32_t task, const Asker& asker) {
  tell_what_is_known(turn, part, asker.worker);
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

bool had(const TaskPart& tasks, const Task& task, AccountId worker) {
  if (planted(Bug::task_given_twice)) return false;
  return std::any_of(task.assignments.begin(), task.assignments.end(),
                     [&](std::int32_t no) { return tasks.find_assignment(no)->worker == worker; });
}
bool had(const TaskPart& tasks, std::int32_t task_no, AccountId worker) {
  return had(tasks, *tasks.find_task(task_no), worker);
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
