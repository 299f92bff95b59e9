#include "requester/gold_spread.h"

#include <algorithm>
#include <cmath>

#include "common/base/assert.h"
#include "requester/figures.h"

namespace tally::requester {
namespace {

constexpr double likely_min = 0.05;

// An upper bound for how probable it is that, of so much gold that falls anywhere alike, a share of the items gets
// `count` or less. Chernoff's bound for draws without putting back.
// Source: Hoeffding, "Probability inequalities for sums of bounded random variables", 1963, theorems 1 and 4.
// REQUIRES count / gold < share < 1.
double at_most(std::int64_t count, std::int64_t gold, double share) {
  const double n = static_cast<double>(gold);
  const double found = static_cast<double>(count) / n;
  const double few = count == 0 ? 0 : found * std::log(found / share);
  const double others = (1 - found) * std::log((1 - found) / (1 - share));
  return std::exp(-n * (few + others));
}

}  // namespace

std::optional<ThinRun> first_thin_run(const std::vector<bool>& is_gold, std::int64_t part_size) {
  TALLY_ASSERT(part_size >= 1);
  const std::int64_t items = std::ssize(is_gold);
  const std::int64_t gold = std::count(is_gold.begin(), is_gold.end(), true);
  if (gold == 0 || items <= part_size) return std::nullopt;
  const double runs = std::ceil(static_cast<double>(items) / static_cast<double>(part_size));
  for (std::int64_t first = 0; first < items; first += part_size) {
    const std::int64_t end = std::min(items, first + part_size);
    const std::int64_t found = std::count(is_gold.begin() + first, is_gold.begin() + end, true);
    const double of_items = static_cast<double>(end - first) / static_cast<double>(items);
    const double share = static_cast<double>(gold) * of_items;
    if (2 * static_cast<double>(found) >= share) continue;
    if (runs * at_most(found, gold, of_items) > likely_min) continue;
    return ThinRun{first + 1, end, found, share};
  }
  return std::nullopt;
}

std::string thin_run_text(const ThinRun& run, const std::string& items_path, const std::string& project) {
  return "Gold is spread unevenly: items " + grouped(run.first) + " to " + grouped(run.last) + " have " +
         grouped(run.gold) + (run.gold == 1 ? " gold task" : " gold tasks") +
         ", where an even spread would give them " + grouped(std::llround(run.share)) +
         ". Verdicts there can claim less, for claims are made from the gold of such a run above all. Shuffle the rows "
         "of " +
         items_path + ": `tally-requester cancel " + project +
         "`, which returns what was reserved, then post the shuffled file.";
}

}  // namespace tally::requester
