#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/net/client.h"
#include "schemas/time.h"
#include "tools/stack/crowd.h"

namespace tally::stack {

// Connections of workers that are there: idle, or working at a pace, each with a thread's share of attention. Any
// thread may call this.
class HeldConnections {
 public:
  // Connects at once, and greets the broker on each connection.
  HeldConnections(const net::Network& network, const std::vector<net::ConversationConfig>& configs);
  ~HeldConnections();
  HeldConnections(const HeldConnections&) = delete;
  HeldConnections& operator=(const HeldConnections&) = delete;

  // Returns when the broker has answered the last greeting on every connection; throws what a connection has thrown.
  void wait_until_greeted();
  // Greets again, on every connection: one that was lost is made again for it.
  void greet();
  // Each takes a task and hands in its answer, once in so long; zero: no more.
  void work_every(Duration pace);
  [[nodiscard]] std::int64_t answers() const { return wanted_.answers; }

  // What the members read and write, from the crowd's thread.
  struct Wanted {
    std::atomic<int> greeting{1};
    std::atomic<std::int64_t> pace_ms{0};
    std::atomic<std::size_t> greeted{0};
    std::atomic<std::int64_t> answers{0};
  };

 private:
  class Holder;

  Wanted wanted_;
  std::vector<std::unique_ptr<Holder>> holders_;
  std::unique_ptr<Crowd> crowd_;
};

}  // namespace tally::stack
