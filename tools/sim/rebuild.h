#pragma once

#include <optional>
#include <string>

#include "broker/core/state.h"
#include "broker/storage/store.h"

namespace tally::sim {

// Makes a part from what is stored of it, as a broker does after its death, and compares it with the one in memory,
// field by field, data and index. The first field that differs; nothing: they are equal. `is_all_durable`: nothing
// decided waits to be stored, of any part; until then the mail that a part has received may be forgotten in memory
// alone.
[[nodiscard]] std::optional<std::string> difference(const core::Part& memory, storage::LoadedPart stored,
                                                    bool is_all_durable);

}  // namespace tally::sim
