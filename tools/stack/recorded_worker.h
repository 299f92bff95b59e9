#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "tools/stack/crowd.h"
#include "tools/stack/turns.h"

namespace tally::stack {

// What the broker has acknowledged: it must be found in its database ever after.
struct AcknowledgedAnswer {
  AssignmentId assignment;
  std::int64_t item_no = 0;
};

// A client that asks for the tasks that its worker once answered, and hands in the recorded answers.
class RecordedWorker : public Member {
 public:
  struct Config {
    ProjectId project;
    std::string field;                             // Of the form.
    std::map<std::int64_t, std::string> labels;    // By item number.
    std::vector<std::int64_t> order;               // The item numbers, in the order in which they are asked for.
    std::int64_t tasks_in_hand_max = 20;           // Leased at a time.
    std::int64_t answers_per_message_max = 100;    // As the broker's welcome says.
    std::atomic<std::int64_t>* answers = nullptr;  // Counts what was acknowledged, over all workers.
    Turns* turns = nullptr;                        // Of all workers; null: each goes as fast as it can.
    std::vector<std::size_t> turn_of;              // Of each in `order`, ascending, where there are turns.
  };
  explicit RecordedWorker(Config config);

  void begin(net::Conversation& conversation) override;
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override;
  void wake(net::Conversation& conversation) override;
  [[nodiscard]] Moment wake_at() const override { return wake_at_; }
  [[nodiscard]] bool is_done() const override { return is_done_; }

  [[nodiscard]] const std::vector<AcknowledgedAnswer>& acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::int64_t not_wanted() const { return not_wanted_; }  // Tasks that others had settled before.

 private:
  void go_on(net::Conversation& conversation);
  void pull(net::Conversation& conversation);
  void submit(net::Conversation& conversation);
  void take_tasks(net::Conversation& conversation, const Tasks& tasks);
  void take_outcomes(net::Conversation& conversation, const Submitted& submitted);
  void take_refusal(const Refusal& refusal);
  [[nodiscard]] bool may_ask(std::int64_t item) const;
  // Its turn is over, whatever became of it.
  void passed(std::int64_t item);

  Config config_;
  std::deque<std::int64_t> left_;                 // Item numbers still to be asked for.
  std::deque<std::int64_t> again_;                // After these: they were in others' hands.
  std::map<std::int64_t, std::size_t> turns_;     // By item.
  std::vector<std::int64_t> asked_;               // In the pull that is under way.
  std::map<AssignmentId, std::int64_t> in_hand_;  // Leased, and not acknowledged yet: item numbers.
  std::size_t fruitless_ = 0;                     // Items asked for in a row without getting any.
  int refused_ = 0;                               // Times in a row.
  Moment wake_at_ = Moment::max();
  bool is_done_ = false;
  std::int64_t not_wanted_ = 0;
  std::vector<AcknowledgedAnswer> acknowledged_;
};

}  // namespace tally::stack
