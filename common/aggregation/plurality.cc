#include "common/aggregation/lead.h"

// plurality: the value with the most weight. More than any other is enough; a majority is not asked for, since the
// quorum already says how many must agree. Sources: the plain vote (labels/majority.cc); the quorum is that of D. P.
// Anderson, "BOINC: a system for public-resource computing and storage", 2004.
namespace tally::aggregation {
namespace {

std::optional<Lead> lead(std::span<const Vote> votes, const Policy&) {
  std::optional<Lead> best;
  bool is_tied = false;
  for (const Vote& vote : votes) {
    if (best && vote.weight_ppm < best->weight_ppm) continue;
    is_tied = best && vote.weight_ppm == best->weight_ppm;
    best = Lead{vote.value, vote.count, vote.weight_ppm};
  }
  return is_tied ? std::nullopt : best;
}

bool agrees(std::string_view value, std::string_view verdict_value, const Policy&) { return value == verdict_value; }

FieldVerdict judge(std::span<const Ballot> ballots, const Policy& policy) { return judge_by(lead, ballots, policy); }

}  // namespace

extern const Method plurality_method;
const Method plurality_method{.name = "plurality", .judge = judge, .agrees = agrees};

}  // namespace tally::aggregation
