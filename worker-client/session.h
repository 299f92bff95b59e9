#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "schemas/messages/worker.h"
#include "schemas/time.h"

namespace tally::worker {

// A task that is leased to us.
struct OpenTask {
  TaskOffer offer;
  Time begun;     // When work on it began; when it was given, until then.
  Time deadline;  // When the lease ends, by our own clock.
};

// The leased tasks of one run: which wait, which are worked on, and how many more to ask for. Pure: time is an
// argument, and what it decides is sent by the caller.
class Session {
 public:
  struct Config {
    std::int64_t at_once = 1;               // Tasks worked on at a time.
    bool prefetch = false;                  // Lease more than that, once tasks prove to be quick.
    std::int64_t leases_max = 1'000;        // What the broker allows.
    std::optional<std::int64_t> count_max;  // Answers until this run is over.
  };

  explicit Session(Config config) : config_(config) {}

  // How many tasks to ask for now. 0 while nothing is wanted, or it is too early to ask again.
  [[nodiscard]] std::int64_t wanted(Time now) const;
  void asked(std::int64_t count) { asked_ += count; }
  // The reply to a message that asked for `asked` tasks. A task that is known already changes nothing.
  void given(std::int64_t asked, std::span<const TaskOffer> tasks, Time now);
  // The reply said that there is none: after which time asking again makes sense.
  void nothing(NoWork why, Time now);
  [[nodiscard]] Time ask_again_at() const { return ask_again_at_; }

  // The task to work on next: this one, if it waits; otherwise the one whose lease ends first.
  std::optional<OpenTask> begin(Time now, std::optional<AssignmentId> preferred = std::nullopt);
  void put_back(const OpenTask& task);  // It waits again.
  void answered(AssignmentId assignment, Time now);
  void handed_back(AssignmentId assignment);

  // Waiting tasks that must go back to the broker: all of them when we are stopping, otherwise those with hardly any
  // time left. They are no longer held here.
  std::vector<OpenTask> take_unwanted(Time now);

  void stop() { stopping_ = true; }
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  // As many answers as were to be given.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] std::int64_t held() const;  // Leases: waiting or worked on.
  [[nodiscard]] std::int64_t answers() const { return answers_; }
  [[nodiscard]] const std::deque<OpenTask>& waiting() const { return waiting_; }

 private:
  [[nodiscard]] std::int64_t ahead() const;

  Config config_;
  std::deque<OpenTask> waiting_;
  std::map<AssignmentId, OpenTask> at_work_;
  std::int64_t asked_ = 0;
  std::int64_t answers_ = 0;
  std::int64_t work_ms_ = -1;  // What a task takes: a moving average; unknown below 0.
  std::int64_t lease_ms_ = 0;  // The shortest lease we were given lately.
  Time ask_again_at_;
  bool stopping_ = false;
};

// When work on this task must be done, so that its answer is there before the lease ends.
[[nodiscard]] Time work_deadline(const OpenTask& task);

}  // namespace tally::worker
