#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "common/codec/limits.h"
#include "common/net/client.h"
#include "common/net/connection.h"
#include "common/net/frames.h"
#include "common/net/outstanding.h"

// Inside common/net only.
namespace tally::net {

class Conversation::Impl {
 public:
  Impl(const Network& network, ConversationConfig config);

  std::uint64_t send(const Request& request, std::string_view on_behalf);
  void forget(std::uint64_t request_id);

  // Does whatever can be done without waiting. Afterwards what happens next shows at descriptors() or is due at
  // next_due(), unless there is something to take().
  void run();
  // As run(), for one that was settled by it before something was sent: looks whether there is anything to do.
  void settle();
  // Before run(): the descriptor with this place in descriptors() can be read.
  void woken(std::size_t descriptor) { connection_.woken(descriptor); }

  [[nodiscard]] bool has_arrived() const { return !arrived_.empty(); }
  [[nodiscard]] std::optional<Arrived> take();

  [[nodiscard]] std::array<int, 2> descriptors() const { return connection_.descriptors(); }
  // Grows with each new connection, which has other descriptors, though perhaps with the same numbers.
  [[nodiscard]] std::uint64_t descriptors_version() const { return connection_.attempts(); }
  [[nodiscard]] Time next_due() const;
  [[nodiscard]] const Outstanding& outstanding() const { return outstanding_; }
  [[nodiscard]] const Connection& connection() const { return connection_; }
  [[nodiscard]] const ConversationConfig& config() const { return config_; }

  // A set that waits for it is told its key whenever something was done here, once until it was looked at again.
  struct Watch {
    std::vector<std::size_t>* touched = nullptr;
    std::size_t key = 0;
    bool is_told = false;
  };
  Watch watch;

  void touch();

 private:
  void read(Time now);
  void flush(Time now);
  void take_in(const Incoming& incoming, Time now);
  void take_in_refusal(std::uint64_t request_id, Refusal refusal, Time now);
  void take_in_other_version(std::string_view frame);
  void hand_over(std::uint64_t request_id, Result<Reply, Refusal> reply);

  ConversationConfig config_;
  codec::Limits limits_;
  Connection connection_;
  Outstanding outstanding_;
  std::deque<Arrived> arrived_;  // Never more than there were requests.
  std::uint64_t last_id_;
};

}  // namespace tally::net
