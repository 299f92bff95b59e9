#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tools/stack/port_claim.h"

// A broker of one's own, as another process.
namespace tally::stack {

struct BrokerConfig {
  std::filesystem::path program;
  std::filesystem::path data;          // Its folder, made by it.
  std::filesystem::path log;           // What it writes to stderr is appended here.
  std::vector<std::string> arguments;  // Besides --data and the ports.
  std::chrono::seconds start_max{120};
  std::chrono::seconds stop_max{60};
};

// Every function is for the thread that made the object: the kernel ends the broker when that thread ends. Throws
// std::runtime_error with the end of the log when the broker does not do what it should.
class BrokerProcess {
 public:
  explicit BrokerProcess(BrokerConfig config);
  ~BrokerProcess();  // Stops it.
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  // Returns when it takes connections. Started again it listens at the ports of the first time.
  void start();
  void kill();  // SIGKILL: it has no time to put anything in order.
  void stop();  // SIGTERM, and waits. Throws when it ends with an error, or not in time.

  [[nodiscard]] bool is_running();                                             // It may have ended by itself.
  [[nodiscard]] const std::string& invitation() const { return invitation_; }  // The first admin's; of a new folder.
  [[nodiscard]] int main_port() const { return main_port_; }
  [[nodiscard]] int enrolment_port() const { return enrolment_port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::int64_t resident_kib() const;        // Memory of the broker itself, without its database.
  [[nodiscard]] std::optional<pid_t> postmaster() const;  // Of its private database, while there is one.
  [[nodiscard]] std::string end_of_log() const;

 private:
  void spawn();
  void read_lines();
  bool take_line(const std::string& line);
  bool wait_for_end(std::chrono::steady_clock::time_point until);
  void close_output();

  BrokerConfig config_;
  pid_t pid_ = 0;  // 0: none.
  int output_ = -1;
  int status_ = 0;  // Of the last that ended.
  std::string invitation_;
  PortClaim main_claim_, enrolment_claim_;
  int main_port_ = 0;
  int enrolment_port_ = 0;
};

// The processes that this one started and that still run.
[[nodiscard]] std::vector<pid_t> children_of(pid_t parent);

}  // namespace tally::stack
