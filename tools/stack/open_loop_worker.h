#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

#include "schemas/messages.h"
#include "tools/stack/crowd.h"

namespace tally::stack {

using Latency = std::chrono::microseconds;

// A worker who comes at moments that are planned ahead, whether or not the broker keeps up: each time it asks for one
// task and hands in its answer. The time of a pull runs from the planned moment, so that waiting behind a slow reply
// counts; that of a submit from its sending.
class OpenLoopWorker : public Member {
 public:
  struct Config {
    ProjectId project;
    std::function<AnswerValues(const TaskOffer&)> answer;
    std::deque<Moment> plan;  // Ascending.
  };
  explicit OpenLoopWorker(Config config);

  void begin(net::Conversation& conversation) override;
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override;
  void wake(net::Conversation& conversation) override;
  [[nodiscard]] Moment wake_at() const override;
  [[nodiscard]] bool is_done() const override { return config_.plan.empty() && !is_busy_; }

  [[nodiscard]] const std::vector<Latency>& pulls() const { return pulls_; }
  [[nodiscard]] const std::vector<Latency>& submits() const { return submits_; }

 private:
  void take_tasks(net::Conversation& conversation, const Tasks& tasks);

  Config config_;
  bool is_busy_ = false;
  Moment began_;  // Of what is under way: the planned moment of a pull, the sending of a submit.
  std::vector<Latency> pulls_;
  std::vector<Latency> submits_;
};

// The value that `share` (0 to 1) of them do not exceed; 0 where there are none. Sorts them.
[[nodiscard]] Latency percentile(std::vector<Latency>& latencies, double share);

}  // namespace tally::stack
