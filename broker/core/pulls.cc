#include <algorithm>
#include <utility>

#include "broker/core/dispatch.h"
#include "broker/core/eligibility.h"

// Pulls: answered at once, or waiting at the broker until there is work.
namespace tally::core {
namespace {

// What became of the items asked for by number. `missing`: a part that has to be read first.
struct ItemSearch {
  Tasks reply;
  std::optional<PartId> missing;
  bool may_change = false;  // Some are only taken: waiting may help.
};

ItemSearch search_items(const Turn& turn, const Asker& asker, const Pull& pull) {
  ItemSearch search;
  const auto known = turn.state.catalogue.find(*pull.project);
  if (known == turn.state.catalogue.end()) {
    search.missing = control_part_of(*pull.project);
    return search;
  }
  const CatalogueEntry& entry = known->second;
  const auto part_holding = [&](std::int64_t item) { return part_of(*pull.project, (item - 1) / entry.part_size + 1); };
  const auto is_item = [&](std::int64_t item) { return item >= 1 && item <= entry.items; };
  if (entry.keeps_workers && turn.loaded(control_part_of(*pull.project)) == nullptr) {
    search.missing = control_part_of(*pull.project);
    return search;
  }
  // Where nothing is handed out, that is the reason, and not what the worker lacks.
  if (entry.keeps_workers && entry.state == ProjectState::open) {
    const ControlPart& control = turn.loaded(control_part_of(*pull.project))->control();
    if (const auto why = why_not_eligible(turn.state.parts, control, asker.worker)) {
      search.reply.items.resize(pull.items.size(), ItemState::taken);
      search.reply.no_work = why->why;
      search.may_change = !why->is_final;
      return search;
    }
  }
  for (const std::int64_t item : pull.items) {
    if (!is_item(item) || turn.is_absent(part_holding(item)) || turn.loaded(part_holding(item)) != nullptr) continue;
    search.missing = part_holding(item);
    return search;
  }
  for (const std::int64_t item : pull.items) {
    if (Part* part = is_item(item) ? turn.loaded(part_holding(item)) : nullptr) part->care.used = turn.input.at;
  }
  const std::int64_t leases = leases_left(turn, asker.worker, std::max<std::int64_t>(1, pull.count));
  const std::int64_t places = places_left_of_worker(turn, *pull.project, entry.tasks_per_worker_max, asker.worker);
  std::int64_t left = std::min(leases, places);
  ReplyRoom room(turn);
  for (const std::int64_t item : pull.items) {
    Part* part = is_item(item) ? turn.loaded(part_holding(item)) : nullptr;
    const std::int32_t task_no = part == nullptr ? 0 : static_cast<std::int32_t>((item - 1) % entry.part_size + 1);
    const Task* task = part == nullptr ? nullptr : part->tasks().find_task(task_no);
    ItemState state = ItemState::unknown;
    if (task != nullptr) {
      state = task->state != TaskState::open ? ItemState::closed : ItemState::taken;
      if (had(part->tasks(), task_no, asker.worker)) state = ItemState::had;
      const bool open = entry.state == ProjectState::open && part->tasks().state == PartState::open;
      const bool free = task->free_places() > 0 && left > 0 && room.has_room(part->tasks());
      if (state == ItemState::taken && open && free) {
        search.reply.tasks.push_back(lease(turn, *part, task_no, asker));
        room.take(part->tasks());
        state = ItemState::leased;
        --left;
      }
    }
    search.may_change = search.may_change || state == ItemState::taken;
    search.reply.items.push_back(state);
  }
  if (search.reply.tasks.empty()) {
    search.reply.no_work = entry.state != ProjectState::open ? reason_of(entry.state)
                           : places <= 0                     ? NoWork::tasks_per_worker_reached
                           : leases <= 0                     ? NoWork::too_many_leases
                                                             : NoWork::all_tasks_taken;
    // A bound of the worker's own: waiting does not help.
    if (std::min(leases, places) <= 0) search.may_change = false;
    search.may_change = search.may_change && !is_over(entry.state);
  }
  return search;
}

// What is sent again takes the place of its first copy, which would else be given tasks of its own.
void forget_first_copy(const Turn& turn, const Identity& who) {
  const auto first = turn.state.waiting_of.find({who.account, turn.input.from.request});
  if (first == turn.state.waiting_of.end()) return;
  turn.state.waiting.erase(first->second);
  turn.state.waiting_of.erase(first);
}

void wait(const Turn& turn, const Identity& who, const Pull& pull, NoWork why) {
  State& state = turn.state;
  const std::pair request{who.account, turn.input.from.request};
  if (state.waiting.size() >= state.limits.waiting_pulls_max) {
    return turn.refuse(RefusalCode::busy, "too many workers wait for work; ask again later", 5000);
  }
  const auto first = state.waiting_of.lower_bound({who.account, 0});
  const auto last = state.waiting_of.upper_bound({who.account, UINT64_MAX});
  if (static_cast<std::size_t>(std::distance(first, last)) >= state.limits.waiting_pulls_per_account_max) {
    return turn.refuse(RefusalCode::busy, "too many of your pulls wait for work; ask for more tasks in one", 5000);
  }
  const std::int64_t wait_ms = std::min(pull.wait_ms, state.limits.wait_max.ms);
  const std::uint64_t place = state.next_waiting++;
  state.waiting.emplace(place, WaitingPull{turn.input.from, who, pull, turn.input.at + Duration{wait_ms}, why});
  state.waiting_of.emplace(request, place);
}

std::map<std::uint64_t, WaitingPull>::iterator stop_waiting(State& state,
                                                            std::map<std::uint64_t, WaitingPull>::iterator it) {
  state.waiting_of.erase({it->second.who.account, it->second.from.request});
  return state.waiting.erase(it);
}

void await(const Turn& turn, PartId part) {
  turn.state.awaited.insert(part);
  turn.want(part);
}

// A worker may have been suspended while waiting; true when that was told.
bool is_refused_since(const Turn& turn, const WaitingPull& waiting) {
  const auto who = admit_in(turn.state, waiting.from, Pull::roles, turn.input.at);
  if (who) return false;
  turn.reply_to(waiting.from, Refused{who.error().code, who.error().detail, 0});
  return true;
}

// Tries to answer a waiting pull; true when it was answered.
bool try_again(const Turn& turn, WaitingPull& waiting) {
  const Asker asker{waiting.from, waiting.who.account};
  if (is_refused_since(turn, waiting)) return true;
  if (!waiting.pull.items.empty()) {
    ItemSearch search = search_items(turn, asker, waiting.pull);
    if (search.missing) await(turn, *search.missing);
    if (search.missing || (search.reply.tasks.empty() && search.may_change)) return false;
    turn.reply_to(waiting.from, std::move(search.reply));
    return true;
  }
  Search search = search_work(turn, asker, waiting.pull.project, waiting.pull.count);
  if (search.missing && search.tasks.empty()) await(turn, *search.missing);
  waiting.why = search.no_work;
  if (search.tasks.empty()) return false;
  turn.reply_to(waiting.from, Tasks{std::move(search.tasks), std::nullopt, {}});
  return true;
}

}  // namespace

void handle(const Turn& turn, const Identity& who, const Pull& pull) {
  const Asker asker{turn.input.from, who.account};
  forget_first_copy(turn, who);
  if (!have_parts_of_leases(turn, asker)) return;
  if (auto again = made_before(turn, asker); !again.empty()) {
    // Which item is which is in the offers; the states of the others are asked for anew by the next pull.
    return turn.reply(Tasks{std::move(again), std::nullopt, {}});
  }
  if (pull.project && !turn.state.catalogue.contains(*pull.project)) {
    const PartId control = control_part_of(*pull.project);
    if (!is_control_part(control) || turn.is_absent(control)) {
      return turn.refuse(RefusalCode::project_not_found, "there is no project " + std::to_string(pull.project->value));
    }
    if (turn.need(control) == nullptr) return;
  }
  if (!pull.items.empty()) {
    if (!pull.project) return turn.refuse(RefusalCode::project_not_found, "a pull by item must name its project");
    if (!turn.state.catalogue.at(*pull.project).pull_by_item) {
      return turn.refuse(RefusalCode::pull_by_item_not_allowed, "this project does not allow to choose its tasks");
    }
    ItemSearch search = search_items(turn, asker, pull);
    if (search.missing) {
      static_cast<void>(turn.need(*search.missing));
      return;
    }
    if (search.reply.tasks.empty() && search.may_change && pull.wait_ms > 0) {
      return wait(turn, who, pull, NoWork::all_tasks_taken);
    }
    return turn.reply(std::move(search.reply));
  }
  Search search = search_work(turn, asker, pull.project, std::max<std::int64_t>(1, pull.count));
  if (!search.tasks.empty()) return turn.reply(Tasks{std::move(search.tasks), std::nullopt, {}});
  if (search.missing) {
    static_cast<void>(turn.need(*search.missing));
    return;
  }
  const bool for_good = search.no_work == NoWork::project_ended || search.no_work == NoWork::tasks_per_worker_reached ||
                        search.no_work == NoWork::too_many_leases;
  if (pull.wait_ms > 0 && !for_good) return wait(turn, who, pull, search.no_work);
  turn.reply(Tasks{{}, search.no_work, {}});
}

void serve_waiting(const Turn& turn) {
  State& state = turn.state;
  if (state.served_up_to == 0) state.pass_version = state.work_version;
  auto it = state.waiting.upper_bound(state.served_up_to);
  for (std::size_t looked = 0; looked < state.limits.pulls_per_turn_max && it != state.waiting.end(); ++looked) {
    state.served_up_to = it->first;
    it = try_again(turn, it->second) ? stop_waiting(state, it) : std::next(it);
  }
  if (it != state.waiting.end()) return;
  state.served_up_to = 0;
  state.served_version = state.pass_version;
}

void end_waits(const Turn& turn) {
  State& state = turn.state;
  for (auto it = state.waiting.begin(); it != state.waiting.end();) {
    if (it->second.until > turn.input.at) {
      ++it;
      continue;
    }
    const WaitingPull waiting = it->second;
    it = stop_waiting(state, it);
    if (is_refused_since(turn, waiting)) continue;
    const Asker asker{waiting.from, waiting.who.account};
    Tasks reply{{}, waiting.why, {}};
    if (!waiting.pull.items.empty()) {
      ItemSearch search = search_items(turn, asker, waiting.pull);
      if (!search.missing) reply = std::move(search.reply);
    }
    turn.reply_to(waiting.from, std::move(reply));
  }
}

}  // namespace tally::core
