#pragma once

#include <span>

#include "admin/quality/worker_figures.h"
#include "common/cli/rows.h"

namespace tally::admin::quality {

// A row a worker, for programs. `tell`: with what may be said to them.
void write_workers(cli::RowWriter& out, const Crowd& crowd, std::span<const WorkerFigures> workers, bool tell);

}  // namespace tally::admin::quality
