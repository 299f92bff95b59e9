#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/aggregation/online/claims.h"
#include "common/reliability/judged.h"
#include "common/reliability/proof.h"

// How sure verdicts are that answers were weighed for, and whether they were right where that is known.
namespace tally::reliability {

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
using ClaimBins = std::array<ClaimBin, bins_from_ppm.size()>;

// What is counted of claims, verdict by verdict.
class ClaimCounts {
 public:
  ClaimCounts();

  // `gold`: the label that is true; unknown where nobody knows. What was not weighed by skill counts for nothing.
  void add(const Judged& judged, std::int32_t gold);

  [[nodiscard]] std::int64_t tasks() const { return tasks_; }
  [[nodiscard]] const ClaimBins& bins() const { return bins_; }
  // By how sure the model was, as claims.h tells judgements apart.
  [[nodiscard]] const std::array<std::int64_t, aggregation::claim_buckets>& verdicts() const { return verdicts_; }
  // What gold tasks have shown of the verdicts: the basis of the claims, as far as results tell. (The broker has what
  // audits have shown besides.)
  [[nodiscard]] const ClaimBasis& basis() const { return basis_; }

 private:
  void add_outcome(const Judged& judged, bool is_right);

  std::int64_t tasks_ = 0;
  ClaimBins bins_;
  std::array<std::int64_t, aggregation::claim_buckets> verdicts_{};
  ClaimBasis basis_;
  std::int64_t outcomes_ = 0;  // In the basis.
};

struct ClaimFigures {
  std::int64_t tasks = 0;
  ClaimBins bins;
  aggregation::ExpectedAccuracy expected;
  // Over the gold tasks: by how much, in the mean over their bins, the claim and the share that is right differ.
  std::optional<double> calibration_error;
};

// Nothing: no verdict on the field was weighed by skill.
[[nodiscard]] std::optional<ClaimFigures> claim_figures(const ClaimCounts& counts);

}  // namespace tally::reliability
