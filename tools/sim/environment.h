#pragma once

#include "tools/sim/faults.h"
#include "tools/sim/random.h"
#include "tools/sim/schedule.h"
#include "tools/sim/trace.h"

namespace tally::sim {

// What everything in a simulated world shares. One thread; outlives all that uses it.
struct Environment {
  Schedule schedule;
  Random random;  // Of chance that belongs to nobody: delays, losses, failures.
  Faults faults;  // Cleared when the world has to come to rest.
  Trace trace;

  [[nodiscard]] Time now() const { return schedule.now(); }
};

}  // namespace tally::sim
