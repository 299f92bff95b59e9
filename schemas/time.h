#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

// A length of time in milliseconds.
struct Duration {
  std::int64_t ms = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
};

// A moment: milliseconds since 1970-01-01 UTC. In the broker it is recorded time, which only moves forward; the wall
// clock labels it once, at the start of the process.
struct Time {
  std::int64_t ms = 0;
  friend auto operator<=>(const Time&, const Time&) = default;
};

[[nodiscard]] constexpr Time operator+(Time t, Duration d) { return {t.ms + d.ms}; }
[[nodiscard]] constexpr Duration operator-(Time a, Time b) { return {a.ms - b.ms}; }

inline constexpr Time never{INT64_MAX};

// "2026-11-22T23:50:15Z"; milliseconds are dropped. Years 1970 to 9999.
[[nodiscard]] std::string to_text(Time t);
// RFC 3339 with Z, or a date alone (its midnight, UTC).
[[nodiscard]] std::optional<Time> time_from(std::string_view text);

// "90s", "15m", "2h", "7d", "500ms"; nothing for anything else, for zero, or for more than ten years.
[[nodiscard]] std::optional<Duration> duration_from(std::string_view text);
[[nodiscard]] std::string to_text(Duration d);  // The largest unit that divides it: 90s, 2h.

}  // namespace tally
