#pragma once

#include <chrono>
#include <cstdint>

#include <sodium.h>

#include "schemas/time.h"

// The clock and the dice of a client's side. Inside common/net only.
namespace tally::net {

// Monotonic: for lengths of time, never for dates.
[[nodiscard]] inline Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// Uniform over [0, most]: what keeps a thousand clients from doing the same thing at the same moment.
[[nodiscard]] inline Duration random_up_to(Duration most) {
  if (most.ms <= 0) return Duration{0};
  constexpr std::int64_t widest = UINT32_MAX - 1;
  return Duration{randombytes_uniform(static_cast<std::uint32_t>(most.ms < widest ? most.ms : widest) + 1)};
}

}  // namespace tally::net
