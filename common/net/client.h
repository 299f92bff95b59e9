#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/net/keys.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"
#include "schemas/time.h"

// The client's side of the protocol: requests go out, replies come back, whatever happens to the connection meanwhile.
namespace tally::net {

// What the sockets of one process share. One for a process; outlives every conversation made with it. Any thread.
class Network {
 public:
  explicit Network(int io_threads = 1);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  class Impl;
  [[nodiscard]] Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct ConversationConfig {
  std::string host;  // Name or address, without brackets.
  int port = 0;
  std::string server_key;                // 32 bytes: who the broker must prove to be.
  KeyPair keys;                          // Who we are.
  Duration resend_after{10'000};         // A request without a reply is sent again; added to the wait_ms of a pull.
  Duration reconnect_after{200};         // Then longer and longer, with a random part,
  Duration reconnect_after_max{10'000};  // up to this.
  Duration handshake_max{60'000};        // A broker in a storm of reconnects takes its time.
  Duration heartbeat_every{15'000};      // A broker that is silent for two of these is taken for dead.
  std::int64_t reply_bytes_max = std::int64_t{16} << 20U;  // Of one frame; a broker that sends more is cut off.
};

// Many requests at a time over one connection, each kept until its reply is here. When the connection is lost it is
// made again, and what has no reply is sent again under the same request id, so that nothing is done twice. Refusals
// that say when to try again (busy, unavailable, rate_exceeded) are obeyed here and not shown. One thread.
class Conversation {
 public:
  Conversation(const Network& network, ConversationConfig config);
  ~Conversation();
  Conversation(Conversation&&) noexcept;
  Conversation& operator=(Conversation&&) = delete;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  struct Arrived {
    std::uint64_t request_id = 0;
    Result<Reply, Refusal> reply;  // A Refused is the refusal; what is not a message of this protocol is malformed.
  };

  // Gives the request id: random at the start of the process, then counting. `on_behalf`: the token of the grant with
  // which a gateway acts for somebody.
  std::uint64_t send(const Request& request, std::string_view on_behalf = {});
  // No reply to this request is waited for any more.
  void forget(std::uint64_t request_id);
  [[nodiscard]] std::size_t waiting() const;  // Requests without a reply.

  // The next reply; nothing when `timeout` has passed, one of `also` (file descriptors) can be read, or a signal came.
  // All work (connecting, sending again) is done in here: it must be called again and again, or the conversation be in
  // a ConversationSet.
  std::optional<Arrived> receive(Duration timeout, std::span<const int> also = {});

  // A reply that has arrived already, without looking for more.
  std::optional<Arrived> take();

  // Whether the broker has accepted our key on the present connection.
  [[nodiscard]] bool is_connected() const;
  // The broker told us that our key belongs to no account (at least once since the last connection).
  [[nodiscard]] bool is_key_refused() const;
  // Why there is no connection just now, for people; empty when there is one.
  [[nodiscard]] std::string trouble() const;
  // With which refusal the broker put this request off last (it is sent again by itself); nothing when it did not.
  [[nodiscard]] std::optional<Refusal> put_off_for(std::uint64_t request_id) const;
  [[nodiscard]] std::string address() const;  // host:port

 private:
  friend class ConversationSet;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The broker could not be reached for as long as the caller wanted to wait. what() says where and why.
struct Unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One request at a time: what most of a program's code wants.
class BrokerClient {
 public:
  // `give_up`: how long a request may go unanswered while there is no connection, before Unreachable is thrown.
  BrokerClient(const Network& network, ConversationConfig config, Duration give_up = Duration{30'000})
      : conversation_(network, std::move(config)), give_up_(give_up) {}

  // The reply to this message, or why not; not_enrolled also when the broker goes on refusing our key for some seconds.
  // A broker that is connected but slow is waited for, for up to ten minutes. Throws Unreachable.
  template <class M>
  Result<typename M::Reply, Refusal> ask(M message) {
    Result<Reply, Refusal> reply = ask_any(Request{std::move(message)});
    if (!reply) return Unexpected{reply.error()};
    if (auto* expected = std::get_if<typename M::Reply>(&reply.value())) return std::move(*expected);
    return Unexpected{Refusal{RefusalCode::malformed, "the broker answered with another kind of message", 0}};
  }

  [[nodiscard]] Conversation& conversation() { return conversation_; }

 private:
  Result<Reply, Refusal> ask_any(const Request& request);

  Conversation conversation_;
  Duration give_up_;
};

}  // namespace tally::net
