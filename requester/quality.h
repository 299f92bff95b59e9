#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "common/cli/program.h"
#include "common/reliability/project_reliability.h"

namespace tally::requester {

// Text, or objects of JSON, one a line. Text is safe for the terminal.
void write_quality(std::ostream& out, const reliability::ProjectTerms& terms, const reliability::ProjectCounts& counts,
                   bool is_json);

// `quality PROJECT`. Memory: one page of results.
class QualityCommand {
 public:
  explicit QualityCommand(cli::Program& program);

 private:
  void run();
  void count(ProjectId project, const std::function<void(const ResultRow&)>& take);

  cli::Program& program_;
  std::string project_;
  bool json_ = false;
};

}  // namespace tally::requester
