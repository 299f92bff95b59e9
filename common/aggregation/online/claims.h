#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/aggregation/online/judgement.h"
#include "schemas/evidence.h"

// What a verdict may claim: the probability that it is right, from how sure the model is and how that has turned out.
//
// A model that takes answers as independent of each other is too sure: mistakes are shared, tasks are hard. How much
// too sure differs from project to project. So there are hypotheses of a project: its true log-odds are a fraction (the
// slope) of the model's, and of all tasks a share (the lapse) is wrong however sure the model is. How frequent each
// hypothesis is was learned on recorded crowds (docs/quality.md says how); what is seen in the project says which hold
// for it, by Bayes' rule. The claim is what nine in ten of these hypotheses, by weight, say at least: so it is too low
// rather than too high, and rises as more is known.
//   - Gold tasks show both, slope and lapse.
//   - Audited tasks, which went on to collect answers, show the slope alone: more of the same workers cannot show a
//     mistake that they share. Only those count that got so many more that these could have overturned the first ones.
namespace tally::aggregation {

// Of the table of hypotheses and their weights. A verdict says which version it was made with, and can be made again
// with that table alone: so a change of the table is a new version.
inline constexpr std::int32_t claims_version = 2;

// Judgements are told apart by half doublings of their log-odds; the last bucket holds all that is surer.
inline constexpr std::size_t claim_buckets = 40;
[[nodiscard]] std::int32_t claim_bucket(const LabelJudgement& judgement);

// Whether the outcomes can be counted: buckets that exist, in order, and counts that are not negative and not beyond
// what a part holds. What was not made here is asked first.
[[nodiscard]] bool is_sound(const Outcomes& outcomes);

// One more outcome, or so many alike.
void count_outcome(Outcomes& outcomes, std::int32_t bucket, bool is_right, std::int32_t times = 1);

// Those of one count to another.
void add_outcomes(Outcomes& to, const Outcomes& more);

class Claims {
 public:
  // Of a project of which nothing is known yet.
  Claims() : Claims(ClaimBasis{}) {}
  // REQUIRES sound outcomes. Some ten microseconds.
  explicit Claims(const ClaimBasis& basis);

  // In parts of a million; never falls from bucket to bucket.
  [[nodiscard]] std::int64_t at(std::int32_t bucket) const { return ppm_[static_cast<std::size_t>(bucket)]; }
  [[nodiscard]] std::int64_t highest() const { return ppm_.back(); }

 private:
  friend Claims hopeful_claims(const ClaimBasis& basis, std::int64_t open);

  std::array<std::int64_t, claim_buckets> ppm_{};
};

// What may be claimed at best once `open` more gold tasks are closed: of each bucket the most that follows if all of
// them are right, wherever they fall.
[[nodiscard]] Claims hopeful_claims(const ClaimBasis& basis, std::int64_t open);

// How right verdicts like these are, and between what limits nine in ten hypotheses have it (one in twenty on either
// side). `verdicts` counts them by bucket. REQUIRES at least one.
struct ExpectedAccuracy {
  std::int64_t ppm = 0;
  std::int64_t low_ppm = 0;
  std::int64_t high_ppm = 0;
};
[[nodiscard]] ExpectedAccuracy expected_accuracy(const ClaimBasis& basis,
                                                 const std::array<std::int64_t, claim_buckets>& verdicts);

}  // namespace tally::aggregation
