// Whole marketplaces under faults: what docs/simulator.md promises, by seed.
#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "tools/sim/run_seed.h"

namespace tally::sim {
namespace {

Options short_run(std::uint64_t seed) {
  Options options;
  options.seed = seed;
  options.length = Duration{150'000};
  return options;
}

}  // namespace

TEST_CASE("two hundred marketplaces under faults keep every promise and come to rest") {
  std::int64_t acknowledged = 0;
  std::int64_t kills = 0;
  std::int64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Outcome outcome = run_seed(short_run(seed));
    INFO("again: tally-sim --first " << seed << " --seeds 1 --hours 0.0416667 --trace");
    INFO(outcome.broken.value_or(""));
    CHECK_FALSE(outcome.broken.has_value());
    acknowledged += outcome.acknowledged;
    kills += outcome.kills;
    compared += outcome.parts_compared;
  }
  // So that a world in which nothing happens is not taken for a good one.
  CHECK(acknowledged > 2'000);
  CHECK(kills > 20);
  CHECK(compared > 100'000);
}

TEST_CASE("the same seed gives the same digest, another one another") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome once = simulate(short_run(seed));
    const Outcome again = run_seed(short_run(seed));
    CHECK(once.digest == again.digest);
    CHECK(once.events == again.events);
    CHECK(once.digest != run_seed(short_run(seed + 1)).digest);
  }
}

}  // namespace tally::sim
