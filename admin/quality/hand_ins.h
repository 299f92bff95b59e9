#pragma once

#include <optional>
#include <vector>

#include "admin/quality/collected.h"

namespace tally::admin::quality {

// By worker: the median of seconds between one answer and the next, without breaks of more than the project's lease and
// without answers that were handed in together. It is no proof of haste: results do not say when a task was taken.
[[nodiscard]] std::vector<std::optional<double>> seconds_between_hand_ins(const Collected& collected);

}  // namespace tally::admin::quality
