// Fault 6, from below: a network that holds bytes back and cuts connections anywhere, so that replies are lost,
// requests are sent again and old ones arrive late.
#include "tests/faults/flaky_link.h"

#include <catch2/catch.hpp>

#include "tests/faults/load.h"
#include "tests/faults/scale.h"

namespace tally::faults {

TEST_CASE("over a network that delays and cuts connections anywhere nothing is lost and nothing is done twice",
          "[fault-6]") {
  e2e::Market market;
  const ProjectId project = staff(market, 6);
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  const FlakyLink link(market.broker.main_port(), seed);
  std::vector<stack::Person> workers = market.people;
  for (stack::Person& worker : workers) worker.config.port = link.port();
  Load load(market.network, project, workers, 1, {{{"broker", market.log_file()}}, {}});
  const std::int64_t cuts = scaled(15, 100);
  while (link.cuts() < cuts) load.reach(10);
  check_books({market, project, 6, "connections cut", link.cuts()}, load.stop());
}

}  // namespace tally::faults
