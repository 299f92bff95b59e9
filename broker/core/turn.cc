#include "broker/core/turn.h"

#include <utility>

#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

void note_due(State& state, const Part& part) {
  const std::int64_t next = next_due_ms(part);
  const auto known = state.due_of.find(part.id);
  if (known != state.due_of.end()) {
    if (known->second == next) return;
    state.due.erase({known->second, part.id});
    state.due_of.erase(known);
  }
  if (next == 0 || !is_task_part(part.id)) return;
  state.due.insert({next, part.id});
  state.due_of.emplace(part.id, next);
}

void note_project(State& state, ProjectId project, const ControlPart& control) {
  CatalogueEntry& entry = state.catalogue[project];
  state.deadlines.erase({entry.deadline_ms, project});
  entry.owner = control.opened.owner;
  entry.state = control.state;
  entry.deadline_ms = control.deadline_ms;
  entry.tasks_per_worker_max = control.opened.spec.tasks_per_worker_max;
  entry.keeps_workers = control.opened.spec.keeps_workers();
  entry.pull_by_item = control.opened.spec.pull_by_item;
  entry.part_size = control.opened.part_size;
  entry.items = control.opened.items;
  if (entry.state == ProjectState::open) {
    state.open_projects.insert(project);
  } else {
    state.open_projects.erase(project);
  }
  const bool running = entry.state == ProjectState::open || entry.state == ProjectState::paused;
  if (running && entry.deadline_ms > 0) state.deadlines.insert({entry.deadline_ms, project});
}

void note_open_part(State& state, PartId part, PartState part_state) {
  if (part_state == PartState::open) {
    state.catalogue[project_of(part)].open_parts.open(part_no_of(part));
    return;
  }
  const auto entry = state.catalogue.find(project_of(part));
  if (entry != state.catalogue.end()) entry->second.open_parts.close(part_no_of(part));
}

// How often a task joined those that have a place. One that may be a check is no work.
std::size_t joined_of(const TaskPart& tasks) {
  std::size_t sum = 0;
  for (const PlaceKind kind : {PlaceKind::fresh, PlaceKind::hard, PlaceKind::gold}) sum += tasks.of(kind).joined.size();
  return sum;
}

// What the places of a task part were before a record was folded into it.
struct PlacesBefore {
  explicit PlacesBefore(const Part& part)
      : joined(is_task_part(part.id) ? joined_of(part.tasks()) : 0),
        had_any(is_task_part(part.id) && !part.tasks().with_places.empty()) {}
  std::size_t joined;
  bool had_any;
};

void note_places(State& state, const Part& part, const PlacesBefore& before) {
  const TaskPart& tasks = part.tasks();
  const bool more = joined_of(tasks) > before.joined;
  if (more) ++state.work_version;
  if (!more && (!before.had_any || !tasks.with_places.empty())) return;
  const auto entry = state.catalogue.find(project_of(part.id));
  if (entry == state.catalogue.end()) return;
  if (tasks.with_places.empty()) {
    entry->second.open_parts.places_gone(part_no_of(part.id));
  } else if (more) {
    entry->second.open_parts.place_freed(part_no_of(part.id));
  }
}

void add_lease(State& state, const Assignment& lease, AssignmentId id) {
  state.leases[lease.worker][id] = lease.request;
}

void remove_lease(State& state, const Assignment& lease, AssignmentId id) {
  const auto found = state.leases.find(lease.worker);
  TALLY_ASSERT(found != state.leases.end());
  const std::size_t removed = found->second.erase(id);
  TALLY_ASSERT(removed == 1);
  if (found->second.empty()) state.leases.erase(found);
}

// Does it for every live lease of the part.
void for_each_lease(State& state, const Part& part, void (*change)(State&, const Assignment&, AssignmentId)) {
  const std::vector<Assignment>& assignments = part.tasks().assignments;
  for (const auto& [ms, no] : part.tasks().due) {
    const Assignment& assignment = assignments[static_cast<std::size_t>(no) - 1];
    if (assignment.state == AssignmentState::live) change(state, assignment, {part.id, no});
  }
}

void learn_task_part(State& state, const Part& part) {
  for_each_lease(state, part, add_lease);
  if (is_at_its_end(part.tasks())) state.sweeps.try_emplace(part.id);
  const bool may_settle = part.tasks().open > 0 && part.tasks().created.spec.redundancy.confidence_ppm > 0;
  if (may_settle) judge_all_anew(state, part);
  note_open_part(state, part.id, part.tasks().state);
  if (part.tasks().state != PartState::open) return;
  OpenParts& open_parts = state.catalogue[project_of(part.id)].open_parts;
  if (part.tasks().with_places.empty()) {
    open_parts.places_gone(part_no_of(part.id));
  } else if (!open_parts.has_places(part_no_of(part.id))) {
    open_parts.place_freed(part_no_of(part.id));
  }
}

// What a record changes around its part; sees the part as it was before it is folded.
struct Learner {
  State& state;
  const Part& part;

  void lease_ends(std::int32_t no) const {
    const Assignment* assignment = part.tasks().find_assignment(no);
    TALLY_ASSERT(assignment != nullptr);
    if (assignment->state == AssignmentState::live) remove_lease(state, *assignment, {part.id, no});
  }
  void operator()(const AssignmentLeased& r) const { state.leases[r.worker][{part.id, r.no}] = r.request; }
  void operator()(const AssignmentEnded& r) const {
    lease_ends(r.no);
    // Claims may have changed while it was in somebody's hands.
    if (part.tasks().created.spec.redundancy.confidence_ppm > 0) judge_all_anew(state, part);
  }
  void operator()(const AnswerAccepted& r) const { lease_ends(r.assignment); }
  void operator()(const KeyEnrolled& r) const {
    Account account = part.accounts().accounts.at(r.account);
    state.active_workers -= is_active_worker(account) ? 1 : 0;
    state.keys.erase(account.key.value);
    account.key = r.key;
    state.keys[r.key.value] = r.account;
    state.active_workers += is_active_worker(account) ? 1 : 0;
  }
  void operator()(const AccountSuspended& r) const {
    Account account = part.accounts().accounts.at(r.account);
    state.active_workers -= is_active_worker(account) ? 1 : 0;
    account.suspended = r.suspended;
    state.active_workers += is_active_worker(account) ? 1 : 0;
  }
  void operator()(const GrantOpened& r) const {
    Account account = part.accounts().accounts.at(r.account);
    state.active_workers -= is_active_worker(account) ? 1 : 0;
    account.grants.try_emplace(r.no);
    state.active_workers += is_active_worker(account) ? 1 : 0;
  }
  void operator()(const GrantEnded& r) const {
    Account account = part.accounts().accounts.at(r.account);
    state.active_workers -= is_active_worker(account) ? 1 : 0;
    account.grants.erase(r.no);
    state.active_workers += is_active_worker(account) ? 1 : 0;
  }
  void operator()(const PartStateChanged& r) const {
    note_open_part(state, part.id, r.state);
    ++state.work_version;
  }
  void operator()(const VerdictReached&) const { ++state.work_version; }
  void operator()(const MailSent& r) const { state.mail_to.insert({r.to, part.id, r.no}); }
  void operator()(const MailDelivered& r) const {
    if (const MailSent* mail = find_mail(part, r.no)) state.mail_to.erase({mail->to, part.id, r.no});
  }
  template <class Other>
  void operator()(const Other&) const {}
};

// Nothing is handed out of it any more; who asks reads its control part.
void forget_project_if_over(State& state, const Part& control) {
  if (!is_over(control.control().state)) return;
  const auto entry = state.catalogue.find(project_of(control.id));
  if (entry != state.catalogue.end() && entry->second.open_parts.empty()) state.catalogue.erase(entry);
}

}  // namespace

bool is_active_worker(const Account& account) {
  const bool has_way_in = !account.key.value.empty() || !account.grants.empty();
  return account.role == Role::worker && !account.suspended && has_way_in;
}

void learn(State& state, const Part& part) {
  state.absent.erase(part.id);
  if (is_account_part(part.id)) {
    for (const auto& [id, account] : part.accounts().accounts) {
      if (!account.key.value.empty()) state.keys[account.key.value] = id;
      state.active_workers += is_active_worker(account) ? 1 : 0;
    }
  } else if (is_control_part(part.id)) {
    note_project(state, project_of(part.id), part.control());
  } else {
    learn_task_part(state, part);
  }
  if (state.awaited.erase(part.id) > 0) ++state.work_version;
  for (const auto& [no, mail] : part.postbox.outbox) state.mail_to.insert({mail.to, part.id, no});
  note_due(state, part);
}

void unlearn(State& state, const Part& part, Leaves how) {
  for (const auto& [no, mail] : part.postbox.outbox) state.mail_to.erase({mail.to, part.id, no});
  state.sweeps.erase(part.id);
  state.judging.erase(part.id);
  if (is_account_part(part.id)) {
    for (const auto& [id, account] : part.accounts().accounts) {
      state.keys.erase(account.key.value);
      state.active_workers -= is_active_worker(account) ? 1 : 0;
    }
  } else if (is_task_part(part.id) && how == Leaves::undone) {
    for_each_lease(state, part, remove_lease);
    // A place that was taken may be free again.
    const auto entry = state.catalogue.find(project_of(part.id));
    if (entry != state.catalogue.end()) entry->second.open_parts.place_freed(part_no_of(part.id));
    ++state.work_version;
  } else if (is_control_part(part.id)) {
    state.used_up_since.erase(project_of(part.id));
    if (how == Leaves::put_away) forget_project_if_over(state, part);
  }
  const auto known = state.due_of.find(part.id);
  if (known == state.due_of.end()) return;
  state.due.erase({known->second, part.id});
  state.due_of.erase(known);
}

void Turn::emit(PartId id, Record record) const {
  const auto found = state.parts.find(id);
  TALLY_ASSERT(found != state.parts.end());
  Part& part = found->second;
  std::visit(Learner{state, part}, record);
  const PlacesBefore before(part);
  fold(part, record);
  if (is_task_part(id)) note_places(state, part, before);
  if (is_control_part(id)) note_project(state, project_of(id), part.control());
  note_due(state, part);
  if (planted(Bug::lost_lease) && std::holds_alternative<AssignmentLeased>(record)) return;
  effects.records.push_back({id, std::move(record)});
}

void Turn::store(PartId part, ContentKind kind, std::int64_t no,
                 std::variant<std::string, Item, AnswerValues> body) const {
  effects.contents.push_back({part, kind, no, std::move(body)});
}

void Turn::reply_to(const Peer& peer, Reply reply) const {
  effects.replies.push_back({peer.channel, peer.request, std::move(reply)});
}

void Turn::refuse(RefusalCode code, std::string detail, std::int64_t retry_after_ms) const {
  reply(Refused{code, std::move(detail), retry_after_ms});
}

Part* Turn::loaded(PartId part) const {
  const auto found = state.parts.find(part);
  return found == state.parts.end() ? nullptr : &found->second;
}

void Turn::want(PartId part) const {
  if (loaded(part) != nullptr) return;
  if (state.loading.insert(part).second) effects.load.push_back(part);
}

void Turn::want_in_between(PartId part) const {
  if (loaded(part) != nullptr || state.loading.contains(part)) return;
  if (state.loading_in_between.insert(part).second) effects.load_in_between.push_back(part);
}

Part* Turn::need(PartId part) const {
  const bool is_asked = std::holds_alternative<Request>(input.command);
  if (Part* found = loaded(part)) {
    if (is_asked) found->care.used = input.at;
    return found;
  }
  if (is_asked) {
    const auto queue = state.parked.find(part);
    const std::size_t before = queue == state.parked.end() ? 0 : queue->second.size();
    State::Parked& all = state.parked_of_clients;
    // A message that is past the bound by itself waits alone: refused, it would be sent again for ever.
    const auto is_too_much = [&](const State::Parked& parked, std::size_t bytes_max) {
      return parked.requests > 0 && parked.bytes + input.bytes > bytes_max;
    };
    if (before >= state.limits.parked_per_part_max || all.requests >= state.limits.parked_max ||
        is_too_much(all, state.limits.parked_bytes_max)) {
      refuse(RefusalCode::busy, "too many commands wait for " + to_text(part) + "; send it again later", 1000);
      return nullptr;
    }
    const std::string client = client_of(input.from);
    State::Parked& of_key = state.parked_of_key[client];
    if (of_key.requests >= state.limits.parked_per_key_max ||
        is_too_much(of_key, state.limits.parked_bytes_per_key_max)) {
      if (of_key.requests == 0) state.parked_of_key.erase(client);
      refuse(RefusalCode::busy, "too many of your messages wait for their project; send it again later", 1000);
      return nullptr;
    }
    for (State::Parked* parked : {&of_key, &all}) {
      ++parked->requests;
      parked->bytes += input.bytes;
    }
  }
  state.parked[part].push_back(input);
  if (is_asked) {
    want(part);
  } else {
    want_in_between(part);
  }
  return nullptr;
}

void note_absent(State& state, PartId part) {
  // Bounded: a peer may make up any number of parts. Who asks for one that was forgotten has it looked up again.
  if (state.absent.size() >= 10'000) state.absent.clear();
  state.absent.insert(part);
}

std::deque<Input> take_parked(State& state, PartId part) {
  const auto found = state.parked.find(part);
  if (found == state.parked.end()) return {};
  std::deque<Input> waited = std::move(found->second);
  state.parked.erase(found);
  for (const Input& input : waited) {
    if (!std::holds_alternative<Request>(input.command)) continue;
    const auto of_key = state.parked_of_key.find(client_of(input.from));
    for (State::Parked* parked : {&of_key->second, &state.parked_of_clients}) {
      --parked->requests;
      parked->bytes -= input.bytes;
    }
    if (of_key->second.requests == 0) state.parked_of_key.erase(of_key);
  }
  return waited;
}

std::int32_t Turn::transfer(Part& part, TransferKind kind, SubAccount from, SubAccount to, Micros amount,
                            std::int32_t assignment, std::int32_t reverses) const {
  const std::int32_t no = part.ledger.next_transfer;
  emit(part.id, TransferPosted{no, kind, from, to, amount, assignment, reverses, now_ms()});
  return no;
}

void Turn::mail(Part& part, PartId to, Mail body) const {
  const std::int64_t no = part.postbox.next_no;
  emit(part.id, MailSent{no, to, std::move(body)});
  effects.deliver.push_back({part.id, no});
}

Result<const CommandKept*, Refusal> find_kept(const Turn& turn, const std::map<std::string, CommandKept>& kept,
                                              AccountId account, const std::string& key) {
  const auto found = kept.find(kept_name(account, key));
  if (found == kept.end()) return nullptr;
  if (found->second.input_digest.value == bytes_of(turn.input.body_digest)) return &found->second;
  return Unexpected{Refusal{RefusalCode::key_reused,
                            "this key was used for a command with other content; use a new key for a new command", 0}};
}

void keep(const Turn& turn, Part& part, AccountId account, const std::string& key, std::vector<std::int64_t> result) {
  if (planted(Bug::command_not_kept)) return;
  turn.emit(part.id, CommandKept{account, key, Bytes{bytes_of(turn.input.body_digest)}, std::move(result)});
}

}  // namespace tally::core
