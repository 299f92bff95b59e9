#pragma once

#include <chrono>
#include <thread>

namespace tally::test {

// Whether it comes true in time. It is asked at least once.
template <class Condition>
bool comes_true(const Condition& condition, std::chrono::seconds most = std::chrono::seconds(20)) {
  const auto until = std::chrono::steady_clock::now() + most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace tally::test
