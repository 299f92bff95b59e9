#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "broker/event_loop.h"
#include "tools/sim/environment.h"
#include "tools/sim/model_database.h"

namespace tally::sim {

// The committer's hand, over a database whose commits fail, are late, or end in doubt. It treats them by the rule that
// storage::Store::commit() documents: what may pass is tried again with the same bytes, and an error of COMMIT is
// settled by reading what is stored.
class DelayedCommitter final : public broker::EventLoop::Committer {
 public:
  // `is_down`: the database does not answer. `wake` tells the loop of a result.
  DelayedCommitter(Environment& environment, ModelDatabase& database, ModelDatabase::Owner owner,
                   std::function<bool()> is_down, std::function<void()> wake);
  // The broker dies: a transaction that its backend had begun may still be stored, seconds later.
  ~DelayedCommitter() override;

  void push(storage::Group group) override;
  std::optional<storage::CommitOutcome> pop() override { return std::exchange(outcome_, std::nullopt); }
  [[nodiscard]] std::size_t under_way() const override { return group_ || outcome_ ? 1 : 0; }
  // As Store::away(): the group at hand is being tried again.
  [[nodiscard]] bool away() const { return attempts_ > 0; }

 private:
  void run();
  void again();
  void tell(storage::CommitOutcome outcome, Duration delay);
  void later(Duration after, void (DelayedCommitter::*step)());
  void told();

  Environment& environment_;
  ModelDatabase& database_;
  ModelDatabase::Owner owner_;
  std::function<bool()> is_down_;
  std::function<void()> wake_;
  std::shared_ptr<storage::Group> group_;  // At hand.
  std::int64_t attempts_ = 0;              // That failed.
  std::optional<storage::CommitOutcome> decided_, outcome_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

}  // namespace tally::sim
