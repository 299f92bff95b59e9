#pragma once

#include <cstddef>
#include <string>

namespace tally::cli {

// A bar as long as the share of `columns`, in eighths of a column; what is more than nothing shows. REQUIRES a share
// from 0 to 1.
[[nodiscard]] std::string bar(double share, std::size_t columns);

}  // namespace tally::cli
