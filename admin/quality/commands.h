#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include "admin/asker.h"

namespace tally::admin::quality {

// Adds `quality project`, `quality worker`, `quality task` and `whatif` to a program; the asker is used when one runs.
void add_commands(CLI::App& app, const std::shared_ptr<Asker>& asker);

}  // namespace tally::admin::quality
