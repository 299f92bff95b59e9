#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "admin/asker.h"

// Proof: the chain behind one answer or cent, and the check of everything.
namespace tally::admin {

enum class Traced { task, assignment, payout };
// A line a fact, in the order of time.
void trace(Asker& asker, Traced what, const std::string& id, std::ostream& out);

// Reads page after page until the end or the first wrong row, adds up, and reports on `out`. Something wrong ends in
// cli::Failure with exit_refused. `progress` hears of each page but the last.
void verify(Asker& asker, std::ostream& out, const std::function<void(const AuditPage& so_far)>& progress);

}  // namespace tally::admin
