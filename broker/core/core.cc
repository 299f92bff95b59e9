#include "broker/core/core.h"

#include <type_traits>
#include <utility>

#include "broker/core/turn.h"
#include "common/base/assert.h"

namespace tally::core {
namespace {

void run(const Turn& turn);

template <class M>
void run_request(const Turn& turn, const M& message) {
  if constexpr (std::is_same_v<M, Join>) {
    handle_join(turn, message);
  } else if constexpr (M::served != Served::core) {
    turn.refuse(RefusalCode::unknown_message, "this message is answered by a reader, not by the core");
  } else {
    const auto who = admit_in(turn.state, turn.input.from, M::roles, turn.input.at);
    if (!who) return turn.refuse(who.error());
    handle(turn, *who, message);
  }
}

bool are_account_parts_known(const Turn& turn) {
  for (std::int64_t no = 0; no < account_parts; ++no) {
    if (turn.loaded(PartId{no}) == nullptr && !turn.is_absent(PartId{no})) return false;
  }
  return true;
}

struct Dispatcher {
  const Turn& turn;

  void operator()(const Request& request) const {
    std::visit([&](const auto& message) { run_request(turn, message); }, request);
  }
  void operator()(const Tick&) const { tick(turn); }
  void operator()(const Outage& command) const { outage(turn, command); }
  void operator()(const PartLoaded& loaded) const {
    part_loaded(turn, loaded);
    // While an account part is missing nobody knows whose key a waiting command has.
    if (!are_account_parts_known(turn)) return;
    // What waited for the part has its turn now, in the order in which it came.
    if (!is_account_part(loaded.part)) return run_parked(loaded.part);
    for (const PartId part : parked_parts()) run_parked(part);
  }
  void operator()(const DeliverMail& mail) const { deliver(turn, mail); }
  void operator()(const ForgetMail& mail) const { forget(turn, mail); }
  void operator()(const Bootstrap& command) const { bootstrap(turn, command); }

  void run_parked(PartId part) const {
    for (Input& input : take_parked(turn.state, part)) {
      input.at = turn.input.at;
      run(Turn{turn.state, input, turn.effects});
    }
  }
  // Those that are not being read just now.
  [[nodiscard]] std::vector<PartId> parked_parts() const {
    std::vector<PartId> parts;
    for (const auto& [part, commands] : turn.state.parked) {
      if (!turn.state.loading.contains(part)) parts.push_back(part);
    }
    return parts;
  }
};

void run(const Turn& turn) { std::visit(Dispatcher{turn}, turn.input.command); }

}  // namespace

Core::Core(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
Core::~Core() = default;

Effects Core::apply(const Input& input) {
  Effects effects;
  const Turn turn{*state_, input, effects};
  run(turn);
  // While an account part is missing, a waiting worker's key would seem to be nobody's.
  if (has_more_to_serve() && are_account_parts_known(turn)) serve_waiting(turn);
  return effects;
}

Result<Identity, Refusal> Core::admit(const Peer& from, RoleSet roles, Time now) const {
  return admit_in(*state_, from, roles, now);
}

void Core::add_to_catalogue(ProjectId project, CatalogueEntry entry) {
  // What is in memory is newer than what was read.
  if (state_->parts.contains(control_part_of(project)) && state_->catalogue.contains(project)) {
    OpenParts& open_parts = state_->catalogue.at(project).open_parts;
    for (const std::int64_t part_no : entry.open_parts.numbers()) {
      if (!state_->parts.contains(part_of(project, part_no))) open_parts.open(part_no);
    }
    return;
  }
  if (const auto known = state_->catalogue.find(project); known != state_->catalogue.end()) {
    // It is read anew. How far workers have looked was counted in parts as they were known before.
    state_->cursors = Cursors(state_->limits.cursors_max);
    state_->deadlines.erase({known->second.deadline_ms, project});
    state_->open_projects.erase(project);
  }
  if (entry.deadline_ms > 0) state_->deadlines.insert({entry.deadline_ms, project});
  if (entry.state == ProjectState::open) state_->open_projects.insert(project);
  // Of a part that is in memory already more is known than that it is open.
  for (auto it = state_->parts.lower_bound(part_of(project, 1));
       it != state_->parts.end() && is_task_part(it->first) && project_of(it->first) == project; ++it) {
    if (it->second.tasks().with_places.empty()) entry.open_parts.places_gone(part_no_of(it->first));
  }
  state_->catalogue[project] = std::move(entry);
}

void Core::drop(PartId part) {
  const auto found = state_->parts.find(part);
  if (found == state_->parts.end()) return;
  unlearn(*state_, found->second, Leaves::undone);
  state_->parts.erase(found);
}

std::vector<PartId> Core::leavers(Time now) const { return core::leavers(*state_, now); }

void Core::put_away(PartId part) {
  const auto found = state_->parts.find(part);
  TALLY_ASSERT(found != state_->parts.end());
  TALLY_ASSERT(found->second.postbox.outbox.empty());
  unlearn(*state_, found->second, Leaves::put_away);
  state_->parts.erase(found);
}

std::vector<Peer> Core::clear() {
  std::vector<Peer> waited;
  for (const auto& [place, pull] : state_->waiting) waited.push_back(pull.from);
  for (const auto& [part, commands] : state_->parked) {
    for (const Input& input : commands) {
      if (std::holds_alternative<Request>(input.command)) waited.push_back(input.from);
    }
  }
  const Limits limits = state_->limits;
  state_ = std::make_unique<State>(limits);
  return waited;
}

const Part* Core::find(PartId part) const {
  const auto found = state_->parts.find(part);
  return found == state_->parts.end() ? nullptr : &found->second;
}

std::vector<PartId> Core::loaded() const {
  std::vector<PartId> ids;
  ids.reserve(state_->parts.size());
  for (const auto& [id, part] : state_->parts) ids.push_back(id);
  return ids;
}

bool Core::has_more_to_serve() const {
  return state_->work_version != state_->served_version && !state_->waiting.empty();
}
Time Core::next_step() const {
  const Time sweep = state_->sweeps.empty() ? never : state_->next_sweep_step;
  const Time judging = state_->judging.empty() ? never : state_->next_judging;
  return std::min(sweep, judging);
}
std::size_t Core::waiting_pulls() const { return state_->waiting.size(); }
bool Core::has_parked(PartId part) const { return state_->parked.contains(part); }

}  // namespace tally::core
