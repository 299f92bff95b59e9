#include "common/net/outstanding.h"

#include <algorithm>

#include "common/base/assert.h"
#include "common/net/chance.h"

namespace tally::net {

void Outstanding::add(std::uint64_t request_id, std::string frame, Duration wait) {
  const auto [place, is_new] = requests_.try_emplace(request_id);
  TALLY_ASSERT(is_new);
  place->second.frame = std::move(frame);
  place->second.wait = wait;
  unsent_.insert(request_id);
}

void Outstanding::erase(std::uint64_t request_id) {
  const auto found = requests_.find(request_id);
  if (found == requests_.end()) return;
  due_.erase({found->second.due, request_id});
  unsent_.erase(request_id);
  requests_.erase(found);
}

std::vector<std::uint64_t> Outstanding::ids() const {
  std::vector<std::uint64_t> ids;
  ids.reserve(requests_.size());
  for (const auto& [request_id, kept] : requests_) ids.push_back(request_id);
  return ids;
}

std::optional<std::uint64_t> Outstanding::first_unsent() const {
  if (unsent_.empty()) return std::nullopt;
  return *unsent_.begin();
}

void Outstanding::set_due(std::uint64_t request_id, Kept& kept, Time due) {
  due_.erase({kept.due, request_id});
  unsent_.erase(request_id);
  kept.due = due;
  due_.insert({due, request_id});
}

void Outstanding::set_unsent(std::uint64_t request_id, Kept& kept) {
  due_.erase({kept.due, request_id});
  kept.due = never;
  kept.is_put_off = false;
  unsent_.insert(request_id);
}

void Outstanding::sent(std::uint64_t request_id, Time now) {
  Kept& kept = requests_.at(request_id);
  // A broker that is slow is not helped by the same request again and again.
  const int doublings = std::min(kept.times_sent++, 3);
  const Duration patience{resend_after_.ms << doublings};
  set_due(request_id, kept, now + Duration{kept.wait.ms + patience.ms} + random_up_to(Duration{patience.ms / 4}));
}

void Outstanding::put_off(std::uint64_t request_id, Time until, Refusal refusal) {
  Kept& kept = requests_.at(request_id);
  kept.times_sent = 0;  // It was answered: the broker is there.
  kept.is_put_off = true;
  kept.refusal = std::move(refusal);
  set_due(request_id, kept, until);
}

std::optional<Refusal> Outstanding::put_off_for(std::uint64_t request_id) const {
  const auto found = requests_.find(request_id);
  return found == requests_.end() ? std::nullopt : found->second.refusal;
}

void Outstanding::send_all_again() {
  for (auto& [request_id, kept] : requests_) {
    if (kept.is_put_off) continue;
    kept.times_sent = 0;
    set_unsent(request_id, kept);
  }
}

void Outstanding::run(Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const std::uint64_t request_id = due_.begin()->second;
    set_unsent(request_id, requests_.at(request_id));
  }
}

Time Outstanding::next_due() const { return due_.empty() ? never : due_.begin()->first; }

}  // namespace tally::net
