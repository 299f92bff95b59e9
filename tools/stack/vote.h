#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The vote as a reader of answers.csv would count it: apart from common/aggregation on purpose, so that the broker's
// verdicts are compared with something that does not share their mistakes.
namespace tally::stack {

struct VoteRule {
  std::int64_t min = 1;     // Fewer ballots than this decide nothing.
  std::int64_t quorum = 1;  // So many ballots must agree.
};

// The value with more ballots than any other, if the rule is met. A tie is undecided.
[[nodiscard]] std::optional<std::string> count_vote(const std::vector<std::string>& ballots, VoteRule rule);

}  // namespace tally::stack
