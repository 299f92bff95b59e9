#pragma once

#include <cstdint>
#include <optional>

#include "schemas/evidence.h"
#include "schemas/money.h"

// What can be claimed, where a confidence was asked for, and what it would take to be as sure as that.
namespace tally::reliability {

struct Reach {
  std::int64_t asked_ppm = 0;
  std::int64_t highest_ppm = 0;  // The most that a verdict can claim by now.
  std::int64_t gold_open = 0;    // Gold tasks that have no verdict yet.
  // So many more gold tasks, all of them right, would do, counting those that are open; nothing: none would.
  std::optional<std::int64_t> gold_needed;
  std::int64_t answers_each = 0;  // What a gold task takes, as tasks did so far.
  std::optional<Micros> cost;     // Of those needed, at the most.

  [[nodiscard]] bool is_reached() const { return highest_ppm >= asked_ppm; }
};

struct Asked {
  std::int64_t confidence_ppm = 0;
  std::int64_t answers_each = 0;  // What a task takes.
  Micros price;                   // Of an answer, with its fee.
};

// `basis`: what gold has shown. `gold_open`: gold tasks that are open still. REQUIRES a confidence.
[[nodiscard]] Reach reach_of(const Asked& asked, const ClaimBasis& basis, std::int64_t gold_open);

}  // namespace tally::reliability
