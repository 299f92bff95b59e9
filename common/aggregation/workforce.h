#pragma once

#include <functional>

namespace tally::aggregation {

// Who does the parts of a long computation. What is computed is cut by its size alone and put together in the order of
// the parts, so the outcome is the same with one thread and with many.
class Workforce {
 public:
  virtual ~Workforce() = default;
  // Calls work(0) … work(count - 1), each once, maybe at the same time in several threads, and returns when all are
  // done. Calls do not throw.
  virtual void run(int count, const std::function<void(int)>& work) = 0;
};

// The calling thread alone.
class OneWorker final : public Workforce {
 public:
  void run(int count, const std::function<void(int)>& work) override {
    for (int i = 0; i < count; ++i) work(i);
  }
};

}  // namespace tally::aggregation
