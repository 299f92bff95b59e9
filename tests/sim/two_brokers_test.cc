// The event loop beside another one over the same database, under a clock of the test's own.
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tools/sim/broker_process.h"
#include "tools/sim/wire.h"

namespace tally::sim {
namespace {

// Without faults.
class House {
 public:
  House() {
    for (const std::string name : {"a", "b"}) {
      brokers.push_back(std::make_unique<BrokerProcess>(
          BrokerProcess::World{environment, database, network, config, [] { return false; },
                               [this](const std::string& code) { invitation = code; }},
          name));
    }
  }
  void pass(Duration time) {
    const Time until = environment.now() + time;
    while (environment.schedule.step(until)) {
    }
  }
  [[nodiscard]] bool serves(std::size_t broker) const {
    const broker::EventLoop* loop = brokers[broker]->loop();
    return loop != nullptr && loop->serves();
  }
  // Who owns the account parts, by the database.
  [[nodiscard]] std::int64_t account_parts_of(const std::string& broker) const {
    std::int64_t count = 0;
    for (const auto& [id, row] : database.tables().parts) count += is_account_part(id) && row.owner == broker ? 1 : 0;
    return count;
  }

  Environment environment{Schedule(Time{1'700'000'000'000}), Random(7), {}, Trace()};
  ModelDatabase database{[this] { return environment.now(); }};
  Network network{environment};
  broker::Config config;
  std::string invitation;
  std::vector<std::unique_ptr<BrokerProcess>> brokers;
};

constexpr Duration past_a_lease{45'000};

}  // namespace

TEST_CASE("of two brokers that start at once one has the whole house, and the other follows it when it dies") {
  House house;
  house.brokers[0]->start({});
  house.brokers[1]->start({});
  house.pass(past_a_lease);
  REQUIRE(house.serves(0) != house.serves(1));
  const std::size_t first = house.serves(0) ? 0 : 1;
  const std::size_t second = 1 - first;
  CHECK(house.account_parts_of(house.brokers[first]->id()) == account_parts);
  house.pass(past_a_lease);  // Standing by takes nothing away.
  CHECK(house.serves(first));

  house.brokers[first]->kill();
  house.pass(past_a_lease);
  CHECK(house.serves(second));
  CHECK(house.account_parts_of(house.brokers[second]->id()) == account_parts);
}

TEST_CASE("a broker that slept past its lease forgets what it held, and stands by until the other is gone") {
  House house;
  house.brokers[0]->start({});
  house.pass(Duration{5'000});
  REQUIRE(house.serves(0));
  const std::string invitation = house.invitation;  // The other makes a new one, of which this one knows nothing.
  house.brokers[1]->start({});
  const Time slept_at = house.environment.now();
  house.brokers[0]->pause(past_a_lease);
  house.pass(past_a_lease);
  REQUIRE(house.serves(1));

  // It does not know yet. A message whose outcome has to be stored tells it.
  const std::uint64_t channel = house.network.connect(0, std::string(32, 'k'), [](std::uint64_t, const Frame&) {});
  house.network.to_broker(channel, true, encode(1, Request(Join{invitation})));
  house.pass(Duration{5'000});
  CHECK_FALSE(house.serves(0));
  CHECK(house.account_parts_of("b") == account_parts);
  // What the one that slept takes for an outage is not noted: the other served, but for the time until it had the
  // house.
  REQUIRE(house.database.tables().outages.size() == 1);
  CHECK(house.database.tables().outages.begin()->first <= slept_at.ms);
  CHECK(house.database.tables().outages.begin()->second < slept_at.ms + past_a_lease.ms);
  house.brokers[1]->kill();
  house.pass(past_a_lease);
  CHECK(house.serves(0));
}

TEST_CASE("a broker that was stopped for a while counts that as time in which nobody was served") {
  House house;
  house.brokers[0]->start({});
  house.pass(Duration{5'000});
  REQUIRE(house.serves(0));
  CHECK(house.database.tables().outages.empty());
  const Time from = house.environment.now();
  house.brokers[0]->pause(Duration{10'000});
  house.pass(Duration{15'000});
  REQUIRE(house.serves(0));
  REQUIRE(house.database.tables().outages.size() == 1);
  const auto [begin, end] = *house.database.tables().outages.begin();
  CHECK(begin <= from.ms);
  CHECK(begin > from.ms - 1'000);
  CHECK(end >= from.ms + 10'000);
  CHECK(end < from.ms + 11'000);
}

TEST_CASE("a broker that stands by wakes no more often than its ticks") {
  House house;
  house.brokers[0]->start({});
  house.pass(Duration{5'000});
  house.brokers[1]->start({});
  house.pass(Duration{5'000});
  REQUIRE_FALSE(house.serves(1));
  CHECK(house.brokers[1]->loop()->time_to_wait() > Duration{1});
  const std::int64_t before = house.environment.schedule.events();
  house.pass(Duration{60'000});
  CHECK(house.environment.schedule.events() - before < 6'000);  // Of both; a thousand a second were 60,000.
}

}  // namespace tally::sim
