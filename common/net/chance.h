#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

#include <sodium.h>

#include "schemas/time.h"

// The clock and the dice of a client's side. Inside common/net only.
namespace tally::net {

// Monotonic: for lengths of time, never for dates.
[[nodiscard]] inline Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// Uniform over [0, most]: what keeps a thousand clients from doing the same thing at the same moment. No secret: only
// its start is asked of the system.
[[nodiscard]] inline Duration random_up_to(Duration most) {
  thread_local std::minstd_rand dice(randombytes_random());
  return Duration{std::uniform_int_distribution<std::int64_t>(0, std::max<std::int64_t>(most.ms, 0))(dice)};
}

}  // namespace tally::net
