#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/aggregation/methods.h"
#include "common/aggregation/pairs/preference_table.h"

// Which items are how good, from answers that compare two at a time. Pure functions: the order of the preferences
// changes nothing. A new method is one file and one line in registry.cc; a conformance test then runs on it at once.
namespace tally::aggregation::pairs {

inline constexpr double prior_min = 1e-6;

struct Settings {
  // Every item is taken to have won so many contests against an item of middling strength, and lost as many: so an item
  // that was never beaten has a finite score, and items that nothing connects can be compared. At least prior_min.
  double prior = 0.5;
  int rounds_max = 10'000;
};

struct Ranking {
  // By item: the natural logarithm of its strength; their mean is 0. That a is found better than b has the probability
  // 1 / (1 + exp(score of b - score of a)).
  std::vector<double> score;
  // By item: of the score, with what else the method estimates taken for known. With more than items_exact_max items
  // the other scores are taken for known too, which makes it somewhat too small.
  std::vector<double> standard_error;
  // All items, the best first. Scores that differ by what is left to the iteration are alike, and are in the order of
  // their numbers.
  std::vector<std::int32_t> order;
  // By worker: the probability that an answer names the item that won and not the other. Empty where the method has no
  // view of workers.
  std::vector<double> reliability;
};

inline constexpr std::int32_t items_exact_max = 1000;

struct Method {
  std::string_view name;
  std::string_view says;  // In one line, for those who choose one.
  // REQUIRES a finite prior of at least prior_min, and one round or more.
  Ranking (*rank)(const PreferenceTable& preferences, const Settings& settings);
};

[[nodiscard]] Methods<Method> methods();

}  // namespace tally::aggregation::pairs
