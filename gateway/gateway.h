#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "common/net/client.h"
#include "gateway/api.h"
#include "gateway/events.h"
#include "gateway/http/server.h"

namespace tally::gateway {

struct GatewayConfig {
  http::Server::Config http;  // `headers` and `error_response` are the gateway's own.
  ApiConfig api;
  EventsConfig events;
  std::filesystem::path pages;  // The folder with index.html; empty: the API alone.
};

// The gateway as a whole: the API, what changes, and the pages, over one connection to the broker. One thread, that of
// `io`, which the caller runs.
class Gateway {
 public:
  // Throws std::runtime_error where the pages, a certificate or (start()) the port cannot be had.
  Gateway(boost::asio::io_context& io, const net::Network& network, const net::ConversationConfig& broker,
          GatewayConfig config);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  void start();
  [[nodiscard]] int port() const;
  // No new requests; what is under way is finished, streams end. Then `on_stopped` is called.
  void stop(std::function<void()> on_stopped);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway
