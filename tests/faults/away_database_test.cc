// Faults 12 and 14: the broker's own log has no room; the database is slow, refuses, or has no connection left.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/raw_client.h"
#include "tests/faults/load.h"
#include "tests/faults/scale.h"
#include "tests/faults/sql.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using test::comes_true;

constexpr const char* end_the_brokers =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tally_broker'";

// Asks until it is told that the database is away: a clear refusal, and not silence.
void wait_for_unavailable(e2e::Market& market, const stack::Person& person) {
  zmq::context_t context{1};
  e2e::RawClient client(context, person.config, person.config.port);
  std::uint64_t id = 0;
  CHECK(comes_true([&] {
    client.ask(++id, Pull{std::nullopt, 1, {}, 0});
    const auto heard = client.hear_any(std::chrono::milliseconds{200});
    const auto* refused = heard ? std::get_if<Refused>(&heard->reply) : nullptr;
    return refused != nullptr && refused->code == RefusalCode::unavailable && refused->retry_after_ms > 0;
  }));
  CHECK(market.broker.is_running());
}

struct Scene {
  explicit Scene(const std::filesystem::path& log = {}) : market({}, {}, log) {
    bystander = market.admin->enrol(Role::worker, std::vector<std::string>{"bystander"}).at(0);
    project = staff(market, 6);
    owner = owner_connection(market);
  }
  e2e::Market market;
  stack::Person bystander;
  ProjectId project;
  std::string owner;
};

}  // namespace

TEST_CASE("a log that cannot be written, for want of room, stops nothing", "[fault-12]") {
  Scene scene("/dev/full");
  Load load(scene.market, scene.project);
  load.reach(100);
  // With something to log.
  ask(scene.owner, end_the_brokers);
  load.reach(100);
  scene.market.broker.kill();
  scene.market.broker.start();
  load.reach(50);
  CHECK(scene.market.broker.is_running());
  check_books({scene.market, scene.project, 12, "full logs", 1}, load.stop());
}

TEST_CASE("a database that takes its time makes everything slower, and nothing wrong", "[fault-14]") {
  Scene scene;
  Load load(scene.market, scene.project);
  load.reach(50);
  ask(scene.owner,
      "CREATE FUNCTION tally.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.25); "
      "RETURN NULL; END $$; CREATE TRIGGER slow BEFORE INSERT ON tally.batches FOR EACH STATEMENT EXECUTE FUNCTION "
      "tally.slow()");
  const std::int64_t memory = scene.market.broker.resident_kib();
  load.reach(100);
  CHECK(scene.market.broker.resident_kib() < memory + 100'000);
  ask(scene.owner, "DROP FUNCTION tally.slow() CASCADE");
  load.reach(100);
  check_books({scene.market, scene.project, 14, "slow databases", 1}, load.stop());
}

TEST_CASE("a database that refuses connections is told to clients as unavailable, and work goes on when it takes them",
          "[fault-14]") {
  Scene scene;
  Load load(scene.market, scene.project);
  load.reach(50);
  ask(scene.owner, "ALTER ROLE tally_broker CONNECTION LIMIT 0");
  ask(scene.owner, end_the_brokers);
  wait_for_unavailable(scene.market, scene.bystander);
  ask(scene.owner, "ALTER ROLE tally_broker CONNECTION LIMIT -1");
  load.reach(100);
  check_books({scene.market, scene.project, 14, "refusing databases", 1}, load.stop());
}

TEST_CASE("a database whose connections others have taken is waited for in the same way", "[fault-14]") {
  Scene scene;
  Load load(scene.market, scene.project);
  load.reach(50);
  storage::Connection boss(scene.owner, storage::Use::migration, {});
  std::vector<std::unique_ptr<pqxx::connection>> taken;
  const auto take_all = [&] {
    for (int i = 0; i < 500; ++i) {
      try {
        taken.push_back(std::make_unique<pqxx::connection>(scene.owner));
      } catch (const pqxx::failure&) {
        return;
      }
    }
  };
  take_all();
  // Whatever the broker gives up is taken at once, until it has none.
  CHECK(comes_true([&] {
    pqxx::nontransaction tx(boss.get());
    const bool has_none = tx.exec(end_the_brokers)[0][0].as<int>() == 0;
    take_all();
    return has_none;
  }));
  wait_for_unavailable(scene.market, scene.bystander);
  taken.clear();
  load.reach(100);
  check_books({scene.market, scene.project, 14, "databases without connections", 1}, load.stop());
}

// The database's processes stand still, so that its connections are open and nothing comes: as with a disk that hangs.
TEST_CASE("a broker that is told to stop while its database hangs ends all the same", "[fault-14]") {
  if (!is_long()) {
    WARN("skipped, since it takes half a minute: scripts/faults 14 --long");
    return;
  }
  Scene scene;
  Load load(scene.market, scene.project);
  load.reach(50);
  const pid_t postmaster = scene.market.broker.postmaster().value();
  std::vector<pid_t> processes = stack::children_of(postmaster);
  processes.push_back(postmaster);
  for (const pid_t process : processes) ::kill(process, SIGSTOP);
  wait_for_unavailable(scene.market, scene.bystander);
  ::kill(scene.market.broker.pid(), SIGTERM);
  CHECK(comes_true([&] { return !scene.market.broker.is_running(); }, std::chrono::seconds(60)));
  for (const pid_t process : processes) ::kill(process, SIGCONT);
  scene.market.broker.start();
  load.reach(50);
  check_books({scene.market, scene.project, 14, "stops beside a hanging database", 1}, load.stop());
}

}  // namespace tally::faults
