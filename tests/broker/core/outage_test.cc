// A database that was away costs nobody a deadline.
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

constexpr Duration ten_minutes{600'000};

ProjectSpec due_in_ten_minutes() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.pay = PayPolicy::review;
  spec.lease = ten_minutes;
  spec.review_delay = ten_minutes;
  return spec;
}

// A lease and a review that fall due in ten minutes.
struct Due {
  Market market;
  AccountId ann = market.worker("ann");
  ProjectId project = market.open(due_in_ten_minutes(), 2);
  AssignmentId reviewed = market.work("ann", project);
  AssignmentId leased = market.lease("ann", project);
  PartId part = part_of(project, 1);

  void check_due_in(Duration time) {
    market.pass(just_before(time));
    CHECK(market.assignment(leased).state == AssignmentState::live);
    CHECK(market.assignment(reviewed).pay == PayState::review);
    market.pass(moment);
    CHECK(market.assignment(leased).state == AssignmentState::expired);
    CHECK(market.assignment(reviewed).pay == PayState::paid);
  }
  [[nodiscard]] std::size_t times_moved() const { return market.world.records_of<DeadlinesMoved>(part).size(); }
  // The part is read by a broker that learns there that nobody served it for so long.
  void load_after(Duration outage) {
    PartLoaded loaded = market.world.loaded_from_records(part);
    loaded.outage_ms = outage.ms;
    static_cast<void>(market.world.run(std::move(loaded)));
  }
};

}  // namespace

TEST_CASE("without an outage a lease and a review end when they are due") {
  Due due;
  due.check_due_in(ten_minutes);
  CHECK(due.times_moved() == 0);
}

TEST_CASE("an outage moves what falls due in loaded parts, also when the part is read again") {
  Due due;
  const bool again = GENERATE(false, true);
  due.market.world.now = due.market.world.now + hour;
  static_cast<void>(due.market.world.run(Outage{hour.ms}));
  CHECK(due.times_moved() == 1);
  const auto moved = due.market.tasks(due.project).due;
  if (again) due.market.world.reload(due.part);
  CHECK(due.market.tasks(due.project).due == moved);
  due.check_due_in(ten_minutes);
}

TEST_CASE("a part that is loaded after an outage has its deadlines moved by it, once") {
  Due due;
  World& world = due.market.world;
  world.core.drop(due.part);
  world.now = world.now + hour;
  static_cast<void>(world.run(Outage{hour.ms}));
  CHECK(due.times_moved() == 0);
  due.load_after(hour);
  CHECK(due.times_moved() == 1);
  due.load_after(hour);  // Is in memory: what was read of it before says nothing.
  CHECK(due.times_moved() == 1);
  world.reload(due.part);
  due.check_due_in(ten_minutes);
}

TEST_CASE("outages add up") {
  Due due;
  for (const Duration outage : {hour, ten_minutes}) {
    due.market.world.now = due.market.world.now + outage;
    static_cast<void>(due.market.world.run(Outage{outage.ms}));
  }
  due.check_due_in(ten_minutes);
}

TEST_CASE("a worker who asks again after an outage is told the time that is left now") {
  Due due;
  World& world = due.market.world;
  due.market.hand_back("ann", due.leased);
  static_cast<void>(due.market.worker("ben"));
  const Pull pull{due.project, 1, {}, 0};
  static_cast<void>(world.send("ben", pull, 777));
  world.now = world.now + hour;
  static_cast<void>(world.run(Outage{hour.ms}));
  const Tasks tasks = std::get<Tasks>(world.send("ben", pull, 777).at(0));
  CHECK(tasks.tasks.at(0).lease_left_ms == ten_minutes.ms);
}

TEST_CASE("an outage is no record of a part in which nothing falls due") {
  Due due;
  due.market.pass(ten_minutes);
  static_cast<void>(due.market.world.run(Outage{hour.ms}));
  due.market.world.core.drop(due.part);
  due.load_after(hour);
  CHECK(due.times_moved() == 0);
}

}  // namespace tally::core
