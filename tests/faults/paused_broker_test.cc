// Fault 3: a broker that is stopped for longer than its leases, while another takes its parts over, and then goes on as
// if nothing had been.
#include <csignal>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "tests/faults/brokers.h"
#include "tests/faults/load.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using test::comes_true;

bool has(const std::string& log, const std::string& text) { return log.find(text) != std::string::npos; }

// Stopped as it is, for as long as the object lives; unlike a killed one it keeps its connections and its memory.
class Pause {
 public:
  explicit Pause(const stack::BrokerProcess& broker) : pid_(broker.pid()) { REQUIRE(::kill(pid_, SIGSTOP) == 0); }
  ~Pause() { ::kill(pid_, SIGCONT); }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  pid_t pid_;
};

}  // namespace

TEST_CASE(
    "a broker paused past its lease cannot write any more when it goes on, and serves again when the other is gone",
    "[fault-3]") {
  const SharedDatabase database;
  e2e::Market market(database.arguments());
  const ProjectId project = staff(market, 6);
  SecondBroker other(market, database, "other");
  const Witnesses witnesses{{{"first", market.log_file()}, {"other", other.log_file()}},
                            [&database] { return database.state(); }};
  Load before(market.network, project, market.people, 1, witnesses);
  before.reach(100);

  std::optional<Pause> pause;
  SECTION("between two groups") { pause.emplace(market.broker); }
  SECTION("inside a transaction") {
    std::optional<SharedDatabase::TableLock> lock(std::in_place, database, "tally.answers");
    REQUIRE(comes_true([&] { return database.someone_waits_for_a_lock(); }));
    pause.emplace(market.broker);
    // Now its backend goes on, and waits for a broker that says nothing.
    lock.reset();
  }
  other.process().start();
  Load after(market.network, project, other.here(market.people), 100, witnesses);
  after.reach(100);
  pause.reset();
  // It tries to write with the epoch that it knows, and is told off; it cannot have the parts back.
  CHECK(comes_true([&] { return has(market.log(), "event=group_fenced"); }));
  CHECK(comes_true([&] { return has(market.log(), "is held by broker"); }));
  after.reach(100);
  CHECK(market.broker.is_running());

  std::set<AssignmentId> acknowledged = after.stop();
  other.process().kill();
  // The same clients, over the connections that they have had all the time.
  before.reach(100);
  acknowledged.merge(before.stop());
  check_books({market, project, 3, "takeovers", 2}, acknowledged);
  database.check_one_writer_at_a_time();
}

}  // namespace tally::faults
