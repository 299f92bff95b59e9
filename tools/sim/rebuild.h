#pragma once

#include <optional>
#include <string>

#include "broker/core/state.h"
#include "broker/event_loop.h"
#include "broker/storage/store.h"

namespace tally::sim {

// Makes a part from what is stored of it, as a broker does after its death, and compares it with the one in the memory
// of this loop, field by field, data and index. The first field that differs; nothing: they are equal. REQUIRES that
// all that was decided of the part is durable.
[[nodiscard]] std::optional<std::string> difference(const core::Part& memory, storage::LoadedPart stored,
                                                    const broker::EventLoop& loop);

}  // namespace tally::sim
