// Fault 2: PostgreSQL killed outright, whole or one of its processes, also in the middle of a COMMIT, while workers go
// on.
#include <csignal>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/faults/load.h"
#include "tests/faults/scale.h"
#include "tests/faults/sql.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using test::comes_true;

// Each COMMIT of the broker holds a lock that tells its process, and takes its time.
constexpr const char* slow_commits =
    "CREATE FUNCTION tally.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM pg_advisory_xact_lock_shared(4711); PERFORM pg_sleep(0.1); RETURN NULL; END $$; "
    "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON tally.batches DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION tally.at_commit()";
constexpr const char* who_commits =
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted LIMIT 1";

}  // namespace

TEST_CASE("PostgreSQL killed again and again under load, whole or one process of it, costs nothing", "[fault-2]") {
  e2e::Market market;
  const ProjectId project = staff(market, 8);
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  std::mt19937 dice(seed);
  Load load(market, project);
  const int kills = scaled(3, 60);
  for (int i = 0; i < kills; ++i) {
    load.reach_some(dice);
    std::optional<pid_t> postmaster;
    REQUIRE(comes_true([&] { return (postmaster = market.broker.postmaster()).has_value(); }));
    std::vector<pid_t> processes = stack::children_of(*postmaster);
    processes.push_back(*postmaster);
    ::kill(processes[std::uniform_int_distribution<std::size_t>(0, processes.size() - 1)(dice)], SIGKILL);
  }
  load.reach(100);
  check_books({market, project, 2, "kills of PostgreSQL", kills}, load.stop());
}

TEST_CASE("the database's process killed within COMMIT, under load: each group is stored once or not at all",
          "[fault-2]") {
  e2e::Market market;
  const ProjectId project = staff(market, 8);
  const std::string owner = owner_connection(market);
  ask(owner, slow_commits);
  Load load(market, project);
  const int kills = scaled(3, 40);
  for (int i = 0; i < kills; ++i) {
    load.reach(1);
    std::string backend;
    REQUIRE(comes_true([&] {
      backend = try_ask(owner, who_commits).value_or("");
      return !backend.empty();
    }));
    REQUIRE(::kill(static_cast<pid_t>(std::stol(backend)), SIGKILL) == 0);
  }
  REQUIRE(comes_true([&] { return try_ask(owner, "DROP FUNCTION tally.at_commit() CASCADE").has_value(); }));
  load.reach(100);
  check_books({market, project, 2, "kills in COMMIT", kills}, load.stop());
}

}  // namespace tally::faults
