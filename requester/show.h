#pragma once

#include <cstdint>
#include <string>

#include "common/cli/program.h"

namespace tally::requester {

// `list`, `status PROJECT`, `watch PROJECT`, `balance`: what only looks.
class ShowCommands {
 public:
  explicit ShowCommands(cli::Program& program);

 private:
  void list();
  void status();
  void watch();
  void balance();

  cli::Program& program_;
  std::string project_;
  std::int64_t rows_max_ = 50;
};

}  // namespace tally::requester
