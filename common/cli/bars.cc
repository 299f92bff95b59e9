#include "common/cli/bars.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/base/assert.h"

namespace tally::cli {

std::string bar(double share, std::size_t columns) {
  TALLY_ASSERT(share >= 0 && share <= 1);
  constexpr std::array<const char*, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  auto eighths = static_cast<std::size_t>(std::lround(share * 8 * static_cast<double>(columns)));
  if (share > 0) eighths = std::max<std::size_t>(eighths, 1);
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + parts[eighths % 8];
}

}  // namespace tally::cli
