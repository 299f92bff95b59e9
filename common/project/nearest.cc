#include "common/project/nearest.h"

#include <algorithm>
#include <numeric>

namespace tally::project {
namespace {

constexpr std::size_t length_max = 100;  // Bounds the work; nobody mistypes longer names.

// Letters inserted, removed, replaced or swapped with their neighbour (optimal string alignment), in bytes.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known) {
  if (wrong.size() > length_max) return {};
  std::size_t least = std::clamp<std::size_t>(wrong.size() / 2, 1, 3) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& name : known) {
    if (name.size() > length_max) continue;
    const std::size_t away = distance(wrong, name);
    if (away >= least) continue;
    least = away;
    nearest = &name;
  }
  return nearest == nullptr ? std::string() : "; did you mean '" + *nearest + "'?";
}

}  // namespace tally::project
