#include <cmath>

#include "common/aggregation/pairs/contests.h"
#include "common/base/assert.h"

// bradley_terry: an item wins a contest as often as its strength is a part of both strengths. Sources: Bradley and
// Terry, "Rank analysis of incomplete block designs: I. The method of paired comparisons", 1952, for the model; Hunter,
// "MM algorithms for generalized Bradley-Terry models", 2004, for fitting it by one item's strength after the other;
// Newman, "Efficient computation of rankings from pairwise comparisons", 2023, for a step of the same kind and to the
// same end, of which tens do what takes hundreds or thousands of Hunter's where items win nearly always.
namespace tally::aggregation::pairs {
namespace {

constexpr double change_min = 1e-9;

Ranking rank(const PreferenceTable& preferences, const Settings& settings) {
  TALLY_ASSERT(settings.prior >= prior_min && std::isfinite(settings.prior));
  TALLY_ASSERT(settings.rounds_max >= 1);
  Contests contests(preferences);
  contests.weigh(preferences, {});
  Strengths strengths{std::vector<double>(static_cast<std::size_t>(preferences.items()), 1.0)};
  for (int round = 0; round < settings.rounds_max; ++round) {
    if (improve(strengths, contests, settings.prior) < change_min) break;
  }
  std::vector<double> information;
  information.reserve(contests.all().size());
  for (const Contest& contest : contests.all()) {
    const double p = win_probability(strengths, contest);
    information.push_back((contest.low_wins + contest.high_wins) * p * (1 - p));
  }
  return ranking_from(strengths, contests, information, settings.prior);
}

}  // namespace

extern const Method bradley_terry_method;
const Method bradley_terry_method{"bradley_terry", "strengths of items, every worker believed alike", rank};

}  // namespace tally::aggregation::pairs
