#pragma once

#include <functional>
#include <iosfwd>

#include "common/base/result.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"
#include "worker-client/line_source.h"

namespace tally::worker {

// Training before paid work, with the keyboard: each task through the form, then what would have been right. Nothing of
// it is kept on disk: the broker knows whose turn it is, and the same answer sent again counts once.
class TerminalTraining {
 public:
  using Ask = std::function<Result<Reply, Refusal>(const Request&)>;
  enum class Ended {
    over,     // Passed, or no round is left, or the broker says that there is nothing to be done: a pull tells.
    stopped,  // Somebody wants to end.
  };

  // Borrows all. `ask` waits for the reply.
  TerminalTraining(Ask ask, LineSource& lines, std::ostream& screen)
      : ask_(std::move(ask)), lines_(lines), screen_(screen) {}

  // The error: what the broker refused, and nothing here can mend.
  [[nodiscard]] Result<Ended, Refusal> run(ProjectId project, const ProjectSpec& spec);

 private:
  [[nodiscard]] Result<TrainingStep, Refusal> step(const Train& train);
  void introduce(ProjectId project, const ProjectSpec& spec, const TrainingStep& step);
  void show_task(const TrainingOffer& offer, const ProjectSpec& spec, const TrainingStep& step);
  // False: somebody wants to end.
  [[nodiscard]] bool read(const TrainingOffer& offer, const ProjectSpec& spec, AnswerValues& draft);
  void show_feedback(const TrainingOffer& answered, const ProjectSpec& spec, const TrainingStep& step);

  Ask ask_;
  LineSource& lines_;
  std::ostream& screen_;
};

}  // namespace tally::worker
