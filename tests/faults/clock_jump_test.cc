// Fault 5: the broker's wall clock jumps by hours, while it runs and while it is down.
#include <cstdint>

#include <catch2/catch.hpp>

#include "tests/e2e/market.h"
#include "tests/faults/fake_clock.h"
#include "tests/faults/load.h"

namespace tally::faults {
namespace {

constexpr long hour = 3'600;

// One worker has a lease of an hour less a minute, and another one waits for it.
struct Leased {
  e2e::Market market;
  ProjectId project;
  TaskOffer task;

  Leased() {
    market.enrol_workers(2);
    ProjectSpec spec = e2e::small_spec();
    spec.redundancy = {1, 1, 1};
    spec.lease = Duration{(hour - 60) * 1'000};
    project = market.post(spec, e2e::numbered_items(1));
    const Tasks got = stack::must(*market.workers[0], Pull{project, 1, {}, 0});
    REQUIRE(got.tasks.size() == 1);
    task = got.tasks[0];
  }
  std::int64_t now_ms() { return stack::must(market.admin->client(), Hello{"clock"}).now_ms; }
  // The other waits long enough for leases that are over to end, and gets nothing.
  void check_lease_stands() {
    const Tasks nothing = stack::must(*market.workers[1], Pull{project, 1, {}, 700});
    CHECK(nothing.tasks.empty());
    CHECK(nothing.no_work == NoWork::all_tasks_taken);
    CHECK(stack::must(*market.rita, GetStatus{project}).leased == 1);
  }
  void restart() {
    market.broker.kill();
    market.broker.start();
  }
};

}  // namespace

TEST_CASE("a clock that jumps by hours, either way, ends no lease and does not turn the broker's time back",
          "[fault-5]") {
  if (!FakeClock::is_there()) {
    WARN("skipped: the package faketime is not installed");
    return;
  }
  const FakeClock clock;
  Leased scene;
  const std::int64_t begin = scene.now_ms();
  clock.set(hour);
  scene.check_lease_stands();
  CHECK(scene.now_ms() < begin + hour * 1'000 / 2);
  clock.set(-hour);
  scene.check_lease_stands();
  CHECK(scene.now_ms() >= begin);

  // Restarted with a clock that went back: the broker's own time goes on from what it had recorded.
  const std::int64_t before_restart = scene.now_ms();
  scene.restart();
  CHECK(scene.now_ms() >= before_restart - 15'000);
  scene.check_lease_stands();
  // And with one that is an hour ahead: nobody was served for an hour, so nobody's lease has run.
  clock.set(hour);
  scene.restart();
  CHECK(scene.now_ms() > begin + hour * 900);
  scene.check_lease_stands();

  const SubmittedAnswer answer{scene.task.assignment, {{"bird", {"robin"}}}};
  CHECK(stack::must(*scene.market.workers[0], Submit{{answer}, 0, {}}).outcomes[0].accepted);
  CHECK(stack::audit(scene.market.admin->client()) == "clean");
  tell(5, "4 jumps of an hour, 1 lease, ended too early 0");
}

}  // namespace tally::faults
