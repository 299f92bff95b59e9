#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "schemas/messages.h"
#include "tools/stack/crowd.h"
#include "tools/stack/load_worker.h"

namespace tally::faults {

// What all workers of a load have heard, as it goes on.
struct Heard {
  std::atomic<std::int64_t> acknowledged{0};   // Answers.
  std::atomic<std::int64_t> without_tasks{0};  // Replies to workers who have nothing in hand.
  std::atomic<std::int64_t> refusals{0};       // But for those that the conversation sees to.
};

// An honest worker, whatever happens to the broker: takes some tasks, hands in their answers, and asks again for what
// was not carried out. Remembers what was acknowledged. Works until the crowd is stopped.
class SteadyWorker : public stack::Member {
 public:
  struct Config {
    ProjectId project;
    unsigned seed = 0;       // Of how many tasks it takes, and what it answers.
    Heard* heard = nullptr;  // By all workers.
  };
  explicit SteadyWorker(const Config& config) : config_(config), dice_(config.seed) {}

  void begin(net::Conversation& conversation) override { go_on(conversation); }
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override;
  void wake(net::Conversation& conversation) override;
  [[nodiscard]] stack::Moment wake_at() const override { return wake_at_; }
  [[nodiscard]] bool is_done() const override { return false; }

  // Once the crowd has stopped:
  [[nodiscard]] const std::vector<AssignmentId>& acknowledged() const { return acknowledged_; }
  // From sending an answer to its acknowledgement.
  [[nodiscard]] const std::vector<stack::Latency>& latencies() const { return latencies_; }

 private:
  void go_on(net::Conversation& conversation);
  void take_tasks(const std::vector<TaskOffer>& tasks);
  void take_outcomes(const Submitted& submitted);
  void pause();

  Config config_;
  std::mt19937 dice_;
  std::map<AssignmentId, AnswerValues> in_hand_;
  std::vector<AssignmentId> acknowledged_;
  std::vector<stack::Latency> latencies_;
  stack::Moment sent_;
  stack::Moment wake_at_ = stack::Moment::max();
};

}  // namespace tally::faults
