#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "broker/hand.h"
#include "broker/wakeup.h"

namespace tally::broker {

// A hand that is a thread; the loop is woken for each result. Its destructor waits for the job at hand and forgets the
// others.
template <class Job, class Done>
class SideThread final : public Hand<Job, Done> {
 public:
  // `start` runs in the thread and gives the function that does the jobs: what it opens is used and closed there.
  using Work = std::function<Done(Job)>;
  SideThread(Wakeup& wakeup, std::function<Work()> start)
      : wakeup_(wakeup), thread_([this, start = std::move(start)] { run(start); }) {}

  ~SideThread() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void push(Job job) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      ++under_way_;
    }
    changed_.notify_one();
  }

  std::optional<Done> pop() override {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (done_.empty()) return std::nullopt;
    // Here and below made in this way because GCC 12 with -O2 otherwise takes what an empty optional in it holds for
    // read (GCC bug 80635).
    auto result = std::make_optional<Done>(std::move(done_.front()));
    done_.pop_front();
    --under_way_;
    return result;
  }

  [[nodiscard]] std::size_t under_way() const override {
    const std::lock_guard lock(mutex_);
    return under_way_;
  }

 private:
  void run(const std::function<Work()>& start) {
    try {
      const Work work = start();
      while (auto job = next()) {
        Done result = work(std::move(*job));
        {
          const std::lock_guard lock(mutex_);
          done_.push_back(std::move(result));
        }
        wakeup_.notify();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      wakeup_.notify();
    }
  }

  std::optional<Job> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return std::nullopt;
    auto job = std::make_optional<Job>(std::move(jobs_.front()));
    jobs_.pop_front();
    return job;
  }

  Wakeup& wakeup_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::deque<Done> done_;
  std::size_t under_way_ = 0;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace tally::broker
