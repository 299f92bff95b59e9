#include "common/aggregation/labels/beliefs.h"

// majority: the label that most gave. Belief is the share of the votes.
namespace tally::aggregation::labels {
namespace {

Estimate estimate(const Problem& problem, Workforce&) { return {weighted_shares(problem), {}, {}}; }

}  // namespace

extern const Method majority_method;
const Method majority_method{"majority", "the label that most workers gave", false, estimate};

}  // namespace tally::aggregation::labels
