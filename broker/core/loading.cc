#include <utility>

#include "broker/core/turn.h"
#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::core {
namespace {

// Mail to the part from those in memory.
void send_to(const Turn& turn, PartId part) {
  const auto& mail_to = turn.state.mail_to;
  for (auto mail = mail_to.lower_bound({part, PartId{}, 0}); mail != mail_to.end(); ++mail) {
    const auto& [to, from, no] = *mail;
    if (to != part) return;
    turn.effects.deliver.push_back({from, no});
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
  const bool is_asked_for = state.loading.erase(loaded.part) > 0;
  state.loading_in_between.erase(loaded.part);
  if (turn.loaded(loaded.part) != nullptr) return;
  if (!loaded.exists) {
    note_absent(state, loaded.part);
    if (state.awaited.erase(loaded.part) > 0) ++state.work_version;
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
  // What is read for mail alone may leave as soon as it has it: a large project opens one part after the other.
  part.care.used = is_asked_for ? turn.input.at : Time{turn.now_ms() - in_use_for.ms};
  if (planted(Bug::arrived_mail_forgotten_after_reload)) part.received.clear();
  if (planted(Bug::cap_forgotten_after_reload) && is_control_part(part.id)) part.control().worker_tasks.clear();
  const Part& kept = state.parts.emplace(loaded.part, std::move(part)).first->second;
  learn(state, kept);
  if (is_task_part(loaded.part)) {
    const bool moves = loaded.outage_ms > 0 && !planted(Bug::deadline_off_by_outage);
    if (moves && !kept.tasks().due.empty()) turn.emit(loaded.part, DeadlinesMoved{loaded.outage_ms});
    if (kept.tasks().created.spec.keeps_workers()) turn.want_in_between(control_part_of(project_of(loaded.part)));
  }
  send_again(turn, kept, loaded.received);
}

}  // namespace tally::core
