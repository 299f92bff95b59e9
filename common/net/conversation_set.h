#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "common/net/client.h"

namespace tally::net {

// Many conversations that one thread waits for. What a wait costs follows from how many of them have something to do,
// not from how many there are. One thread.
class ConversationSet {
 public:
  ConversationSet();
  ~ConversationSet();
  ConversationSet(const ConversationSet&) = delete;
  ConversationSet& operator=(const ConversationSet&) = delete;

  // `key` names it in what wait() gives: small numbers, each once. It leaves the set before it ends or is moved.
  void add(std::size_t key, Conversation& conversation);
  void remove(std::size_t key);
  [[nodiscard]] std::size_t size() const;

  // Which of these have a reply for Conversation::take(): waits until there is one, `timeout` has passed, or a signal
  // came. Keys, ascending. Does the work of all of them, so it must be called again and again.
  std::vector<std::size_t> wait(std::chrono::microseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::net
