#pragma once

#include <string>
#include <vector>

#include "common/cli/program.h"
#include "requester/review_text.h"

namespace tally::requester {

// `review PROJECT`, `review --approve ID...`, `review --reject ID... --reason TEXT`, `review --approve-all PROJECT`.
class ReviewCommand {
 public:
  explicit ReviewCommand(cli::Program& program);

 private:
  struct Tally {
    std::int64_t judged = 0;
    std::int64_t refused = 0;
  };

  void run();
  void one_by_one(ProjectId project);
  // False: the user wants to stop.
  [[nodiscard]] bool judge(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer);
  void approve_all(ProjectId project);
  // Many at a time. What the broker refuses is shown with its id, and does not stop the others.
  [[nodiscard]] Tally judge_all(const std::vector<AssignmentId>& answers, bool approve);

  cli::Program& program_;
  std::string project_;
  std::vector<std::string> approve_;
  std::vector<std::string> reject_;
  std::string approve_all_;
  std::string reason_;
};

}  // namespace tally::requester
