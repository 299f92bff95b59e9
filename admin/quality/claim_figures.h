#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "admin/quality/collected.h"
#include "admin/quality/proof.h"
#include "common/aggregation/online/claims.h"

// How sure verdicts are that answers were weighed for, whether they were right where that is known, and what it would
// take to be as sure as was asked.
namespace tally::admin::quality {

// Verdicts that claim `from_ppm` or more, up to the next bin.
struct ClaimBin {
  std::int64_t from_ppm = 0;
  std::int64_t tasks = 0;
  std::int64_t claims_ppm = 0;       // Added up.
  std::int64_t gold_claims_ppm = 0;  // Of the gold tasks alone.
  Proof proof;

  [[nodiscard]] double mean_claim() const {
    return tasks == 0 ? 0 : static_cast<double>(claims_ppm) / static_cast<double>(tasks) / 1e6;
  }
};
inline constexpr std::array<std::int64_t, 6> bins_from_ppm{0, 500'000, 800'000, 900'000, 950'000, 990'000};

struct ClaimFigures {
  std::int64_t tasks = 0;
  std::array<ClaimBin, bins_from_ppm.size()> bins;
  aggregation::ExpectedAccuracy expected;
  // Over the gold tasks: by how much, in the mean over their bins, the claim and the share that is right differ.
  std::optional<double> calibration_error;
};

// What gold tasks have shown of the verdicts on a field: the basis of its claims, as far as results tell. (The broker
// has what audits have shown besides.)
[[nodiscard]] ClaimBasis basis_of(const FieldAnswers& field);

// Nothing: no verdict on the field was weighed by skill.
[[nodiscard]] std::optional<ClaimFigures> claim_figures(const FieldAnswers& field);

// What can be claimed, where a confidence was asked for.
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

// Nothing: no confidence was asked for, or the field is not a choice. `price`: of an answer, with its fee.
[[nodiscard]] std::optional<Reach> reach_of(const Collected& collected, const FieldAnswers& field, Micros price);

}  // namespace tally::admin::quality
