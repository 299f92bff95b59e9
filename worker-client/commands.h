#pragma once

#include "common/cli/program.h"

namespace tally::worker {

// Adds tally-worker's commands to the program, which must live as long as they may run.
void add_commands(cli::Program& program);

}  // namespace tally::worker
