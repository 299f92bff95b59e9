#pragma once

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

#include "broker/storage/child_process.h"
#include "broker/storage/connection.h"
#include "tests/broker/storage/support.h"
#include "tests/support/comes_true.h"

// What goes wrong, and when: a Store whose connection can be found from outside, and deeds at one step of its commit.
namespace tally::storage::testing {

using test::comes_true;

// The connection of this Store has a name of its own, so that its backend is found.
inline constexpr const char* victims_where = " WHERE application_name = 'tally-victim'";
inline StoreConfig victim_config(const std::string& broker_id = "broker-a") {
  StoreConfig config = store_config(broker_id);
  config.connection += " application_name=tally-victim";
  return config;
}

inline pid_t victim() {
  const std::string pid = query_one(std::string("SELECT pid FROM pg_stat_activity") + victims_where);
  if (pid.empty()) throw std::runtime_error("the Store has no connection");
  return static_cast<pid_t>(std::stol(pid));
}

// Returns when it is gone.
inline void end_victim() {
  const std::string ended = query_one("SELECT pg_terminate_backend(" + std::to_string(victim()) + ", 10000)");
  if (ended != "t") throw std::runtime_error("the backend did not end");
}

inline pid_t postmaster_of(const std::string& data_folder) {
  pid_t pid = 0;
  std::ifstream(data_folder + "/postmaster.pid") >> pid;
  if (pid <= 1) throw std::runtime_error("no server runs in " + data_folder);
  return pid;
}

// SIGKILL; returns when the process has ended. kill() alone returns before: what asks at once may still be served.
inline void kill_outright(pid_t process) {
  const int ended = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (ended < 0) throw std::runtime_error("no process " + std::to_string(process));
  pollfd wait{ended, POLLIN, 0};
  const bool came = kill(process, SIGKILL) == 0 && poll(&wait, 1, 20'000) == 1;
  close(ended);
  if (!came) throw std::runtime_error("process " + std::to_string(process) + " does not end");
}

// The folder of a cluster that was made and stopped, at a place of its own: making one anew takes seconds.
inline void put_stopped_cluster(const std::filesystem::path& folder) {
  static const ScratchFolder made;
  static const bool ready = [] {
    const EmbeddedCluster once(test_config(made.path() / "postgres"));
    return true;
  }();
  std::filesystem::create_directories(folder.parent_path());
  ChildSpec copy;
  copy.command = {"/bin/cp", "-a", (made.path() / "postgres").string(), folder.string()};
  copy.folder = "/";
  if (!ready || run_child(copy).status != 0) throw std::runtime_error("no copy of the cluster");
}

// Does something when the first attempt comes to one step, and counts the attempts. Pass it by std::ref.
struct AtStep {
  std::string step;
  std::function<void()> deed;
  int attempts = 0;
  bool done = false;

  void operator()(std::string_view now) {
    if (now == "before_begin") ++attempts;
    if (now == step && !std::exchange(done, true)) deed();
  }
};

// A transaction of somebody else that holds what the Store needs. Ends with the object, rolled back.
class Rival {
 public:
  explicit Rival(const std::string& sql)
      : connection_(cluster().owner_connection(), Use::migration, {}), tx_(connection_.get()) {
    run("SET LOCAL deadlock_timeout = '60s'");
    run(sql);
  }
  void run(const std::string& sql) { tx_.exec(sql); }

 private:
  Connection connection_;
  pqxx::work tx_;
};

inline bool victim_waits_for(const std::string& event_type) {
  return query_one(std::string("SELECT count(*) FROM pg_stat_activity") + victims_where + " AND wait_event_type = '" +
                   event_type + "'") == "1";
}

inline std::future<CommitOutcome> commit_aside(Store& store, const Group& group) {
  return std::async(std::launch::async, [&] { return store.commit(group); });
}

}  // namespace tally::storage::testing
