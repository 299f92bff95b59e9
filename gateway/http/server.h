#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>  // Also for awaitable.hpp, which forgets it (Boost 1.74).

#include <boost/asio/awaitable.hpp>

#include "gateway/http/message.h"

namespace boost::asio {
class io_context;
}

namespace tally::gateway::http {

// An HTTP/1.1 server: keep-alive, one request of a connection after the other, HEAD, Expect: 100-continue, TLS, and
// server-sent events. Everything a client can make it hold or wait for has a bound. A client's mistake is answered with
// 400, 408, 413, 414, 417, 431 or 505, a full server with 503, and the connection ends; what a path means (404, 405) is
// the handler's. All on the one thread that runs the io_context.
class Server {
 public:
  // Called with a well-formed request, which stays until the answer is there. What it throws becomes a 500. There is no
  // bound on how long it takes, and that the client has gone is found out only when the answer is written.
  using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

  // PEM; the certificate with its chain.
  struct Tls {
    std::string certificate_file;
    std::string key_file;
  };

  struct Config {
    std::string host = "127.0.0.1";  // Name or address, without brackets.
    int port = 0;                    // 0: the system picks one.
    std::optional<Tls> tls = {};

    std::size_t header_bytes_max = std::size_t{16} << 10U;
    std::size_t body_bytes_max = std::size_t{4} << 20U;
    std::size_t bodies_bytes_max = std::size_t{256} << 20U;  // Of all requests together; then 503.
    std::size_t connections_max = 2000;
    std::size_t connections_per_address_max = 200;  // Of IPv6, per network of 64 bits. All of a proxy are one address.
    int stream_send_buffer_bytes = 128 << 10;       // What the system may hold for one listener to events.

    std::chrono::milliseconds read_header_max{10'000};  // Whole, from its first byte. Also of TLS's handshake.
    std::chrono::milliseconds read_body_max{30'000};    // Whole.
    std::chrono::milliseconds idle_max{60'000};         // Between two requests.
    std::chrono::milliseconds write_max{30'000};        // For each 256 KiB of an answer.
    std::chrono::milliseconds comment_every{15'000};    // On a stream without events, so that proxies keep it.
    std::chrono::milliseconds stop_max{5'000};

    Headers headers = {};  // Of every answer that has not one of the same name.
    // The answer when there is none of the handler; plain text when this is empty. `why` is for people.
    std::function<Response(int status, std::string_view why)> error_response = {};
    std::function<void(std::string_view line)> log = {};  // Of what went wrong on our side; `event=… key=value`.
  };

  // `context` outlives it. Throws std::runtime_error when certificate or key cannot be used.
  Server(boost::asio::io_context& context, Config config, Handler handler);
  // At once: every connection is cut. Requests whose handlers are running keep those alive; the context drops them.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Takes connections from now on. Throws std::runtime_error when it cannot have the address. Once.
  void start();
  [[nodiscard]] int port() const;  // Once started.

  // No more connections; those without a request end, those with one end after its answer, streams end. `on_stopped` is
  // called when all have ended, or after `stop_max`, when the others are cut. Then nothing of it is left in the context
  // but handlers that have not come back and, for a second, who was turned away. Once.
  void stop(std::function<void()> on_stopped = {});

  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t bodies_bytes() const;  // Held for requests that are being read or answered.

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tally::gateway::http
