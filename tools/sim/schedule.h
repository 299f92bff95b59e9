#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "schemas/time.h"

// Virtual time, and what happens when. One thread.
namespace tally::sim {

class Schedule {
 public:
  using Event = std::function<void()>;

  explicit Schedule(Time start) : now_(start) {}

  [[nodiscard]] Time now() const { return now_; }

  // Events of one moment happen in the order in which they were made.
  void at(Time when, Event event) {
    heap_.push_back({std::max(when, now_), next_no_++, std::move(event)});
    std::push_heap(heap_.begin(), heap_.end());
  }
  void after(Duration delay, Event event) { at(now_ + delay, std::move(event)); }

  // The next event, if it is due by then; otherwise time goes on to `until`, and it gives false.
  bool step(Time until) {
    if (heap_.empty() || heap_.front().when > until) {
      now_ = std::max(now_, until);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end());
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    now_ = entry.when;
    ++events_;
    entry.event();
    return true;
  }
  [[nodiscard]] std::int64_t events() const { return events_; }

 private:
  struct Entry {
    Time when;
    std::uint64_t no = 0;
    Event event;
    // The heap's front is its greatest.
    friend bool operator<(const Entry& a, const Entry& b) { return std::pair(a.when, a.no) > std::pair(b.when, b.no); }
  };
  Time now_;
  std::uint64_t next_no_ = 0;
  std::int64_t events_ = 0;
  std::vector<Entry> heap_;
};

}  // namespace tally::sim
