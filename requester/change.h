#pragma once

#include <string>

#include "common/cli/program.h"
#include "schemas/messages/requester.h"

namespace tally::requester {

// `pause`, `resume`, `end`, `cancel`, `extend`, `bonus`: what changes a project that is there.
class ChangeCommands {
 public:
  explicit ChangeCommands(cli::Program& program);

 private:
  void add(const char* name, const char* about, ProjectAction action);
  void change(ProjectAction action);
  void extend();
  void bonus();

  cli::Program& program_;
  std::string project_;
  bool yes_ = false;
  std::string deadline_;
  std::string assignment_;
  std::string amount_;
  std::string reason_;
};

}  // namespace tally::requester
