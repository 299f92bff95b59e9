#pragma once

#include <string>

#include "admin/quality/worker_figures.h"

// The workers of a project as people read them. Safe for the terminal.
namespace tally::admin::quality {

// `tell`: with each signal, what may be said to the worker.
[[nodiscard]] std::string crowd_text(const Crowd& crowd, bool tell);
[[nodiscard]] std::string worker_text(const Crowd& crowd, const WorkerFigures& worker, bool tell);

}  // namespace tally::admin::quality
