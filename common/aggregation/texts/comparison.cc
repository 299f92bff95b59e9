#include "common/aggregation/texts/comparison.h"

namespace tally::aggregation::texts {

std::vector<Anchor> longest_rising(std::span<const Anchor> anchors) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  // By length: the last of a list of that length, of several the one that stands first in the other text.
  std::vector<std::size_t> last;
  std::vector<std::size_t> before(anchors.size(), none);  // In a list: who comes before.
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const auto longer = std::lower_bound(last.begin(), last.end(), anchors[i].other_at,
                                         [&](std::size_t one, std::int64_t at) { return anchors[one].other_at < at; });
    if (longer != last.begin()) before[i] = *(longer - 1);
    if (longer == last.end()) {
      last.push_back(i);
    } else {
      *longer = i;
    }
  }
  std::vector<Anchor> rising;
  for (std::size_t i = last.empty() ? none : last.back(); i != none; i = before[i]) rising.push_back(anchors[i]);
  std::reverse(rising.begin(), rising.end());
  return rising;
}

}  // namespace tally::aggregation::texts
