#pragma once

#include <optional>

#include "common/net/client.h"
#include "schemas/time.h"

namespace tally::requester {

// Replies to many requests at a time, for as long as there is a broker.
class Replies {
 public:
  // `give_up`: how long to go without a connection; see cli::Program::wait().
  Replies(net::Conversation& conversation, Duration give_up);

  // The next one; nothing when it takes longer than a moment. Throws net::Unreachable when there has been no
  // connection for `give_up`.
  [[nodiscard]] std::optional<net::Conversation::Arrived> next();

 private:
  net::Conversation& conversation_;
  Duration give_up_;
  Time heard_;  // When there was last a sign of the broker.
};

}  // namespace tally::requester
