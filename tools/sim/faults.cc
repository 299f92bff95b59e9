#include "tools/sim/faults.h"

namespace tally::sim {
namespace {

// Off in half of the worlds.
std::int64_t share(Random& random, std::int64_t most) { return random.percent(50) ? 0 : random.between(1, most); }
Duration gap(Random& random, Duration low, Duration high) {
  return random.percent(40) ? Duration{0} : random.between(low, high);
}

}  // namespace

Faults faults_of(Random& random) {
  Faults faults;
  faults.lost = share(random, 100);
  faults.twice = share(random, 100);
  faults.late = share(random, 50);
  faults.fails = share(random, 50);
  faults.in_doubt_stored = share(random, 50);
  faults.in_doubt_absent = share(random, 50);
  faults.slow = share(random, 30);
  faults.refused = share(random, 20);
  faults.unreadable = share(random, 50);
  faults.database_away_every = gap(random, Duration{120'000}, Duration{900'000});
  faults.broker_crash_every = gap(random, Duration{60'000}, Duration{600'000});
  faults.broker_pause_every = gap(random, Duration{120'000}, Duration{900'000});
  faults.partition_every = gap(random, Duration{60'000}, Duration{600'000});
  faults.two_brokers = random.percent(40);
  faults.wall_clock_jumps = random.percent(30);
  return faults;
}

Duration next_gap(Random& random, Duration every) { return random.between(Duration{1}, Duration{2 * every.ms}); }

}  // namespace tally::sim
