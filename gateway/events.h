#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "gateway/broker_link.h"
#include "gateway/http/message.h"
#include "gateway/session.h"

namespace tally::gateway {

struct EventsConfig {
  std::chrono::milliseconds ask_every{1'000};  // About one topic.
  std::size_t asked_at_once_max = 8;           // Topics: with more listeners each is asked about less often.
  std::size_t topics_per_listener_max = 8;
  std::chrono::milliseconds patience{15'000};  // With the broker.
};

// What changes, told as server-sent events. The broker is asked, once for all who listen to the same topic with the
// same session, and they are told when its reply is another than before. A topic nobody listens to is forgotten. One
// thread, that of `io`.
class Events {
 public:
  Events(boost::asio::io_context& io, BrokerLink& broker, EventsConfig config = {});
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Answers GET /api/events?watch=TOPIC,… with a stream. The first event of each topic comes at once. When the broker
  // does not let this account see a topic, or its session has ended, the event `refused` says so and the stream ends.
  [[nodiscard]] http::Response answer(const http::Request& request, const Session& session);

  [[nodiscard]] std::size_t topics() const;
  [[nodiscard]] std::size_t listeners() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // Shared with what is being asked just now.
};

}  // namespace tally::gateway
