#include "requester/send_window.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"

namespace tally::requester {
namespace {

// A copy that was sent again after a reconnect may overtake the one before it by a moment, and be refused when that one
// is already acknowledged. More than this is a broker that lost items, or another client that posts.
constexpr int refused_alone_max = 3;

std::int64_t last_of(const PostItems& message) { return message.first + std::ssize(message.items) - 1; }

}  // namespace

SendWindow::SendWindow(std::size_t messages_max, std::int64_t part_size, std::int64_t posted)
    : messages_max_(messages_max), part_size_(part_size), posted_(posted) {
  TALLY_ASSERT(messages_max >= 1);
  TALLY_ASSERT(part_size >= 1);
}

void SendWindow::sent(std::uint64_t request_id, PostItems message) {
  TALLY_ASSERT(has_room());
  const std::int64_t first = message.first;
  const bool is_new = waiting_.emplace(first, OnTheWay{std::move(message), request_id, false, 0}).second;
  TALLY_ASSERT(is_new);
}

const PostItems* SendWindow::to_send_again() const {
  for (const auto& [first, one] : waiting_) {
    if (!one.is_posted && !one.request_id && !is_behind_another(one)) return &one.message;
  }
  return nullptr;
}

void SendWindow::sent_again(std::uint64_t request_id, const PostItems& message) {
  waiting_.at(message.first).request_id = request_id;
}

Result<Done, Refusal> SendWindow::took(std::uint64_t request_id, const Result<ItemsPosted, Refusal>& reply) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& entry) { return entry.second.request_id == request_id; });
  if (found == waiting_.end()) return Done{};  // The reply of a copy.
  OnTheWay& one = found->second;
  if (!reply) {
    if (reply.error().code != RefusalCode::items_out_of_order) return Unexpected{reply.error()};
    if (!is_behind_another(one) && ++one.refused_alone > refused_alone_max) return Unexpected{reply.error()};
    one.request_id.reset();
    return Done{};
  }
  one.is_posted = true;
  one.request_id.reset();
  while (!waiting_.empty() && waiting_.begin()->second.is_posted) {
    posted_ = std::max(posted_, last_of(waiting_.begin()->second.message));
    waiting_.erase(waiting_.begin());
  }
  return Done{};
}

bool SendWindow::is_behind_another(const OnTheWay& one) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& entry) {
    const OnTheWay& other = entry.second;
    return other.message.first < one.message.first && !other.is_posted &&
           part_of(other.message) == part_of(one.message);
  });
}

}  // namespace tally::requester
