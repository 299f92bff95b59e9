#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "broker/storage/child_process.h"

namespace tally::storage {

// Keeps one server process running: starts it, starts it again when it dies, ends it in order. The thread that starts
// it lives as long as this object, because the kernel ends the child with that thread.
class Postmaster {
 public:
  struct Config {
    ChildUser user;
    std::vector<std::string> command;
    std::filesystem::path data;  // Its working folder.
    std::filesystem::path log_file;
    std::filesystem::path socket_lock;  // Beside the socket.
    std::string probe;                  // Connection string that tells whether it takes connections.
    std::function<void(std::string_view)> log;
  };
  explicit Postmaster(Config config);
  ~Postmaster();
  Postmaster(const Postmaster&) = delete;
  Postmaster& operator=(const Postmaster&) = delete;

  // Returns when it takes connections; throws std::runtime_error with the last lines of its log when it ends instead.
  void wait_until_ready();
  void stop();

 private:
  struct Run {
    bool answered = false;  // It took connections.
    std::string end;        // Why it ended.
  };
  void keep();
  Run run_once();
  void start();
  void end();

  Config config_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ready_once_{false};
  std::atomic<bool> failed_{false};
  std::atomic<int> status_{0};
  pid_t child_ = 0;  // Of the keeper's thread.
  std::thread keeper_;
};

// The end of a text file, for an error message.
[[nodiscard]] std::string last_lines(std::string_view text, std::size_t count);

}  // namespace tally::storage
