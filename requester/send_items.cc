#include "requester/send_items.h"

#include <utility>
#include <variant>

#include "requester/replies.h"
#include "requester/send_window.h"

namespace tally::requester {
namespace {

constexpr std::size_t messages_max = 8;  // On their way at a time.

Result<ItemsPosted, Refusal> items_posted(Result<Reply, Refusal> reply) {
  if (!reply) return Unexpected{reply.error()};
  if (const auto* posted = std::get_if<ItemsPosted>(&reply.value())) return *posted;
  return Unexpected{Refusal{RefusalCode::malformed, "the broker answered with another kind of message", 0}};
}

// The window and the conversation it sends over.
class Sender {
 public:
  Sender(net::Conversation& conversation, Duration give_up, const Posting& posting,
         const std::function<void(std::int64_t)>& progress)
      : conversation_(conversation),
        window_(messages_max, posting.limits.part_size, posting.posted),
        replies_(conversation, give_up),
        progress_(progress) {}

  // Waits for room, then sends.
  Result<Done, PostingStopped> send(PostItems message) {
    // Of an earlier run, acknowledged then.
    if (message.first + std::ssize(message.items) - 1 <= window_.posted()) return Done{};
    while (!window_.has_room()) {
      if (auto fine = wait(); !fine) return fine;
    }
    const std::uint64_t id = conversation_.send(Request{message});
    window_.sent(id, std::move(message));
    return Done{};
  }

  Result<Done, PostingStopped> finish() {
    while (!window_.is_empty()) {
      if (auto fine = wait(); !fine) return fine;
    }
    return Done{};
  }

 private:
  Result<Done, PostingStopped> wait() {
    while (const PostItems* message = window_.to_send_again()) {
      window_.sent_again(conversation_.send(Request{*message}), *message);
    }
    auto arrived = replies_.next();
    if (arrived) {
      const auto took = window_.took(arrived->request_id, items_posted(std::move(arrived->reply)));
      if (!took) return Unexpected{PostingStopped{took.error(), {}}};
    }
    progress_(window_.posted());
    return Done{};
  }

  net::Conversation& conversation_;
  SendWindow window_;
  Replies replies_;
  const std::function<void(std::int64_t)>& progress_;
};

}  // namespace

Result<Done, PostingStopped> send_items(net::Conversation& conversation, Duration give_up, ItemsStream& items,
                                        const Posting& posting, const std::function<void(std::int64_t)>& progress) {
  MessageCutter cutter(posting.project, posting.limits);
  Sender sender(conversation, give_up, posting, progress);
  while (true) {
    auto item = items.next();
    if (!item) return Unexpected{PostingStopped{{}, item.error()}};
    const bool is_end = !item->has_value();
    auto message = is_end ? cutter.finish() : cutter.add(std::move(**item));
    if (message) {
      if (auto fine = sender.send(std::move(*message)); !fine) return fine;
    }
    if (is_end) return sender.finish();
  }
}

}  // namespace tally::requester
