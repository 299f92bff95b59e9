#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

namespace tally::stack {

// Keeps many workers to one common order, about: who has turn n may go once all but a few of those before are over. So
// a worker with much to do is not late everywhere because others have little, and a seed says how a replay goes.
// Any thread.
class Turns {
 public:
  Turns(std::size_t count, std::size_t ahead_max) : is_over_(count), ahead_max_(ahead_max) {}

  [[nodiscard]] bool may_go(std::size_t turn) const {
    const std::lock_guard lock(mutex_);
    return turn < first_ + ahead_max_;
  }
  void over(std::size_t turn) {
    const std::lock_guard lock(mutex_);
    is_over_[turn] = true;
    while (first_ < is_over_.size() && is_over_[first_]) ++first_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<bool> is_over_;
  std::size_t first_ = 0;  // That is not over.
  std::size_t ahead_max_;
};

}  // namespace tally::stack
