#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/messages/worker.h"
#include "schemas/refusals.h"
#include "worker-client/wire.h"

namespace tally::worker {

// Training before paid work, by a program: what the broker is asked, and whose turn it is. One task is under way at a
// time. Nothing of it is kept on disk: the broker knows where it is, and the same answer sent again counts once.
class ExecTraining {
 public:
  explicit ExecTraining(Wire& wire) : wire_(wire) {}

  // Asks the broker for the task whose turn it is.
  void begin(ProjectId project);
  [[nodiscard]] std::optional<ProjectId> project() const { return project_; }  // While it is under way.

  // The task that is to be given to a program now: once, until put_back().
  [[nodiscard]] std::optional<TrainingOffer> take_offer();
  [[nodiscard]] bool has_offer() const { return offer_ && !is_given_; }
  void put_back() { is_given_ = false; }
  void answered(AnswerValues values);

  struct Report {
    std::vector<std::string> lines;  // For the log; safe for a terminal.
    std::optional<TrainingFeedback> feedback;
    std::optional<Refusal> refusal;  // It is over, for this reason, and nothing here can mend it.
  };
  // What a reply says, when it is one to this training.
  std::optional<Report> arrived(const Wire::Arrived& arrived);

 private:
  void ask(std::optional<TrainingAnswer> answer);
  void stepped(const TrainingStep& step, Report& report);
  void refused(const Refusal& refusal, Report& report);

  Wire& wire_;
  std::optional<ProjectId> project_;
  std::optional<std::uint64_t> request_;
  std::optional<TrainingOffer> offer_;
  bool is_given_ = false;
  bool is_introduced_ = false;
};

}  // namespace tally::worker
