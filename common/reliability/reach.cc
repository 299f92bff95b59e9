#include "common/reliability/reach.h"

#include "common/aggregation/online/claims.h"
#include "common/base/assert.h"

namespace tally::reliability {
namespace {

// Beyond this nobody posts gold for the sake of a claim; the broker's `get_support` looks as far.
constexpr std::int64_t gold_needed_max = 2'000;

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

}  // namespace

Reach reach_of(const Asked& asked, const ClaimBasis& basis, std::int64_t gold_open) {
  TALLY_ASSERT(asked.confidence_ppm > 0);
  Reach reach;
  reach.asked_ppm = asked.confidence_ppm;
  reach.highest_ppm = aggregation::Claims(basis).highest();
  reach.gold_open = gold_open;
  if (reach.is_reached()) return reach;
  reach.gold_needed = gold_needed(basis, asked.confidence_ppm);
  reach.answers_each = asked.answers_each;
  if (reach.gold_needed) reach.cost = times(asked.price, *reach.gold_needed * reach.answers_each);
  return reach;
}

}  // namespace tally::reliability
