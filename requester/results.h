#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "common/cli/program.h"
#include "common/reliability/project_reliability.h"
#include "requester/result_rows.h"

namespace tally::requester {

// Every page of a project's results, one after the other. Fails with the broker's refusal.
void each_result(cli::Program& program, GetResults ask, const std::function<void(const ResultRow&)>& take);

// `results PROJECT`; how reliable they are is said on stderr, behind them. Memory: one page.
class ResultsCommand {
 public:
  explicit ResultsCommand(cli::Program& program);

 private:
  void run();
  // The project's results to where they are wanted; also counts them.
  void write_all(ProjectId project, const ProjectSpec& spec, reliability::ProjectCounts& counts);
  void write(std::ostream& out, ProjectId project, const ProjectSpec& spec, reliability::ProjectCounts& counts);
  [[nodiscard]] bool needs_gold_columns(ProjectId project, const ProjectSpec& spec);

  cli::Program& program_;
  std::string project_;
  std::string format_ = "csv";
  std::string output_;
  bool answers_ = false;
};

}  // namespace tally::requester
