#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/net/client.h"

// Many clients in one process: each has a connection of its own, and a few threads serve them all.
namespace tally::stack {

using Moment = std::chrono::steady_clock::time_point;

// One client: what it says when something is heard. Each is served by one thread at a time. An exception ends the
// whole crowd.
class Member {
 public:
  Member() = default;
  virtual ~Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  virtual void begin(net::Conversation& conversation) = 0;
  virtual void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) = 0;
  // Called once this moment has passed; it then names another.
  virtual void wake(net::Conversation& /*conversation*/) {}
  [[nodiscard]] virtual Moment wake_at() const { return Moment::max(); }
  // Its connection is closed.
  [[nodiscard]] virtual bool is_done() const = 0;
};

class Crowd {
 public:
  // The members outlive the crowd, as the network does. It begins at once.
  struct Place {
    Member* member = nullptr;
    net::ConversationConfig config;
  };
  Crowd(const net::Network& network, const std::vector<Place>& places, std::size_t threads);
  ~Crowd();  // Stops.
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // All members are done, or one has thrown.
  [[nodiscard]] bool is_over() const { return running_ == 0; }
  // Returns when all threads have ended, soon; rethrows what a member has thrown. Only then may members be looked at.
  void stop();

 private:
  void serve(const std::vector<Place>& places);
  void serve_until_done(const std::vector<Place>& places);

  const net::Network& network_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> running_{0};
  std::mutex mutex_;
  std::exception_ptr thrown_;  // The first; under the mutex.
  std::vector<std::thread> threads_;
};

}  // namespace tally::stack
