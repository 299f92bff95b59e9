// A broker that is killed in the middle of a commit: the next one finds the group stored once or not at all, and can
// tell.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/broker/storage/faults.h"
#include "tests/broker/storage/scene.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

constexpr const char* connection_variable = "TALLY_TEST_CONNECTION";
constexpr const char* project_variable = "TALLY_TEST_PROJECT";
constexpr const char* step_variable = "TALLY_TEST_STEP";

// This program once more, as a broker that commits the scene's group and is killed at this step. Killed with the
// object.
class DyingBroker {
 public:
  DyingBroker(const Scene& scene, const std::string& step) {
    const std::string connection = victim_config().connection;
    const std::string project = std::to_string(scene.project.value);
    process_ = fork();
    REQUIRE(process_ >= 0);
    if (process_ > 0) return;
    setenv(connection_variable, connection.c_str(), 1);
    setenv(project_variable, project.c_str(), 1);
    setenv(step_variable, step.c_str(), 1);
    execl("/proc/self/exe", "test_broker", "a process that is killed while it commits", nullptr);
    _exit(127);
  }
  ~DyingBroker() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  DyingBroker(const DyingBroker&) = delete;
  DyingBroker& operator=(const DyingBroker&) = delete;

  void kill() const { kill_outright(process_); }
  // Whether it was killed, in time, and did not end in another way.
  bool was_killed() {
    const bool is_over = comes_true([&] { return waitpid(process_, &status_, WNOHANG) == process_; });
    if (is_over) process_ = 0;
    return is_over && WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL;
  }

 private:
  pid_t process_ = 0;
  int status_ = 0;
};

}  // namespace

// Not a test by itself: what DyingBroker runs.
TEST_CASE("a process that is killed while it commits", "[.]") {
  const char* connection = std::getenv(connection_variable);
  const char* project = std::getenv(project_variable);
  const char* step = std::getenv(step_variable);
  if (connection == nullptr || project == nullptr || step == nullptr) return;
  StoreConfig config;
  config.connection = connection;
  config.broker_id = "broker-a";
  config.failpoint = [&](std::string_view now) {
    if (now == step) ::kill(getpid(), SIGKILL);
  };
  Store store(config, keep_going);
  Scene scene(ProjectId{std::atoll(project)});
  static_cast<void>(store.commit(scene.group()));
}

TEST_CASE("a broker killed at any step of a commit leaves all of the group or nothing, and the next one can tell which",
          "[fault-1]") {
  const std::string step(GENERATE(from_range(std::begin(commit_steps), std::end(commit_steps))));
  INFO(step);
  const bool is_stored = step == "after_commit";
  Scene scene;
  DyingBroker killed(scene, step);
  REQUIRE(killed.was_killed());
  const PartWriter before = scene.a;
  const Group group = scene.group();
  if (is_stored) {
    scene.check_stored_once(group);
  } else {
    scene.check_absent();
  }

  Store next(store_config(), keep_going);
  SECTION("the same group once more, as for an outcome that is in doubt, is stored once") {
    REQUIRE(next.commit(group) == CommitOutcome::stored);
    scene.check_stored_once(group);
  }
  SECTION("after it has taken the parts it is told whether the group is there, and is fenced off where it is not") {
    const LoadedPart loaded = next.take(scene.first);
    REQUIRE(loaded.exists);
    CHECK(loaded.epoch == 2);
    CHECK(loaded.commit_seq == (is_stored ? 2 : 1));
    CHECK(next.take(scene.second).exists == is_stored);
    REQUIRE(next.commit(group) == (is_stored ? CommitOutcome::stored : CommitOutcome::fenced));
    if (is_stored) {
      scene.check_stored_once(group);
    } else {
      scene.check_absent();
      // Decided again from what was loaded.
      scene.a = before;
      scene.b = PartWriter(scene.second);
      scene.a.load(loaded);
      const Group anew = scene.group();
      REQUIRE(next.commit(anew) == CommitOutcome::stored);
      scene.check_stored_once(anew);
    }
  }
  // The next broker's own start, and what it goes on with.
  scene.a.load(next.take(scene.first));
  scene.b.load(next.take(scene.second));
  REQUIRE(next.commit(scene.next()) == CommitOutcome::stored);
  CHECK(scene.count("answers") == "2");
  CHECK(scene.count("payouts") == "1");
  scene.check_chains();
}

TEST_CASE("a COMMIT that outlives the broker that sent it is waited for, and found stored", "[fault-1]") {
  Scene scene;
  // The backend does not see that its client is gone before it has something to tell.
  const AtCommit slow(scene.first, "PERFORM pg_advisory_xact_lock(7)");
  Store next(store_config(), keep_going);
  const Group group = scene.group();
  std::future<CommitOutcome> outcome;
  {
    const Rival rival("SELECT pg_advisory_xact_lock(7)");
    DyingBroker killed(scene, "never");
    REQUIRE(comes_true([] { return victim_waits_for("Lock"); }));
    killed.kill();
    scene.check_absent();
    outcome = commit_aside(next, group);
    CHECK(comes_true(
        [] { return query_one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "2"; }));
    CHECK(outcome.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  }
  REQUIRE(outcome.get() == CommitOutcome::stored);
  scene.check_stored_once(group);
  REQUIRE(next.commit(scene.next()) == CommitOutcome::stored);
  scene.check_chains();
}
