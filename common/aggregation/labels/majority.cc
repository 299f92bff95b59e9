#include "common/aggregation/labels/beliefs.h"

// majority: the label that most gave. Belief is the share of the votes. Sources: the plain vote, against which all
// others are measured, as documented by crowd-kit (MajorityVote); that more workers make it surer where each is right
// more often than not: Condorcet, Essai sur l'application de l'analyse à la probabilité des décisions, 1785.
namespace tally::aggregation::labels {
namespace {

Estimate estimate(const Problem& problem, Workforce&) { return {weighted_shares(problem), {}, {}}; }

}  // namespace

extern const Method majority_method;
const Method majority_method{"majority", "the label that most workers gave", false, estimate};

}  // namespace tally::aggregation::labels
