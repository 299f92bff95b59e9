// Fault 1: the broker killed outright, at moments that chance chooses, while workers go on.
#include <chrono>
#include <random>

#include <catch2/catch.hpp>

#include "tests/faults/load.h"
#include "tests/faults/scale.h"
#include "tests/support/comes_true.h"

namespace tally::faults {

TEST_CASE("a broker killed again and again under load loses nothing that it acknowledged, and pays nothing twice",
          "[fault-1]") {
  e2e::Market market;
  const ProjectId project = staff(market, 8);
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  std::mt19937 dice(seed);
  Load load(market, project);
  const int kills = scaled(6, 100);
  for (int i = 0; i < kills; ++i) {
    load.reach_some(dice);
    // Not only in the moment after an acknowledgement.
    const auto moment = std::chrono::steady_clock::now() +
                        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 20'000)(dice));
    while (std::chrono::steady_clock::now() < moment) {
    }
    market.broker.kill();
    market.broker.start();
  }
  load.reach(100);
  check_books({market, project, 1, "kills of the broker", kills}, load.stop());
}

}  // namespace tally::faults
