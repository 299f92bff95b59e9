#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>  // Also for awaitable.hpp, which forgets it (Boost 1.74).
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace boost::asio::ssl {
class context;
}

namespace tally::gateway::http {

using Moment = std::chrono::steady_clock::time_point;

// The bytes of one connection, plain or by TLS. No step takes longer than until the moment given; it then ends with
// Outcome::late, and the connection can still be used for the other direction. At a time one reader with a moment, or
// one without and one writer. One thread.
class Wire {
 public:
  enum class Outcome {
    good,
    late,
    gone,  // The other side has closed it, or it is broken.
  };
  struct Some {
    Outcome outcome = Outcome::gone;
    std::size_t bytes = 0;
  };

  virtual ~Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Before anything else: agrees on keys, where there are keys.
  virtual boost::asio::awaitable<Outcome> open(Moment until) = 0;

  // At least one byte, when it is good.
  virtual boost::asio::awaitable<Some> read_some(char* into, std::size_t bytes_max, Moment until) = 0;
  // The same, however long it takes.
  virtual boost::asio::awaitable<Some> read_some(char* into, std::size_t bytes_max) = 0;

  // All of the pieces, which stay as they are until it is done.
  virtual boost::asio::awaitable<Outcome> write(std::vector<std::string_view> pieces, Moment until) = 0;

  // Says that nothing more will be written, then reads on for a while: whoever closes with something unread makes the
  // system throw away what it has not yet delivered.
  virtual boost::asio::awaitable<void> close_politely(Moment until) = 0;

  // At once; every step that is going on ends.
  virtual void close() = 0;

  // How much the system holds for a reader that is slow.
  virtual void bound_send_buffer(int bytes) = 0;

 protected:
  Wire() = default;
};

[[nodiscard]] std::unique_ptr<Wire> plain_wire(boost::asio::ip::tcp::socket socket);
// `context` outlives it.
[[nodiscard]] std::unique_ptr<Wire> tls_wire(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context);

}  // namespace tally::gateway::http
