#pragma once

#include "schemas/ids.h"
#include "schemas/messages.h"
#include "tools/sim/tables.h"

namespace tally::sim {

// The lists that the simulated clients ask for: GetResults (what was answered, and what became of its pay; nothing
// else, and on one page) and GetStatus (the state, and how many items were posted). Others are refused.
[[nodiscard]] Reply answer(const Tables& tables, const Request& request, AccountId who);

}  // namespace tally::sim
