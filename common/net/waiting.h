#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <poll.h>
#include <vector>

#include "schemas/time.h"

// Inside common/net only: how long a thread may sleep.
namespace tally::net {

// From now until then; a minute at most, so that a clock that was misread costs no more.
[[nodiscard]] inline std::chrono::nanoseconds time_to_wait(Time now, Time until) {
  constexpr std::int64_t most_ms = 60'000;
  return std::chrono::milliseconds(until <= now ? 0 : std::min((until - now).ms, most_ms));
}

// Not at all where it is below zero.
[[nodiscard]] inline timespec as_timespec(std::chrono::nanoseconds time) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t ns = std::max<std::int64_t>(0, time.count());
  return {ns / second, ns % second};
}

// As poll(), to the nanosecond.
inline int poll_for(std::vector<pollfd>& polled, std::chrono::nanoseconds time) {
  const timespec wait = as_timespec(time);
  return ppoll(polled.data(), polled.size(), &wait, nullptr);
}

}  // namespace tally::net
