#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "common/base/result.h"
#include "schemas/messages/requester.h"
#include "schemas/refusals.h"

// The messages of a batch that are on their way. They are sent in order without waiting for each other; a broker that
// had to let one wait may refuse the next of the same part as out of order, which is then sent again in its turn.
namespace tally::requester {

class SendWindow {
 public:
  // `posted`: items 1 to this are durable at the broker already.
  SendWindow(std::size_t messages_max, std::int64_t part_size, std::int64_t posted);

  [[nodiscard]] bool has_room() const { return waiting_.size() < messages_max_; }
  [[nodiscard]] bool is_empty() const { return waiting_.empty(); }
  // Items 1 to this are durable: what an interrupted posting goes on after.
  [[nodiscard]] std::int64_t posted() const { return posted_; }

  // Notes a message as sent under this request id. REQUIRES has_room(), for a message that is not in the window.
  void sent(std::uint64_t request_id, PostItems message);
  // What must be sent again now, to be noted by sent_again().
  [[nodiscard]] const PostItems* to_send_again() const;
  void sent_again(std::uint64_t request_id, const PostItems& message);

  // A reply came. The error ends the posting.
  [[nodiscard]] Result<Done, Refusal> took(std::uint64_t request_id, const Result<ItemsPosted, Refusal>& reply);

 private:
  struct OnTheWay {
    PostItems message;
    std::optional<std::uint64_t> request_id;  // Nothing: to be sent again.
    bool is_posted = false;
    int refused_alone = 0;  // Times it was out of order with nothing before it on the way.
  };
  [[nodiscard]] bool is_behind_another(const OnTheWay& one) const;
  [[nodiscard]] std::int64_t part_of(const PostItems& message) const { return (message.first - 1) / part_size_; }

  std::size_t messages_max_;
  std::int64_t part_size_;
  std::int64_t posted_;
  std::map<std::int64_t, OnTheWay> waiting_;  // By first item.
};

}  // namespace tally::requester
