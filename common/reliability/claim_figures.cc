#include "common/reliability/claim_figures.h"

#include <algorithm>
#include <cmath>

#include "common/aggregation/online/posterior_bucket.h"

namespace tally::reliability {
namespace {

// Counts of a basis are bounded; no more outcomes make a claim any better.
constexpr std::int64_t outcomes_max = 1'000'000;
constexpr std::int64_t million = 1'000'000;

std::int32_t bucket_of(const Judged& judged) {
  return aggregation::bucket_of_posterior(std::clamp<std::int64_t>(judged.posterior_ppm, 0, million));
}

ClaimBin& bin_of(ClaimBins& bins, std::int64_t claim_ppm) {
  std::size_t place = bins_from_ppm.size() - 1;
  while (place > 0 && claim_ppm < bins_from_ppm[place]) --place;
  return bins[place];
}

std::optional<double> calibration_error(const ClaimBins& bins) {
  double sum = 0;
  std::int64_t gold = 0;
  for (const ClaimBin& bin : bins) {
    // The bin's difference of means, times its tasks.
    sum += std::abs(static_cast<double>(bin.gold_claims_ppm) / 1e6 - static_cast<double>(bin.proof.right));
    gold += bin.proof.of;
  }
  if (gold == 0) return std::nullopt;
  return sum / static_cast<double>(gold);
}

}  // namespace

ClaimCounts::ClaimCounts() {
  for (std::size_t i = 0; i < bins_from_ppm.size(); ++i) bins_[i].from_ppm = bins_from_ppm[i];
}

void ClaimCounts::add(const Judged& judged, std::int32_t gold) {
  if (!judged.is_by_skill) return;
  // As the broker counts: a tie of labels is an outcome too, and wrong.
  if (gold != unknown) add_outcome(judged, judged.value == gold);
  if (judged.value == unknown) return;
  ++tasks_;
  ++verdicts_[static_cast<std::size_t>(bucket_of(judged))];
  ClaimBin& bin = bin_of(bins_, judged.confidence_ppm);
  ++bin.tasks;
  bin.claims_ppm += judged.confidence_ppm;
  if (gold == unknown) return;
  bin.gold_claims_ppm += judged.confidence_ppm;
  bin.proof.add(judged.value == gold);
}

void ClaimCounts::add_outcome(const Judged& judged, bool is_right) {
  if (outcomes_ >= outcomes_max) return;
  aggregation::count_outcome(basis_.gold, bucket_of(judged), is_right);
  ++outcomes_;
}

std::optional<ClaimFigures> claim_figures(const ClaimCounts& counts) {
  if (counts.tasks() == 0) return std::nullopt;
  return ClaimFigures{counts.tasks(), counts.bins(), aggregation::expected_accuracy(counts.basis(), counts.verdicts()),
                      calibration_error(counts.bins())};
}

}  // namespace tally::reliability
