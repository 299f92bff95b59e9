#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/assert.h"
#include "schemas/time.h"

// All chance of a simulation comes from one seed.
namespace tally::sim {

// xoshiro256** (Blackman and Vigna), seeded by splitmix64. The same numbers on every machine, which <random>'s
// distributions do not promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31U);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = rotated(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  // Both ends included. The bias of the remainder is of no account here.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    TALLY_ASSERT(low <= high);
    const auto width = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % width);
  }
  Duration between(Duration low, Duration high) { return {between(low.ms, high.ms)}; }
  // True so many times of a thousand.
  bool permille(std::int64_t share) { return between(0, 999) < share; }
  bool percent(std::int64_t share) { return between(0, 99) < share; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from.at(static_cast<std::size_t>(between(0, std::ssize(from) - 1)));
  }
  // Another stream, so that one actor's choices do not depend on how often the others chose.
  Random fork() { return Random(next()); }

 private:
  static std::uint64_t rotated(std::uint64_t x, unsigned by) { return (x << by) | (x >> (64U - by)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace tally::sim
