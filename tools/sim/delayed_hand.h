#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "broker/hand.h"
#include "tools/sim/environment.h"

namespace tally::sim {

// A hand that takes virtual time for its work: one job after the other. What it does to the database happens before the
// loop hears of it; with its destruction (the broker's death) what was not told is told to nobody.
template <class Job, class Done>
class DelayedHand final : public broker::Hand<Job, Done> {
 public:
  // `work` gives nothing when it could not be done now: it is tried again. `wake` tells the loop of a result.
  using Work = std::function<std::optional<Done>(const Job&)>;
  DelayedHand(Environment& environment, Work work, std::function<void()> wake)
      : environment_(environment), work_(std::move(work)), wake_(std::move(wake)) {}

  void push(Job job) override {
    jobs_.push_back(std::move(job));
    if (jobs_.size() == 1) later(delay(), [this] { run(); });
  }
  std::optional<Done> pop() override {
    if (done_.empty()) return std::nullopt;
    auto result = std::make_optional<Done>(std::move(done_.front()));
    done_.pop_front();
    return result;
  }
  [[nodiscard]] std::size_t under_way() const override { return jobs_.size() + done_.size(); }

 private:
  static constexpr Duration try_again{100};

  void run() {
    auto result = work_(jobs_.front());
    if (!result) return later(try_again, [this] { run(); });
    later(delay(), [this, told = std::move(*result)]() mutable { tell(std::move(told)); });
  }
  void tell(Done told) {
    done_.push_back(std::move(told));
    jobs_.pop_front();
    if (!jobs_.empty()) later(delay(), [this] { run(); });
    wake_();
  }
  Duration delay() {
    // Now and then a read that takes its time, so that others overtake it.
    return environment_.random.between(Duration{0}, Duration{environment_.random.percent(2) ? 2'000 : 3});
  }
  // Unless this hand is gone by then.
  template <class Event>
  void later(Duration after, Event event) {
    environment_.schedule.after(after, [life = std::weak_ptr<int>(life_), event = std::move(event)]() mutable {
      if (!life.expired()) event();
    });
  }

  Environment& environment_;
  Work work_;
  std::function<void()> wake_;
  std::deque<Job> jobs_;
  std::deque<Done> done_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

}  // namespace tally::sim
