#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schemas/time.h"

namespace tally::requester {

// The moment that --deadline names: "2026-12-24", "2026-12-24T18:00:00Z", "7d" (from `now` on), or "none" (0). Nothing
// for anything else.
[[nodiscard]] std::optional<std::int64_t> deadline_from(std::string_view text, Time now);

}  // namespace tally::requester
