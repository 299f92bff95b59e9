#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/cli/program.h"
#include "schemas/messages/requester.h"

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
  // Nothing: the project asks for no confidence.
  [[nodiscard]] std::optional<SupportReport> support_of(ProjectId project);
  void say_status(const ProjectStatus& status, const std::string& currency);

  cli::Program& program_;
  std::string project_;
  std::int64_t rows_max_ = 50;
  bool json_ = false;
};

}  // namespace tally::requester
