#include "tools/stack/vote.h"

#include <map>

namespace tally::stack {

std::optional<std::string> count_vote(const std::vector<std::string>& ballots, VoteRule rule) {
  if (std::ssize(ballots) < rule.min) return std::nullopt;
  std::map<std::string, std::int64_t> counts;
  for (const std::string& ballot : ballots) ++counts[ballot];
  std::string leader;
  std::int64_t most = 0;
  std::int64_t second = 0;
  for (const auto& [value, count] : counts) {
    if (count > most) {
      second = most;
      most = count;
      leader = value;
    } else if (count > second) {
      second = count;
    }
  }
  if (most == second || most < rule.quorum) return std::nullopt;
  return leader;
}

}  // namespace tally::stack
