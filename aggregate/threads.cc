#include "aggregate/threads.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace tally::aggregate {

void Threads::run(int count, const std::function<void(int)>& work) {
  std::atomic<int> next{0};
  const auto work_on = [&] {
    for (int part = next++; part < count; part = next++) work(part);
  };
  std::vector<std::thread> others;
  for (int i = 1; i < std::min(count_, count); ++i) others.emplace_back(work_on);
  work_on();
  for (std::thread& other : others) other.join();
}

}  // namespace tally::aggregate
