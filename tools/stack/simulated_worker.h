#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "schemas/messages.h"
#include "tools/stack/crowd.h"

namespace tally::stack {

// A client that takes any task and makes up its answer, one at a time, until the crowd is stopped.
class SimulatedWorker : public Member {
 public:
  struct Config {
    std::optional<ProjectId> project;                      // Without: any.
    std::function<AnswerValues(const TaskOffer&)> answer;  // Called once for each task.
    std::function<Duration()> thinks;                      // How long until it is handed in. Without: not at all.
    std::atomic<std::int64_t>* answers = nullptr;          // Counts what was acknowledged, over all workers.
  };
  explicit SimulatedWorker(Config config);

  void begin(net::Conversation& conversation) override;
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override;
  void wake(net::Conversation& conversation) override;
  [[nodiscard]] Moment wake_at() const override { return wake_at_; }
  [[nodiscard]] bool is_done() const override { return false; }

 private:
  void pull(net::Conversation& conversation) const;
  void think(net::Conversation& conversation, const TaskOffer& offer);
  void submit(net::Conversation& conversation) const;
  void take_outcome(net::Conversation& conversation, const Submitted& submitted);

  Config config_;
  std::optional<SubmittedAnswer> in_hand_;
  Moment wake_at_ = Moment::max();
};

}  // namespace tally::stack
