#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tally::storage {

// How long the last commits took, for one line in the log. One thread.
class CommitTimes {
 public:
  using Time = std::chrono::microseconds;

  void add(Time took) { last_[static_cast<std::size_t>(groups_++) % last_.size()] = took; }
  [[nodiscard]] bool empty() const { return groups_ == 0; }

  // event=commits groups=… median_us=… p99_us=…: of the last thousand.
  [[nodiscard]] std::string line() const {
    std::vector<Time> sorted(last_.begin(), last_.begin() + std::min(groups_, std::ssize(last_)));
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](std::size_t percent) {
      return std::to_string(sorted.empty() ? 0 : sorted[(sorted.size() - 1) * percent / 100].count());
    };
    return "event=commits groups=" + std::to_string(groups_) + " median_us=" + at(50) + " p99_us=" + at(99);
  }

 private:
  std::array<Time, 1024> last_{};
  std::ptrdiff_t groups_ = 0;
};

}  // namespace tally::storage
