#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/aggregation/registry.h"

// Inside common/aggregation: what the methods share. A method says who leads; when a lead is enough is said here once.
namespace tally::aggregation {

// The value that is ahead of every other, with all ballots that agree with it.
struct Lead {
  std::string_view value;  // One of the votes'.
  std::int64_t count = 0;
  std::int64_t weight_ppm = 0;
};

// Nothing when two values that do not agree are equally far ahead. A pure function of votes sorted by value, so that
// neither the order of the ballots nor who cast them can matter.
using LeadFunction = std::optional<Lead> (*)(std::span<const Vote> votes, const Policy& policy);

// Method::judge, for the method whose leader `lead` finds.
[[nodiscard]] FieldVerdict judge_by(LeadFunction lead, std::span<const Ballot> ballots, const Policy& policy);

}  // namespace tally::aggregation
