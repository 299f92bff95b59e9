#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/result.h"
#include "common/net/client.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"

namespace tally::gateway {

// The one connection to the broker, over which all people's requests go, many at a time. A thread of its own serves it;
// everything below is for the thread of `io`.
class BrokerLink {
 public:
  BrokerLink(boost::asio::io_context& io, const net::Network& network, const net::ConversationConfig& config);
  ~BrokerLink();
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;

  // Asks for whom the token was granted, or, where it is empty, for the gateway itself. What has no reply after
  // `patience` is given up: the refusal is the broker's last, or unavailable. A request that was given up may have been
  // carried out; every one is safe to ask again.
  boost::asio::awaitable<Result<Reply, Refusal>> ask(Request request, std::string on_behalf,
                                                     std::chrono::milliseconds patience);

  // The same, where one kind of reply is expected.
  template <class M>
  boost::asio::awaitable<Result<typename M::Reply, Refusal>> ask_for(M message, std::string on_behalf,
                                                                     std::chrono::milliseconds patience) {
    auto reply = co_await ask(Request{std::move(message)}, std::move(on_behalf), patience);
    if (!reply) co_return Unexpected{reply.error()};
    auto* expected = std::get_if<typename M::Reply>(&reply.value());
    if (expected != nullptr) co_return std::move(*expected);
    co_return Unexpected{Refusal{RefusalCode::malformed, "the broker answered with another kind of message", 0}};
  }

  // Whether the broker has accepted our key on the present connection, as of the last look; and why not.
  struct Health {
    bool is_connected = false;
    std::string trouble;
    std::size_t waiting = 0;  // Requests without a reply.
  };
  [[nodiscard]] Health health() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway
