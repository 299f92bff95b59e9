#pragma once

#include <cstddef>
#include <optional>

namespace tally::broker {

// Somebody who does for the event loop what would block it: jobs go in, results come out in the same order. The loop
// never waits for one. In a broker it is a SideThread; a simulator has hands of its own.
template <class Job, class Done>
class Hand {
 public:
  Hand() = default;
  virtual ~Hand() = default;
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  virtual void push(Job job) = 0;
  // A result, if there is one. Throws what the hand could not go on with.
  virtual std::optional<Done> pop() = 0;
  [[nodiscard]] virtual std::size_t under_way() const = 0;  // Jobs whose result was not popped.
};

}  // namespace tally::broker
