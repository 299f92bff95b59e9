#include "worker-client/session.h"

#include <algorithm>

#include "common/base/assert.h"

namespace tally::worker {
namespace {

// How much of a lease is kept for the way to the broker: a tenth, at most five seconds.
constexpr std::int64_t margin_ms_max = 5'000;
constexpr std::int64_t margin_part = 10;
// Tasks are leased ahead when a lease is this many times what a task takes; else they could run out while waiting.
constexpr std::int64_t quick_factor = 10;

// A broker with nothing for us that will not change soon answers at once; the others have waited.
Duration pause_after(NoWork why) {
  switch (why) {
    case NoWork::tasks_loading:
      return Duration{100};
    case NoWork::project_ended:
    case NoWork::tasks_per_worker_reached:
    case NoWork::too_many_leases:
      return Duration{10'000};
    default:
      return Duration{0};
  }
}

}  // namespace

Time work_deadline(const OpenTask& task) {
  const std::int64_t left = std::max<std::int64_t>(0, (task.deadline - task.begun).ms);
  return task.deadline + Duration{-std::min(margin_ms_max, left / margin_part)};
}

std::int64_t Session::held() const { return std::ssize(waiting_) + static_cast<std::int64_t>(at_work_.size()); }

bool Session::is_complete() const { return config_.count_max && answers_ >= *config_.count_max; }

std::int64_t Session::ahead() const {
  const bool quick = work_ms_ >= 0 && work_ms_ * quick_factor < lease_ms_;
  return config_.prefetch && quick ? 2 * config_.at_once : 0;
}

std::int64_t Session::wanted(Time now) const {
  if (stopping_ || now < ask_again_at_) return 0;
  const std::int64_t have = held() + asked_;
  std::int64_t more = std::min(config_.at_once + ahead(), config_.leases_max) - have;
  if (config_.count_max) more = std::min(more, *config_.count_max - answers_ - have);
  return std::max<std::int64_t>(0, more);
}

void Session::given(std::int64_t asked, std::span<const TaskOffer> tasks, Time now) {
  TALLY_ASSERT(asked <= asked_);
  asked_ -= asked;
  if (tasks.empty()) return;
  ask_again_at_ = now;
  lease_ms_ = tasks.front().lease_left_ms;
  for (const TaskOffer& offer : tasks) {
    const auto is_it = [&](const OpenTask& task) { return task.offer.assignment == offer.assignment; };
    if (at_work_.contains(offer.assignment) || std::any_of(waiting_.begin(), waiting_.end(), is_it)) continue;
    lease_ms_ = std::min(lease_ms_, offer.lease_left_ms);
    waiting_.push_back(OpenTask{offer, now, now + Duration{offer.lease_left_ms}});
  }
}

void Session::nothing(NoWork why, Time now) { ask_again_at_ = now + pause_after(why); }

std::optional<OpenTask> Session::begin(Time now, std::optional<AssignmentId> preferred) {
  if (waiting_.empty()) return std::nullopt;
  const auto sooner = [](const OpenTask& a, const OpenTask& b) { return a.deadline < b.deadline; };
  const auto is_preferred = [&](const OpenTask& task) { return task.offer.assignment == preferred; };
  auto first = std::find_if(waiting_.begin(), waiting_.end(), is_preferred);
  if (first == waiting_.end()) first = std::min_element(waiting_.begin(), waiting_.end(), sooner);
  OpenTask task = *first;
  waiting_.erase(first);
  task.begun = now;
  at_work_.insert_or_assign(task.offer.assignment, task);
  return task;
}

void Session::put_back(const OpenTask& task) {
  at_work_.erase(task.offer.assignment);
  waiting_.push_front(task);
}

void Session::answered(AssignmentId assignment, Time now) {
  const auto found = at_work_.find(assignment);
  TALLY_ASSERT(found != at_work_.end());
  const std::int64_t took = std::max<std::int64_t>(0, (now - found->second.begun).ms);
  work_ms_ = work_ms_ < 0 ? took : (3 * work_ms_ + took) / 4;
  at_work_.erase(found);
  ++answers_;
}

void Session::handed_back(AssignmentId assignment) { at_work_.erase(assignment); }

std::vector<OpenTask> Session::take_unwanted(Time now) {
  std::vector<OpenTask> unwanted;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (!stopping_ && now < work_deadline(*it)) {
      ++it;
      continue;
    }
    unwanted.push_back(std::move(*it));
    it = waiting_.erase(it);
  }
  return unwanted;
}

}  // namespace tally::worker
