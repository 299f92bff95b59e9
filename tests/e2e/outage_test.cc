// The time in which no broker ran is nobody's: leases that would have ended in it are moved by it.
#include <chrono>

#include <catch2/catch.hpp>

#include "tests/e2e/shared_market.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {

TEST_CASE("a lease does not run out while no broker runs: the answer is taken, and nobody got its place meanwhile",
          "[fault-1]") {
  Market market;
  market.enrol_workers(2);
  ProjectSpec spec = small_spec();
  spec.lease = Duration{3'000};
  spec.redundancy = {1, 1, 1};
  const ProjectId project = market.post(spec, numbered_items(2));
  const Tasks tasks = stack::must(*market.workers[0], Pull{project, 2, {}, 0});
  REQUIRE(tasks.tasks.size() == 2);
  REQUIRE(tasks.tasks[0].lease_left_ms <= spec.lease.ms);
  const auto lease_end = std::chrono::steady_clock::now() + std::chrono::milliseconds(spec.lease.ms);
  market.broker.kill();
  REQUIRE(test::comes_true([&] { return std::chrono::steady_clock::now() > lease_end; }));
  market.broker.start();

  // Connections of their own, which need not find out first that the broker is back.
  const auto other = client_of(market, market.people[1]);
  // In this second leases that are over would end.
  const Tasks nothing = stack::must(*other, Pull{project, 1, {}, 1'000});
  CHECK(nothing.tasks.empty());
  CHECK(std::string(name_of(nothing.no_work.value())) == "all_tasks_taken");
  const auto worker = client_of(market, market.people[0]);
  const SubmittedAnswer answer{tasks.tasks[0].assignment, {{"bird", {"robin"}}}};
  CHECK(stack::must(*worker, Submit{{answer}, 0, {}}).outcomes[0].accepted);
  CHECK(stack::must(*market.rita, GetStatus{project}).leased == 1);

  // It was moved, not taken away: what is not answered in time goes to the other after all.
  const Tasks later = stack::must(*other, Pull{project, 1, {}, 30'000});
  REQUIRE(later.tasks.size() == 1);
  CHECK(later.tasks[0].task == tasks.tasks[1].task);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
