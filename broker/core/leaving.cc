#include <algorithm>
#include <utility>
#include <vector>

#include "broker/core/turn.h"

// Which parts leave memory, so that it holds what is worked on and not what waits: those that nobody has needed for a
// while, and, when there is more than memory is meant for, those that were needed longest ago.
namespace tally::core {
namespace {

constexpr Duration check_every{200};
constexpr Duration over_for{5'000};     // What came to its end just now may be asked about again.
constexpr std::size_t sweeps_max = 64;  // Under way: each may be a mail to every account part.

constexpr std::size_t of_note = 100;

std::size_t bytes_of(const ControlPart& control) {
  const std::size_t notes =
      control.parts.size() + control.worker_tasks.size() + control.gold.size() + control.trainees.size();
  std::size_t of_skills = 0;
  for (const auto& [field_no, workers] : control.skills.workers) {
    // All rows of a field are as long.
    const std::size_t counts = workers.empty() ? 0 : workers.begin()->second.size();
    of_skills += workers.size() * (of_note + counts * sizeof(std::int64_t));
  }
  return notes * of_note + of_skills;
}

// About what a part takes, with its index and what the allocator adds.
std::size_t bytes_of(const Part& part) {
  constexpr std::size_t of_any_part = 4096;
  constexpr std::size_t of_assignment = sizeof(Assignment) + 200;  // Its ballots and digest.
  if (is_control_part(part.id)) return of_any_part + bytes_of(part.control());
  const TaskPart& tasks = part.tasks();
  std::size_t of_models = 0;
  for (const auto& [field_no, model] : tasks.models) of_models += model.bytes();
  return of_any_part + of_models + tasks.tasks.size() * (sizeof(Task) + 8) + tasks.assignments.size() * of_assignment +
         (part.ledger.balances.size() + part.care.cursors.size() + tasks.leased.size() + tasks.gold.size() +
          tasks.audits.size()) *
             of_note;
}

bool has_ended(const Part& part) {
  if (is_task_part(part.id)) return part.tasks().state == PartState::done;
  return is_over(part.control().state);
}

bool is_in_hand(const Part& part) { return is_task_part(part.id) && part.tasks().live > 0; }

// Whether the look that only a part in memory gets, for tasks that nobody is left for, is still to come.
bool is_to_be_looked_at(const Part& part, Time now) {
  if (is_task_part(part.id)) {
    const std::int64_t wake = wake_ms(part);
    return wake > 0 && wake <= now.ms && part.tasks().state == PartState::open && part.care.looked_through.ms < wake;
  }
  const ControlPart& control = part.control();
  const bool is_capped = control.opened.spec.tasks_per_worker_max > 0;
  return is_capped && control.state == ProjectState::open && part.care.looked_through < part.care.used;
}

// Mail leaves only from memory, as what is due is only done there; and what waits for a part would ask for it again.
bool is_held(const State& state, const Part& part, Time now) {
  const std::int64_t due = is_task_part(part.id) ? next_due_ms(part) : 0;
  return !part.postbox.outbox.empty() || (due > 0 && due <= now.ms) || state.parked.contains(part.id) ||
         state.used_up_since.contains(project_of(part.id)) || is_to_be_looked_at(part, now);
}

// Those that are to leave, though they may have earnings to send before.
std::vector<const Part*> chosen(const State& state, Time now) {
  const Limits& limits = state.limits;
  std::vector<const Part*> leaving;
  std::vector<const Part*> may_leave;
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (auto it = state.parts.lower_bound(PartId{parts_per_project}); it != state.parts.end(); ++it) {
    const Part& part = it->second;
    bytes += bytes_of(part);
    ++count;
    if (is_held(state, part, now)) continue;
    const Duration idle = now - part.care.used;
    const bool is_idle = idle >= (has_ended(part) ? over_for : limits.part_idle_max) && !is_in_hand(part);
    if (is_idle) {
      leaving.push_back(&part);
      bytes -= bytes_of(part);
      --count;
    } else if (idle >= in_use_for) {
      may_leave.push_back(&part);
    }
  }
  if (bytes <= limits.part_bytes_max && count <= limits.parts_in_memory_max) return leaving;
  std::sort(may_leave.begin(), may_leave.end(), [](const Part* a, const Part* b) {
    return std::pair(a->care.used, a->id) < std::pair(b->care.used, b->id);
  });
  for (const Part* part : may_leave) {
    if (bytes <= limits.part_bytes_max && count <= limits.parts_in_memory_max) break;
    leaving.push_back(part);
    bytes -= bytes_of(*part);
    --count;
  }
  return leaving;
}

}  // namespace

std::vector<PartId> leavers(const State& state, Time now) {
  std::vector<PartId> ids;
  for (const Part* part : chosen(state, now)) {
    if (!is_task_part(part->id) || !has_unswept(*part)) ids.push_back(part->id);
  }
  return ids;
}

// Earnings go to their wallets first: the part leaves when its mail has arrived.
void sweep_leaving(const Turn& turn) {
  State& state = turn.state;
  if (turn.input.at < state.next_leaving) return;
  state.next_leaving = turn.input.at + check_every;
  for (const Part* part : chosen(state, turn.input.at)) {
    if (state.sweeps.size() >= sweeps_max) return;
    if (is_task_part(part->id)) begin_sweep(state, *part);
  }
}

}  // namespace tally::core
