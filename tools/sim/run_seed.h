#pragma once

#include <cstdint>
#include <string>

#include "tools/sim/world.h"

namespace tally::sim {

// simulate() in a process of its own, so that a failed assertion of the broker is one more thing that a seed found: it
// is in Outcome::broken. Throws std::runtime_error when no process can be made.
[[nodiscard]] Outcome run_seed(const Options& options);

}  // namespace tally::sim
