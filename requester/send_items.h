#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "common/base/result.h"
#include "common/net/client.h"
#include "requester/items_file.h"
#include "requester/message_cutter.h"
#include "schemas/refusals.h"

// Streams a batch to the broker.
namespace tally::requester {

struct Posting {
  ProjectId project;
  CutLimits limits;
  std::int64_t posted = 0;  // Items 1 to this are durable there already.
};

// Why a posting stopped: the broker's refusal, or a file that changed.
struct PostingStopped {
  std::optional<Refusal> refusal;
  std::string changed;
};

// Sends what is not posted yet, several messages on their way at a time, in order. `progress` hears how many items are
// durable, now and then and after each message. The last message leaves only when the whole file has been read again
// and found the same: a project never opens with a mixture. Throws net::Unreachable after `give_up` without a
// connection.
[[nodiscard]] Result<Done, PostingStopped> send_items(net::Conversation& conversation, Duration give_up,
                                                      ItemsStream& items, const Posting& posting,
                                                      const std::function<void(std::int64_t)>& progress);

}  // namespace tally::requester
