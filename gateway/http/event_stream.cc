#include "gateway/http/event_stream.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"

namespace tally::gateway::http {

EventBytes event_bytes(std::string_view event, std::string_view data) {
  TALLY_ASSERT(event.find_first_of("\r\n") == std::string_view::npos);
  std::string bytes;
  bytes.reserve(event.size() + data.size() + 32);
  bytes.append("event: ").append(event).append("\n");
  while (true) {
    const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
    bytes.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.size()) break;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  bytes += '\n';
  return std::make_shared<const std::string>(std::move(bytes));
}

bool EventStream::push(EventBytes event) {
  TALLY_ASSERT(event != nullptr);
  if (!is_open_) return false;
  if (queued_bytes_ > queued_bytes_max_) {
    abandon();
    return false;
  }
  queued_bytes_ += event->size();
  queue_.push_back(std::move(event));
  if (on_change_) on_change_();
  return true;
}

void EventStream::end() {
  if (!is_open_) return;
  is_open_ = false;
  if (on_change_) on_change_();
  // Last, and moved out first: it may be what keeps this object.
  if (const auto told = std::exchange(on_ended_, nullptr)) told();
}

std::vector<EventBytes> EventStream::take() {
  std::vector<EventBytes> taken(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
  queue_.clear();
  queued_bytes_ = 0;
  return taken;
}

void EventStream::abandon() {
  is_abandoned_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  end();
}

}  // namespace tally::gateway::http
