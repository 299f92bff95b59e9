#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/metrics/metrics.h"
#include "common/base/assert.h"

// Inside metrics: what its files share.
namespace tally::aggregation::metrics {

using labels::Ballot;
using Counts = std::vector<std::int64_t>;  // By label.

inline double share(std::int64_t part, std::int64_t of) { return static_cast<double>(part) / static_cast<double>(of); }

// Calls visit(ballots, counts) for each task that has answers.
template <typename Visit>
void for_each_task(const AnswerTable& answers, const Visit& visit) {
  TALLY_ASSERT(answers.answers() <= answers_max);
  Counts counts(static_cast<std::size_t>(answers.labels()));
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    const auto ballots = answers.of_task(task);
    if (ballots.empty()) continue;
    for (const Ballot& ballot : ballots) ++counts[static_cast<std::size_t>(ballot.label)];
    visit(ballots, counts);
    for (const Ballot& ballot : ballots) counts[static_cast<std::size_t>(ballot.label)] = 0;
  }
}

}  // namespace tally::aggregation::metrics
