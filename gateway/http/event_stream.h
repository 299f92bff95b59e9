#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tally::gateway::http {

// An event as it goes over the wire: made once, shared by all who listen.
using EventBytes = std::shared_ptr<const std::string>;

// `data` may have several lines, ended by LF, CR LF or CR; they come out joined by LF. REQUIRES: `event` is one line.
[[nodiscard]] EventBytes event_bytes(std::string_view event, std::string_view data);

// One listener to server-sent events. A handler makes one, keeps it, and answers with it (Response::events); from then
// on the server writes what is pushed. It ends when the listener goes, does not keep up, or the server stops; then it
// only wants to be let go of. One thread, the server's.
class EventStream {
 public:
  // An event that comes while more than `queued_bytes_max` are still waiting ends the stream: its listener does not
  // read. So no more waits than this and the one event that went beyond it.
  explicit EventStream(std::size_t queued_bytes_max = std::size_t{64} << 10U) : queued_bytes_max_(queued_bytes_max) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Queues; false when the stream has ended, or ends now. Never waits. It may call `on_ended`, so whoever walks many
  // streams walks a copy.
  bool push(EventBytes event);
  bool push(std::string_view event, std::string_view data) { return push(event_bytes(event, data)); }

  // No more events. What is queued is still written.
  void end();

  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

  // Called once when the stream ends, by whatever; not when it is destroyed without. It may drop the last reference
  // that its owner has.
  void on_ended(std::function<void()> told) { on_ended_ = std::move(told); }

  // The server's side.

  // Takes what is queued.
  [[nodiscard]] std::vector<EventBytes> take();
  // Ends it and forgets what is queued: there is nobody to read it.
  void abandon();
  // Nobody reads: what is queued was thrown away.
  [[nodiscard]] bool is_abandoned() const { return is_abandoned_; }
  // Called when there is something to write or the stream has ended. It must not push.
  void on_change(std::function<void()> told) { on_change_ = std::move(told); }

 private:
  std::size_t queued_bytes_max_;
  std::size_t queued_bytes_ = 0;
  std::deque<EventBytes> queue_;
  bool is_open_ = true;
  bool is_abandoned_ = false;
  std::function<void()> on_ended_, on_change_;
};

}  // namespace tally::gateway::http
