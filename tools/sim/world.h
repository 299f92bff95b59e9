#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schemas/time.h"
#include "tools/sim/trace.h"

// A whole marketplace in one thread: brokers, a database, a network, people, and what goes wrong with them; everything
// follows from one seed.
namespace tally::sim {

struct Options {
  std::uint64_t seed = 1;
  Duration length{600'000};  // With faults; then everything has to come to rest.
  Trace::Print print;        // What happens, for whoever looks for a cause; empty: nobody.
};

struct Outcome {
  std::optional<std::string> broken;  // The first promise that was broken, and how.
  Time broken_at;
  std::uint64_t digest = 0;  // Of all that happened.
  Duration simulated;
  std::int64_t events = 0;
  std::int64_t groups = 0;  // Stored.
  std::int64_t answers = 0;
  std::int64_t acknowledged = 0;  // Answers.
  std::int64_t verdicts = 0;
  std::int64_t payouts = 0;
  std::int64_t kills = 0;
  std::int64_t parts_compared = 0;  // In memory with what is stored.
};

[[nodiscard]] Outcome simulate(const Options& options);

}  // namespace tally::sim
