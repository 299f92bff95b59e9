#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "schemas/messages.h"
#include "tools/stack/crowd.h"

namespace tally::stack {

using Latency = std::chrono::microseconds;

// A worker who makes load: hands in a batch of answers and asks for the next tasks with the same message, from each of
// its projects in turn.
class LoadWorker : public Member {
 public:
  struct Config {
    std::vector<ProjectId> projects;  // At least one.
    std::size_t first = 0;            // Of those: where it begins.
    std::int64_t batch = 1;
    std::atomic<std::int64_t>* answers = nullptr;  // Counts what was acknowledged, over all workers.
  };
  explicit LoadWorker(Config config);

  // From now on batches are handed in at these moments, whether or not the broker keeps up: a closed loop becomes an
  // open one. In the thread of the crowd: before it begins, or never.
  struct Plan {
    Moment first;
    std::chrono::nanoseconds every{};
  };
  void follow(Plan plan) { plan_ = plan; }

  void begin(net::Conversation& conversation) override;
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override;
  void wake(net::Conversation& conversation) override;
  [[nodiscard]] Moment wake_at() const override { return wake_at_; }
  [[nodiscard]] bool is_done() const override { return false; }

  // How long each batch took until it was acknowledged, and when that was. With a plan it runs from the planned
  // moment, so that waiting behind a slow reply counts.
  struct Measured {
    Moment at;
    Latency latency;
  };
  [[nodiscard]] const std::vector<Measured>& measured() const { return measured_; }
  // Asked for tasks and got none, and why; unless they were only being read: then it asked again.
  [[nodiscard]] std::optional<NoWork> ran_dry() const { return ran_dry_; }

 private:
  void pull(net::Conversation& conversation);
  void take_tasks(net::Conversation& conversation, const std::vector<TaskOffer>& tasks, std::optional<NoWork> why_none);
  void submit(net::Conversation& conversation);
  [[nodiscard]] ProjectId next_project();

  Config config_;
  std::optional<Plan> plan_;
  std::size_t turn_ = 0;
  std::vector<SubmittedAnswer> in_hand_;
  Moment began_;
  Moment wake_at_ = Moment::max();
  std::optional<NoWork> ran_dry_;
  std::vector<Measured> measured_;
};

// The value that `share` (0 to 1) of them do not exceed; 0 where there are none. Sorts them.
[[nodiscard]] Latency percentile(std::vector<Latency>& latencies, double share);

}  // namespace tally::stack
