#pragma once

#include <cstddef>

namespace tally::codec {

// Bounds of one message, checked before anything is allocated for it.
struct Limits {
  std::size_t bytes = std::size_t{4} << 20U;
  std::size_t depth = 16;                      // Lists and maps inside each other.
  std::size_t list = 20'000;                   // Elements of one list.
  std::size_t map = 1'000;                     // Entries of one map.
  std::size_t text = std::size_t{256} << 10U;  // Bytes of one text.
};

// What the broker wrote itself: bounded only by what a database row holds.
inline constexpr Limits own_limits{std::size_t{1} << 30U, 64, std::size_t{1} << 26U, std::size_t{1} << 26U,
                                   std::size_t{1} << 30U};

}  // namespace tally::codec
