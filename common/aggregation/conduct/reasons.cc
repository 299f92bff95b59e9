#include <charconv>
#include <cmath>

#include "common/aggregation/conduct/conduct.h"
#include "common/base/assert.h"

// Signals in words.
namespace tally::aggregation::conduct {
namespace {

// How many names of a ring a sentence holds.
constexpr std::size_t names_max = 12;

std::string decimal(double value, int places) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, places);
  TALLY_ASSERT(end.ec == std::errc());
  return {text.data(), end.ptr};
}

// Of a count: whole where that says enough.
std::string about(double count) { return decimal(count, count < 10 ? 1 : 0); }

std::string of_so_many(std::int64_t count, std::int64_t of) {
  return std::to_string(count) + " of " + std::to_string(of);
}

std::string improbability(double log10_p) {
  const auto power = static_cast<std::int64_t>(std::ceil(log10_p));
  return power >= 0 ? "p near 1" : "p < 1e" + std::to_string(power);
}

std::string quoted(const std::string& name) { return '"' + name + '"'; }

Reason constant_reason(const Signal& signal, const std::string& worker, const std::string& label) {
  const std::string first = signal.kind == SignalKind::always_first ? ", the form's first option," : "";
  const std::string found = of_so_many(signal.count, signal.of);
  return {
      worker + " answered " + quoted(label) + first + " to " + found +
          " tasks for which the others or gold say something else, and agrees with them no more than chance does (" +
          improbability(signal.log10_p) + " for who gives it to two thirds of such tasks).",
      "You answered " + quoted(label) + first + " to " + found +
          " tasks for which the other workers or a known answer say something else."};
}

Reason random_reason(const Signal& signal, const std::string& worker, const Conduct& conduct) {
  const std::string found = of_so_many(signal.count, signal.of);
  return {worker + " agrees with the others or gold on " + found + " tasks, where answers without looking would on " +
              about(signal.expected) + " and half of what the best quarter reaches (kappa " +
              decimal(conduct.best_beyond_chance, 2) + ") on " + about(signal.measure) + " (" +
              improbability(signal.log10_p) + " for who reaches that half).",
          "Your answers agree with the other workers' or a known answer on " + found +
              " tasks; answers given without looking would on about " + about(signal.expected) + "."};
}

Reason too_fast_reason(const Signal& signal, const std::string& worker) {
  const std::string found = of_so_many(signal.count, signal.of);
  const std::string percent = decimal(100 * too_fast_share, 0) + " %";
  return {worker + " took less than " + percent + " of the usual time for " + found + " answers, in the median " +
              decimal(100 * signal.measure, 0) + " % (" + improbability(signal.log10_p) +
              " for who takes longer for half of them); being fast alone is no proof.",
          "You took less than " + percent + " of the time that others usually take for " + found + " answers."};
}

// The others of the ring.
std::string names_of(const Ring& ring, std::int32_t worker, const NameOf& worker_name) {
  std::string names;
  std::size_t named = 0;
  for (const std::int32_t other : ring.workers) {
    if (other == worker || named == names_max) continue;
    if (named++ > 0) names += ", ";
    names += worker_name(other);
  }
  const std::size_t others = ring.workers.size() - 1;
  return others > named ? names + " and " + std::to_string(others - named) + " more" : names;
}

Reason copying_reason(const Signal& signal, const std::string& worker, const Ring& ring, const NameOf& worker_name) {
  return {worker + " is in a ring with " + names_of(ring, signal.worker, worker_name) +
              ": with the closest of them it shares the same wrong answer on " + of_so_many(signal.count, signal.of) +
              " tasks, where independent workers would on " + about(signal.expected) + " (" +
              improbability(signal.log10_p) + "); who copied from whom does not show.",
          "On " + of_so_many(signal.count, signal.of) +
              " tasks your answer is the same wrong one as another worker's; independent workers would share about " +
              about(signal.expected) + "."};
}

}  // namespace

Reason reason_of(const Signal& signal, const Conduct& conduct, const NameOf& worker_name, const NameOf& label_name) {
  const std::string worker = worker_name(signal.worker);
  switch (signal.kind) {
    case SignalKind::constant:
    case SignalKind::always_first:
      return constant_reason(signal, worker, label_name(signal.label));
    case SignalKind::random:
      return random_reason(signal, worker, conduct);
    case SignalKind::too_fast:
      return too_fast_reason(signal, worker);
    case SignalKind::copying:
      TALLY_ASSERT(signal.ring >= 0);
      return copying_reason(signal, worker, conduct.rings.at(static_cast<std::size_t>(signal.ring)), worker_name);
  }
  TALLY_ASSERT(false);
  return {};
}

}  // namespace tally::aggregation::conduct
