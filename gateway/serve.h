#pragma once

#include "common/cli/program.h"

namespace tally::gateway {

// tally-gateway serve: the pages and the API until SIGTERM or SIGINT.
class ServeCommand {
 public:
  explicit ServeCommand(cli::Program& program);
};

}  // namespace tally::gateway
