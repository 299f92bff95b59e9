#pragma once

#include "schemas/time.h"

namespace tally::worker {

// Somebody wants this to end.
class Stop {
 public:
  Stop() = default;
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;
  virtual ~Stop() = default;

  [[nodiscard]] virtual int fd() const = 0;  // Can be read when there is a new request.
  [[nodiscard]] virtual int requests() = 0;  // How many there have been so far.
};

// SIGINT, SIGTERM and SIGHUP, taken out of their usual effect for as long as this lives. Make it before other threads.
// Signals close together are one request: what starts programs for others often passes a signal on that came to all.
class StopSignals : public Stop {
 public:
  StopSignals();  // Throws std::runtime_error.
  ~StopSignals() override;

  [[nodiscard]] int fd() const override { return fd_; }
  [[nodiscard]] int requests() override;

 private:
  int fd_ = -1;
  int requests_ = 0;
  Time counted_;  // When the last request was.
};

}  // namespace tally::worker
