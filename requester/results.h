#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "common/cli/program.h"
#include "requester/result_rows.h"

namespace tally::requester {

// Every page of a project's results, one after the other. Fails with the broker's refusal.
void each_result(cli::Program& program, GetResults ask, const std::function<void(const ResultRow&)>& take);

// `results PROJECT`. Memory: one page.
class ResultsCommand {
 public:
  explicit ResultsCommand(cli::Program& program);

 private:
  void run();
  void write(std::ostream& out);
  [[nodiscard]] bool needs_gold_columns(ProjectId project, const ProjectSpec& spec);

  cli::Program& program_;
  std::string project_;
  std::string format_ = "csv";
  std::string output_;
  bool answers_ = false;
};

}  // namespace tally::requester
