#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "gateway/broker_link.h"
#include "gateway/http/message.h"
#include "gateway/session.h"

namespace tally::gateway {

struct ApiConfig {
  std::string gateway_key;  // Secret key of the gateway: what CSRF tokens are made with.
  std::string public_url;   // As browsers see the gateway, e.g. https://tasks.example.org; empty: as they ask for it.
  bool is_behind_proxy = false;  // The last of X-Forwarded-For is who asks: our peer is the proxy, which says so.
  bool secure_cookies = false;   // Browsers reach us by https alone.
  std::chrono::milliseconds patience{15'000};  // With the broker; a pull may wait besides.
  double sign_ins_per_minute = 20;             // From one address.
};

// The JSON API, as docs/gateway.md has it. It keeps nothing but who tried to sign in lately. One thread.
class Api {
 public:
  Api(BrokerLink& broker, ApiConfig config);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Answers what is under /api/, but for /api/events; and /health and /metrics.
  boost::asio::awaitable<http::Response> handle(const http::Request& request);

  // Who says to speak, by the cookie; nothing: nobody. Only the broker knows whether it is true.
  [[nodiscard]] std::optional<Session> session_of(const http::Request& request) const;
  // Whether it comes from our own pages, as far as a browser tells.
  [[nodiscard]] bool is_from_our_pages(const http::Request& request) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether a request of the protocol is for pages to send; the others are the gateway's own business.
[[nodiscard]] bool is_for_pages(std::string_view request_name);

// A refusal as the API answers it.
[[nodiscard]] http::Response refusal_response(const Refusal& refusal);

// The API for programs: every request of the protocol that people may send. Also docs/openapi.json.
[[nodiscard]] std::string openapi_json();

}  // namespace tally::gateway
