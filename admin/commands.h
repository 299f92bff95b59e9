#pragma once

#include "common/cli/program.h"

// What tally-admin can do: docs/admin.md shows each command.
namespace tally::admin {

// Adds all subcommands; the program must outlive their use.
void add_commands(cli::Program& program);

}  // namespace tally::admin
