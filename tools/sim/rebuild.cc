#include "tools/sim/rebuild.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "broker/core/fold.h"
#include "broker/group_builder.h"
#include "common/codec/codec.h"

namespace tally::sim {
namespace {

core::Part rebuilt(storage::LoadedPart stored) {
  broker::ReadPart read = broker::read_part(std::move(stored));
  const PartId id = read.loaded.part;
  core::Part part = read.loaded.image ? core::part_from(id, std::move(*read.loaded.image)) : core::empty_part(id);
  for (const auto& batch : read.loaded.batches) {
    for (const Record& record : batch) core::fold(part, record);
  }
  part.received = {read.loaded.arrived.begin(), read.loaded.arrived.end()};
  return part;
}

// The first field of a struct whose bytes differ.
template <class S>
std::optional<std::string> first_difference(const std::string& where, const S& a, const S& b) {
  std::optional<std::string> found;
  std::apply(
      [&](const auto&... field) {
        const auto look = [&](const auto& f) {
          struct One {
            std::decay_t<decltype(a.*f.member)> value;
            static constexpr auto fields() { return std::tuple{Field{"value", &One::value}}; }
          };
          const bool is_same = codec::encode(One{a.*f.member}, codec::Form::positional) ==
                               codec::encode(One{b.*f.member}, codec::Form::positional);
          if (!is_same && !found) found = where + f.name;
        };
        (look(field), ...);
      },
      S::fields());
  return found;
}

std::optional<std::string> difference_of_tasks(const core::TaskPart& a, const core::TaskPart& b) {
  if (auto found = first_difference("tasks.", a, b)) return found;
  for (std::size_t i = 0; i < a.tasks.size(); ++i) {
    const core::Task& x = a.tasks[i];
    const core::Task& y = b.tasks[i];
    if (x.assignments != y.assignments || x.answered != y.answered || x.live != y.live) {
      return "the index of task " + std::to_string(i + 1);
    }
  }
  if (a.with_places != b.with_places) return "tasks.with_places";
  for (std::size_t kind = 0; kind < core::place_kinds; ++kind) {
    if (a.places[kind].tasks != b.places[kind].tasks) return "tasks.places of kind " + std::to_string(kind);
  }
  if (a.leased != b.leased) return "tasks.leased";
  if (a.due != b.due) return "tasks.due";
  if (a.answers_max != b.answers_max) return "tasks.answers_max";
  const auto counts = [](const core::TaskPart& p) {
    return std::tuple(p.open, p.settled, p.undecided, p.best_guesses, p.answers, p.live, p.waiting, p.under_review,
                      p.paid, p.fees);
  };
  if (counts(a) != counts(b)) return "the counts of tasks";
  return std::nullopt;
}

// Of mail whose sender has left memory, or is about to forget it, nothing needs to be known; and to know of more does
// no harm.
bool knows_what_arrived(const core::Part& memory, const core::Part& stored, const broker::EventLoop& loop) {
  if (!loop.is_settled()) return true;
  return std::all_of(stored.received.begin(), stored.received.end(), [&](const auto& mail) {
    return memory.received.contains(mail) || loop.core().find(mail.first) == nullptr;
  });
}

}  // namespace

std::optional<std::string> difference(const core::Part& memory, storage::LoadedPart stored,
                                      const broker::EventLoop& loop) {
  const core::Part other = rebuilt(std::move(stored));
  if (auto found = first_difference("ledger.", memory.ledger, other.ledger)) return found;
  if (auto found = first_difference("postbox.", memory.postbox, other.postbox)) return found;
  if (!knows_what_arrived(memory, other, loop)) return "received";
  if (is_account_part(memory.id)) return first_difference("accounts.", memory.accounts(), other.accounts());
  if (is_control_part(memory.id)) return first_difference("control.", memory.control(), other.control());
  return difference_of_tasks(memory.tasks(), other.tasks());
}

}  // namespace tally::sim
