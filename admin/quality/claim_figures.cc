#include "admin/quality/claim_figures.h"

#include <algorithm>
#include <cmath>

#include "common/aggregation/online/posterior_bucket.h"

namespace tally::admin::quality {
namespace {

// Beyond this nobody posts gold for the sake of a claim.
constexpr std::int64_t gold_needed_max = 100'000;
// Counts of a basis are bounded; no more outcomes make a claim any better.
constexpr std::int64_t outcomes_max = 1'000'000;
constexpr std::int64_t million = 1'000'000;

bool is_claim(const Judged& judged) { return judged.is_by_skill && judged.value != unknown; }

std::int32_t bucket_of(const Judged& judged) {
  return aggregation::bucket_of_posterior(std::clamp<std::int64_t>(judged.posterior_ppm, 0, million));
}

ClaimBin& bin_of(ClaimFigures& figures, std::int64_t claim_ppm) {
  std::size_t place = bins_from_ppm.size() - 1;
  while (place > 0 && claim_ppm < bins_from_ppm[place]) --place;
  return figures.bins[place];
}

std::optional<double> calibration_error(const ClaimFigures& figures) {
  double sum = 0;
  std::int64_t gold = 0;
  for (const ClaimBin& bin : figures.bins) {
    // The bin's difference of means, times its tasks.
    sum += std::abs(static_cast<double>(bin.gold_claims_ppm) / 1e6 - static_cast<double>(bin.proof.right));
    gold += bin.proof.of;
  }
  if (gold == 0) return std::nullopt;
  return sum / static_cast<double>(gold);
}

std::int64_t highest_with(const ClaimBasis& basis, std::int64_t gold) {
  return aggregation::hopeful_claims(basis, gold).highest();
}

// The fewest gold tasks that do. What can be claimed does not fall as more of them are right.
std::optional<std::int64_t> gold_needed(const ClaimBasis& basis, std::int64_t asked_ppm) {
  std::int64_t enough = 1;
  while (highest_with(basis, enough) < asked_ppm) {
    if (enough >= gold_needed_max) return std::nullopt;
    enough *= 2;
  }
  std::int64_t too_few = enough / 2;
  while (enough - too_few > 1) {
    const std::int64_t middle = too_few + (enough - too_few) / 2;
    (highest_with(basis, middle) >= asked_ppm ? enough : too_few) = middle;
  }
  return enough;
}

std::int64_t answers_each(const Collected& collected) {
  std::int64_t answers = 0;
  std::int64_t closed = 0;
  for (const TaskAnswers& task : collected.tasks) {
    if (task.state == TaskState::open) continue;
    answers += task.answers;
    ++closed;
  }
  return closed == 0 ? collected.spec.redundancy.max : (answers + closed - 1) / closed;
}

}  // namespace

ClaimBasis basis_of(const FieldAnswers& field) {
  ClaimBasis basis;
  std::int64_t outcomes = 0;
  for (std::size_t task = 0; task < field.judged.size() && outcomes < outcomes_max; ++task) {
    const Judged& judged = field.judged[task];
    if (field.gold[task] == unknown || !judged.is_by_skill) continue;
    // As the broker counts: a tie of labels is an outcome too, and wrong.
    const bool is_right = judged.value == field.gold[task];
    aggregation::count_outcome(basis.gold, bucket_of(judged), is_right);
    ++outcomes;
  }
  return basis;
}

std::optional<ClaimFigures> claim_figures(const FieldAnswers& field) {
  ClaimFigures figures;
  for (std::size_t i = 0; i < bins_from_ppm.size(); ++i) figures.bins[i].from_ppm = bins_from_ppm[i];
  std::array<std::int64_t, aggregation::claim_buckets> verdicts{};
  for (std::size_t task = 0; task < field.judged.size(); ++task) {
    const Judged& judged = field.judged[task];
    if (!is_claim(judged)) continue;
    ++figures.tasks;
    ++verdicts[static_cast<std::size_t>(bucket_of(judged))];
    ClaimBin& bin = bin_of(figures, judged.confidence_ppm);
    ++bin.tasks;
    bin.claims_ppm += judged.confidence_ppm;
    if (field.gold[task] == unknown) continue;
    bin.gold_claims_ppm += judged.confidence_ppm;
    bin.proof.add(judged.value == field.gold[task]);
  }
  if (figures.tasks == 0) return std::nullopt;
  figures.expected = aggregation::expected_accuracy(basis_of(field), verdicts);
  figures.calibration_error = calibration_error(figures);
  return figures;
}

std::optional<Reach> reach_of(const Collected& collected, const FieldAnswers& field, Micros price) {
  const std::int64_t asked_ppm = collected.spec.redundancy.confidence_ppm;
  if (asked_ppm == 0 || field.labels == 0) return std::nullopt;
  const ClaimBasis basis = basis_of(field);
  Reach reach;
  reach.asked_ppm = asked_ppm;
  reach.highest_ppm = aggregation::Claims(basis).highest();
  for (std::size_t task = 0; task < field.gold.size(); ++task) {
    const bool is_open = collected.tasks[task].state == TaskState::open;
    reach.gold_open += is_open && field.gold[task] != unknown ? 1 : 0;
  }
  if (reach.is_reached()) return reach;
  reach.gold_needed = gold_needed(basis, asked_ppm);
  reach.answers_each = answers_each(collected);
  if (reach.gold_needed) reach.cost = times(price, *reach.gold_needed * reach.answers_each);
  return reach;
}

}  // namespace tally::admin::quality
