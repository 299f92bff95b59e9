#include <utility>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

// Mail to the part from those in memory.
void send_to(const Turn& turn, PartId part) {
  for (const auto& [id, other] : turn.state.parts) {
    if (id == part) continue;
    for (const auto& [no, mail] : other.postbox.outbox) {
      if (mail.to == part) turn.effects.deliver.push_back({id, no});
    }
  }
}

// Mail that was on its way when its sender was read, and mail to the part from those in memory: it goes out again. The
// receiver knows what it has.
void send_again(const Turn& turn, const Part& part, const std::vector<std::int64_t>& received) {
  const std::set<std::int64_t> stored(received.begin(), received.end());
  for (const auto& [no, mail] : part.postbox.outbox) {
    if (stored.contains(no)) {
      // The receiver may have forgotten that it has it, when the end of this mail was decided and not stored.
      if (Part* receiver = turn.loaded(mail.to)) receiver->received.insert({part.id, no});
      turn.effects.forget.push_back({part.id, no});
    } else if (!planted(Bug::outbox_not_sent_again)) {
      turn.effects.deliver.push_back({part.id, no});
    }
  }
  send_to(turn, part.id);
}

}  // namespace

void part_loaded(const Turn& turn, const PartLoaded& loaded) {
  State& state = turn.state;
  state.loading.erase(loaded.part);
  if (turn.loaded(loaded.part) != nullptr) return;
  if (!loaded.exists) {
    // Bounded: a peer may make up any number of parts.
    if (state.absent.size() >= 10'000) state.absent.clear();
    state.absent.insert(loaded.part);
    // It may be about to be made, by a mail whose first delivery was not stored.
    send_to(turn, loaded.part);
    return;
  }
  Part part = loaded.image ? part_from(loaded.part, *loaded.image) : empty_part(loaded.part);
  for (const auto& batch : loaded.batches) {
    for (const Record& record : batch) fold(part, record);
  }
  // What its sender may still send again, and no more: the journal remembers every mail there ever was.
  part.received = {loaded.arrived.begin(), loaded.arrived.end()};
  if (planted(Bug::arrived_mail_forgotten_after_reload)) part.received.clear();
  if (planted(Bug::cap_forgotten_after_reload) && is_control_part(part.id)) part.control().worker_tasks.clear();
  const Part& kept = state.parts.emplace(loaded.part, std::move(part)).first->second;
  learn(state, kept);
  if (is_control_part(loaded.part)) {
    const ProjectState project = kept.control().state;
    if (project == ProjectState::ended || project == ProjectState::cancelled) state.droppable.insert(loaded.part);
  }
  if (is_task_part(loaded.part)) {
    const bool moves = loaded.outage_ms > 0 && !planted(Bug::deadline_off_by_outage);
    if (moves && !kept.tasks().due.empty()) turn.emit(loaded.part, DeadlinesMoved{loaded.outage_ms});
    if (kept.tasks().created.spec.tasks_per_worker_max > 0) turn.want(control_part_of(project_of(loaded.part)));
    if (kept.tasks().state == PartState::done) state.droppable.insert(loaded.part);
  }
  send_again(turn, kept, loaded.received);
}

}  // namespace tally::core
