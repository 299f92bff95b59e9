#include "tools/sim/delayed_committer.h"

#include <algorithm>

#include "common/base/assert.h"
#include "common/base/planted.h"

namespace tally::sim {
namespace {

constexpr Duration commit_min{1};
constexpr Duration commit_max{8};
constexpr Duration slow_max{8'000};
constexpr std::int64_t retry_delay_max_ms = 2'000;

}  // namespace

DelayedCommitter::DelayedCommitter(Environment& environment, ModelDatabase& database, ModelDatabase::Owner owner,
                                   std::function<bool()> is_down, std::function<void()> wake)
    : environment_(environment),
      database_(database),
      owner_(std::move(owner)),
      is_down_(std::move(is_down)),
      wake_(std::move(wake)) {}

DelayedCommitter::~DelayedCommitter() {
  if (!group_ || decided_ || !environment_.random.percent(30)) return;
  const Duration delay = environment_.random.between(Duration{1}, slow_max);
  environment_.schedule.after(delay, [&database = database_, group = group_, owner = owner_] {
    static_cast<void>(database.attempt(*group, owner));
  });
}

void DelayedCommitter::push(storage::Group group) {
  TALLY_ASSERT(under_way() == 0);
  group_ = std::make_shared<storage::Group>(std::move(group));
  attempts_ = 0;
  later(environment_.random.between(commit_min, commit_max), &DelayedCommitter::run);
}

void DelayedCommitter::run() {
  Random& random = environment_.random;
  const Faults& faults = environment_.faults;
  if (planted(Bug::in_doubt_taken_for_stored) && random.permille(faults.in_doubt_absent)) {
    return tell(storage::CommitOutcome::stored, Duration{1});
  }
  if (is_down_() || random.permille(faults.fails) || random.permille(faults.in_doubt_absent)) return again();
  if (random.permille(faults.refused)) return tell(storage::CommitOutcome::refused, Duration{1});
  const bool is_slow = random.permille(faults.slow);
  const Duration delay = random.between(Duration{1}, is_slow ? slow_max : commit_max);
  switch (database_.attempt(*group_, owner_)) {
    case ModelDatabase::Attempt::stored:
      if (random.permille(faults.in_doubt_stored)) return again();
      return tell(storage::CommitOutcome::stored, delay);
    case ModelDatabase::Attempt::refused:
      return tell(storage::CommitOutcome::refused, delay);
    case ModelDatabase::Attempt::missed:
      return tell(database_.settle(*group_), delay);
  }
}

void DelayedCommitter::again() {
  ++attempts_;
  const std::int64_t delay_ms =
      std::min<std::int64_t>(retry_delay_max_ms, 10LL << std::min<std::int64_t>(attempts_, 10));
  later(Duration{delay_ms}, &DelayedCommitter::run);
  wake_();
}

void DelayedCommitter::tell(storage::CommitOutcome outcome, Duration delay) {
  decided_ = outcome;
  later(delay, &DelayedCommitter::told);
}

void DelayedCommitter::told() {
  outcome_ = std::exchange(decided_, std::nullopt);
  group_.reset();
  attempts_ = 0;
  wake_();
}

void DelayedCommitter::later(Duration after, void (DelayedCommitter::*step)()) {
  environment_.schedule.after(after, [life = std::weak_ptr<int>(life_), this, step] {
    if (!life.expired()) (this->*step)();
  });
}

}  // namespace tally::sim
