#pragma once

#include <chrono>

#include "schemas/time.h"

namespace tally::ops {

// What time it is. One thread.
class Clock {
 public:
  Clock() = default;
  virtual ~Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  [[nodiscard]] virtual Time now() const = 0;  // Never goes back.
};

// The broker's time: the later of the last recorded time and the wall clock at the start of the process, plus the
// monotonic time since. A wall clock that jumps while the broker runs changes nothing; one that went back while it was
// down does not make time go back. One thread.
class BrokerClock final : public Clock {
 public:
  explicit BrokerClock(Time last_recorded) : BrokerClock(last_recorded, wall_now()) {}
  // For tests: with this as the wall clock's time.
  BrokerClock(Time last_recorded, Time wall)
      : base_(last_recorded > wall ? last_recorded : wall), start_(std::chrono::steady_clock::now()) {}

  [[nodiscard]] Time now() const override {
    const auto since = std::chrono::steady_clock::now() - start_;
    return base_ + Duration{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
  }

  [[nodiscard]] static Time wall_now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
  }

 private:
  Time base_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace tally::ops
