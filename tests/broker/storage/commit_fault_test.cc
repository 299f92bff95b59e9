#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/storage/connection.h"
#include "tests/broker/storage/faults.h"
#include "tests/broker/storage/scene.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

using Lines = std::vector<std::string>;

bool any_has(const Lines& lines, const std::string& text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

// While it lives each COMMIT waits for a standby that there is not.
class MissingStandby {
 public:
  MissingStandby() {
    query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    query("SELECT pg_reload_conf()");
    // The server takes it up when it comes to it: from the first commit that waits.
    std::atomic<bool> waits{false};
    const auto probing = std::async(std::launch::async, [&] {
      Connection connection(cluster().owner_connection() + " application_name=tally-probe", Use::migration, {});
      while (!waits) {
        pqxx::work tx(connection.get());
        tx.exec("UPDATE tally.migration_lock SET only_row = 1");
        tx.commit();
      }
    });
    const bool came = comes_true([] {
      return query_one(
                 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tally-probe' AND wait_event = "
                 "'SyncRep'") == "1";
    });
    waits = true;
    query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'tally-probe'");
    if (!came) end();
    if (!came) throw std::runtime_error("no commit waits for the standby");
  }
  ~MissingStandby() { end(); }
  MissingStandby(const MissingStandby&) = delete;
  MissingStandby& operator=(const MissingStandby&) = delete;
  static void end() {
    query("ALTER SYSTEM RESET synchronous_standby_names");
    query("SELECT pg_reload_conf()");
  }
};

// The broker's role cannot connect while it lives: the server says that there are too many connections.
class NoConnections {
 public:
  NoConnections() { query("ALTER ROLE tally_broker CONNECTION LIMIT 0"); }
  ~NoConnections() { end(); }
  NoConnections(const NoConnections&) = delete;
  NoConnections& operator=(const NoConnections&) = delete;
  static void end() { query("ALTER ROLE tally_broker CONNECTION LIMIT -1"); }
};

}  // namespace

TEST_CASE("a backend that ends at any step of a commit costs nothing and doubles nothing", "[fault-2]") {
  const std::string step(
      GENERATE(from_range(std::begin(commit_steps), std::end(commit_steps)), values({std::string_view("never")})));
  INFO(step);
  Scene scene;
  AtStep fault{step, end_victim};
  StoreConfig config = victim_config();
  config.failpoint = std::ref(fault);
  Store store(config, keep_going);
  const Group group = scene.group();
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  CHECK(fault.done == (step != "never"));
  CHECK(fault.attempts == (step == "never" || step == "after_commit" ? 1 : 2));
  CHECK_FALSE(store.away());
  scene.check_stored_once(group);
  // The chain goes on where it is.
  REQUIRE(store.commit(scene.next()) == CommitOutcome::stored);
  CHECK(store.take(scene.first).digest == scene.a.digest);
  CHECK(store.take(scene.second).digest == scene.b.digest);
}

TEST_CASE("PostgreSQL killed outright in the middle of a commit comes back, and the group is stored once",
          "[fault-2]") {
  const bool whole_server = GENERATE(false, true);
  const std::string step = GENERATE("after_rows", "after_commit");
  INFO((whole_server ? "the postmaster " : "the backend ") << step);
  Scene scene;
  AtStep fault{step, [&] { kill_outright(whole_server ? postmaster_of(query_one("SHOW data_directory")) : victim()); }};
  StoreConfig config = victim_config();
  config.failpoint = std::ref(fault);
  Store store(config, keep_going);
  const Group group = scene.group();
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  REQUIRE(store.commit(scene.next()) == CommitOutcome::stored);
  CHECK(fault.attempts >= 3);
  REQUIRE(comes_true([] {
    try {
      return query_one("SELECT 1") == "1";
    } catch (const pqxx::failure&) {
      return false;  // Still recovering.
    }
  }));
  CHECK(store.take(scene.first).digest == scene.a.digest);
  CHECK(scene.count("answers") == "2");
  CHECK(scene.count("payouts") == "1");
  CHECK(scene.balance("escrow") == "140000");
}

TEST_CASE("a connection that is lost in COMMIT with nothing stored sends the same group again", "[fault-2]") {
  Scene scene;
  const AtCommit fault(scene.first, "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10)");
  int attempts = 0;
  int lost = 0;
  StoreConfig config = victim_config();
  config.log = [&](std::string_view line) { lost += line.find("event=database_away") != std::string_view::npos; };
  config.failpoint = [&](std::string_view step) {
    if (step == "before_begin" && ++attempts == 2) {
      scene.check_absent();
      AtCommit::end();
    }
  };
  Store store(config, keep_going);
  const Group group = scene.group();
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  CHECK(attempts == 2);
  CHECK(lost == 1);
  scene.check_stored_once(group);
  CHECK(store.commit(scene.next()) == CommitOutcome::stored);
}

TEST_CASE("an error of COMMIT is in doubt whatever its class, so the group is not refused for it", "[fault-2]") {
  Scene scene;
  const AtCommit fault(scene.first, "RAISE EXCEPTION 'no' USING ERRCODE = '23505'");
  int attempts = 0;
  StoreConfig config = victim_config();
  config.failpoint = [&](std::string_view step) {
    if (step == "before_begin" && ++attempts == 2) AtCommit::end();
  };
  Store store(config, keep_going);
  const Group group = scene.group();
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  CHECK(attempts == 2);
  scene.check_stored_once(group);
}

TEST_CASE("a COMMIT that is stored but never answered is found stored, and told only once a standby has it",
          "[fault-2]") {
  const std::string deed = GENERATE("pg_terminate_backend", "pg_cancel_backend");
  INFO(deed);
  Scene scene;
  Lines lines;
  StoreConfig config = victim_config();
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  AtStep fault{"never", [] {}};
  config.failpoint = std::ref(fault);
  std::atomic<bool> stop{false};
  Store store(config, stop);
  const Group group = scene.group();
  std::future<CommitOutcome> outcome;
  {
    const MissingStandby standby;
    const auto waits = [] {
      return query_one(std::string("SELECT pid FROM pg_stat_activity") + victims_where + " AND wait_event = 'SyncRep'");
    };
    std::string first;
    outcome = commit_aside(store, group);
    CHECK(comes_true([&] { return !(first = waits()).empty(); }));
    CHECK(query_one("SELECT " + deed + "(" + first + ")") == "t");
    // It was asked again, found the group, and waits for the standby once more instead of telling.
    std::string second;
    CHECK(comes_true([&] { return !(second = waits()).empty() && second != first; }));
    CHECK(outcome.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    if (first.empty() || second.empty()) stop = true;
  }
  REQUIRE(outcome.get() == CommitOutcome::stored);
  CHECK(fault.attempts == 2);
  CHECK(any_has(lines, "event=group_was_stored"));
  scene.check_stored_once(group);
  CHECK(store.commit(scene.next()) == CommitOutcome::stored);
}

TEST_CASE("a commit in doubt that was stored is told as stored even when another broker has the part by now",
          "[fault-3]") {
  Scene scene;
  const auto take_over = [&] {
    query("UPDATE tally.parts SET lease_until = now() - interval '1 second' WHERE project_id = " +
          std::to_string(scene.project.value));
    Store other(store_config("broker-b"), keep_going);
    CHECK(other.take(scene.first).exists);
  };
  const Group group = scene.group();
  SECTION("stored: it is acknowledged, and the next is fenced") {
    AtStep fault{"after_commit", [&] {
                   take_over();
                   throw pqxx::broken_connection("the answer of COMMIT was lost");
                 }};
    StoreConfig config = victim_config();
    config.failpoint = std::ref(fault);
    Store store(config, keep_going);
    CHECK(store.commit(group) == CommitOutcome::stored);
    CHECK(fault.attempts == 2);
    scene.check_stored_once(group);
    CHECK(store.commit(scene.next()) == CommitOutcome::fenced);
    CHECK(scene.count("answers") == "1");
  }
  SECTION("not stored: it is fenced") {
    const std::string step = GENERATE("before_begin", "after_rows", "before_commit");
    INFO(step);
    AtStep fault{step, [&] {
                   end_victim();
                   take_over();
                 }};
    StoreConfig config = victim_config();
    config.failpoint = std::ref(fault);
    Store store(config, keep_going);
    CHECK(store.commit(group) == CommitOutcome::fenced);
    CHECK_FALSE(store.away());
    scene.check_absent();
  }
}

TEST_CASE("a serialization failure is tried again with the same bytes", "[fault-13]") {
  Scene scene;
  AtStep fault{
      "after_fence", [&] {
        query("UPDATE tally.sub_accounts SET balance = balance WHERE part_id = " + std::to_string(scene.first.value));
      }};
  StoreConfig config = victim_config();
  config.connection += " options='-c default_transaction_isolation=serializable'";
  Lines lines;
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  config.failpoint = std::ref(fault);
  Store store(config, keep_going);
  const Group group = scene.group();
  REQUIRE(store.commit(group) == CommitOutcome::stored);
  CHECK(fault.attempts == 2);
  CHECK(any_has(lines, "sqlstate=40001"));
  scene.check_stored_once(group);
}

TEST_CASE("a deadlock and a statement that is cancelled are tried again with the same bytes", "[fault-13]") {
  Scene scene;
  const std::string part = std::to_string(scene.first.value);
  StoreConfig config = victim_config();
  Lines lines;
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  AtStep fault{"never", [] {}};
  config.failpoint = std::ref(fault);
  Store store(config, keep_going);
  const Group group = scene.group();
  std::future<CommitOutcome> outcome;
  std::string state;
  {
    // The Store waits for the sub-account behind the part, which it has locked.
    Rival rival("SELECT 1 FROM tally.sub_accounts WHERE part_id = " + part + " FOR UPDATE");
    outcome = commit_aside(store, group);
    CHECK(comes_true([] { return victim_waits_for("Lock"); }));
    SECTION("deadlock") {
      state = "40P01";
      rival.run("SELECT 1 FROM tally.parts WHERE part_id = " + part + " FOR UPDATE");
    }
    SECTION("cancelled") {
      state = "57014";
      const std::string before = std::to_string(victim());
      query("SELECT pg_cancel_backend(" + before + ")");
      CHECK(comes_true([&] {
        return !query(std::string("SELECT 1 FROM pg_stat_activity") + victims_where +
                      " AND wait_event_type = 'Lock' AND pid <> " + before)
                    .empty();
      }));
    }
    CHECK(outcome.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  }
  REQUIRE(outcome.get() == CommitOutcome::stored);
  CHECK(fault.attempts >= 2);
  CHECK(any_has(lines, "sqlstate=" + state));
  scene.check_stored_once(group);
}

TEST_CASE("a definite error refuses the whole group at once, and the Store goes on", "[fault-13]") {
  Scene scene;
  StoreConfig config = victim_config();
  Lines lines;
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  AtStep fault{"never", [] {}};
  config.failpoint = std::ref(fault);
  Store store(config, keep_going);
  Group group = scene.group();
  const PartWriter a = scene.a;
  std::string state;
  SECTION("a key that is taken") {
    state = "23505";
    group.parts[0].records.emplace_back(AnswerAccepted{2, 1, worker, {"no", ""}, Bytes{"digest"}, 8000});
  }
  SECTION("a balance below zero") {
    state = "23514";
    group.parts[0].records.emplace_back(
        TransferPosted{3, TransferKind::refund, Scene::escrow, Scene::transit, Micros{900'000}, 0, 0, 8000});
  }
  SECTION("a row that refers to nothing") {
    state = "23503";
    group.parts[1].records.emplace_back(ProjectStateChanged{ProjectState::paused, 8000});
  }
  SECTION("a text that the database cannot hold") {
    state = "22021";
    group.parts[0].records.emplace_back(CommandKept{requester, "\xff", Bytes{"digest"}, {}});
  }
  CHECK(store.commit(group) == CommitOutcome::refused);
  CHECK(fault.attempts == 1);
  CHECK(any_has(lines, "event=group_refused sqlstate=" + state));
  CHECK_FALSE(store.away());
  scene.check_absent();
  // The parts are loaded again, and the right group follows.
  const LoadedPart loaded = store.take(scene.first);
  CHECK(loaded.commit_seq == 1);
  scene.a = a;
  scene.b = PartWriter(scene.second);
  scene.a.load(loaded);
  const Group right = scene.group();
  REQUIRE(store.commit(right) == CommitOutcome::stored);
  scene.check_stored_once(right);
}

TEST_CASE("while the database gives no connections the Store says that it is away, and then stores the group once",
          "[fault-14]") {
  Scene scene;
  std::optional<NoConnections> refusing;
  AtStep fault{"after_batches", [&] {
                 refusing.emplace();
                 end_victim();
               }};
  StoreConfig config = victim_config();
  config.failpoint = std::ref(fault);
  std::atomic<bool> stop{false};
  Lines lines;
  config.log = [&](std::string_view line) { lines.emplace_back(line); };
  Store store(config, stop);
  CHECK_FALSE(store.away());
  const Group group = scene.group();
  std::future<CommitOutcome> outcome = commit_aside(store, group);
  CHECK(comes_true([&] { return store.away(); }));
  CHECK(outcome.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
  CHECK(store.away());
  scene.check_absent();
  SECTION("it comes back") {
    refusing.reset();
    REQUIRE(outcome.get() == CommitOutcome::stored);
    CHECK_FALSE(store.away());
    CHECK(any_has(lines, "event=database_back"));
    // Told at each doubling, not each time.
    CHECK(std::ssize(lines) < 12);
    scene.check_stored_once(group);
  }
  SECTION("the broker stops") {
    stop = true;
    CHECK_THROWS_AS(outcome.get(), Store::Stopped);
    CHECK_THROWS_AS(store.take(scene.first), Store::Stopped);  // And any other call as well.
    refusing.reset();
    scene.check_absent();
  }
}

TEST_CASE("a group waits while its database is stopped, and is stored when it is started again", "[fault-14]") {
  const ScratchFolder folder;
  put_stopped_cluster(folder.path() / "postgres");
  std::optional<EmbeddedCluster> own(std::in_place, test_config(folder.path() / "postgres"));
  StoreConfig config = store_config();
  config.connection = own->connection();
  Store store(config, keep_going);
  PartWriter writer(part_of(new_project(), 1));
  REQUIRE(store.commit(writer.group({PartStateChanged{PartState::open}})) == CommitOutcome::stored);
  own->stop();
  const Group group = writer.group({AssignmentLeased{1, 1, worker, 7000, 9000, 1}});
  std::future<CommitOutcome> outcome = commit_aside(store, group);
  CHECK(comes_true([&] { return store.away(); }));
  CHECK(outcome.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  own.emplace(test_config(folder.path() / "postgres"));
  REQUIRE(outcome.get() == CommitOutcome::stored);
  CHECK_FALSE(store.away());
  const LoadedPart loaded = store.take(group.parts[0].part);
  CHECK(loaded.commit_seq == 2);
  CHECK(loaded.digest == writer.digest);
}
