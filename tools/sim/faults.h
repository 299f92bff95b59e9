#pragma once

#include <cstdint>

#include "schemas/time.h"
#include "tools/sim/random.h"

// What goes wrong in a simulated world, and how often. Each seed has faults of its own: some worlds are quiet but for
// one kind, in which that one is not drowned by the others.
namespace tally::sim {

struct Faults {
  // Of a thousand messages, each way.
  std::int64_t lost = 0;
  std::int64_t twice = 0;
  std::int64_t late = 0;  // Seconds to minutes; others overtake them.

  // Of a thousand commits.
  std::int64_t fails = 0;            // Before COMMIT: passing.
  std::int64_t in_doubt_stored = 0;  // An error of COMMIT, and it was stored.
  std::int64_t in_doubt_absent = 0;  // An error of COMMIT, and it was not.
  std::int64_t slow = 0;             // Stored or told seconds later.
  std::int64_t refused = 0;          // Definite: nothing is stored.
  // Of a thousand reads of a part or of contents.
  std::int64_t unreadable = 0;

  // How often on average; zero: never.
  Duration database_away_every{0};
  Duration broker_crash_every{0};
  Duration broker_pause_every{0};
  Duration partition_every{0};
  bool two_brokers = false;
  bool wall_clock_jumps = false;  // Of hours, between the lives of a broker.
};

[[nodiscard]] Faults faults_of(Random& random);

// Some moment after the last one, `every` on average.
[[nodiscard]] Duration next_gap(Random& random, Duration every);

}  // namespace tally::sim
