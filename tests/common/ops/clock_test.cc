#include "common/ops/clock.h"

#include <catch2/catch.hpp>

namespace tally::ops {

TEST_CASE("a wall clock that went back while the broker was down does not make its time go back", "[fault-5]") {
  const Time recorded{2'000'000'000'000};
  const BrokerClock clock(recorded, Time{1'000'000'000'000});
  CHECK(clock.now() >= recorded);
  CHECK(clock.now() < recorded + Duration{3'600'000});
}

TEST_CASE("a broker that was down goes on at the wall clock's time", "[fault-5]") {
  const BrokerClock clock(Time{1'000'000'000'000}, Time{2'000'000'000'000});
  CHECK(clock.now() >= Time{2'000'000'000'000});
}

TEST_CASE("the broker's time never goes back while it runs", "[fault-5]") {
  const BrokerClock clock(Time{0});
  Time last = clock.now();
  for (int i = 0; i < 10'000; ++i) {
    const Time now = clock.now();
    REQUIRE(now >= last);
    last = now;
  }
}

}  // namespace tally::ops
