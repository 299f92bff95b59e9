#include "gateway/http/wire.h"

#include <array>
#include <type_traits>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace tally::gateway::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Socket = tcp::socket::lowest_layer_type;

// Ends what goes on at a socket when its moment has come.
class Alarm {
 public:
  explicit Alarm(Socket& socket) : state_(std::make_shared<State>(socket)) {}

  void set(Moment until) {
    ++state_->round;
    state_->has_rung = false;
    wait(state_, until);
  }
  void clear() {
    ++state_->round;
    state_->timer.cancel();
  }
  [[nodiscard]] bool has_rung() const { return state_->has_rung; }

 private:
  // Shared with the timer's handler, which may be on its way when the connection is given up.
  struct State {
    explicit State(Socket& s) : socket(s), timer(s.get_executor()) {}
    Socket& socket;
    asio::steady_timer timer;
    std::uint64_t round = 0;  // A handler of a round before has nothing to say.
    bool has_rung = false;
  };

  static void wait(const std::shared_ptr<State>& state, Moment until) {
    state->timer.expires_at(until);
    state->timer.async_wait([weak = std::weak_ptr(state), round = state->round](const ErrorCode& error) {
      const auto held = weak.lock();
      if (error || held == nullptr || held->round != round) return;
      held->has_rung = true;
      ErrorCode ignored;
      held->socket.cancel(ignored);
      // A step of TLS is several of the socket: one that was just done is followed by another, which the cancelling
      // came too early for.
      wait(held, std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
    });
  }

  std::shared_ptr<State> state_;
};

template <class Stream>
class WireOf final : public Wire {
 public:
  template <class... Arguments>
  explicit WireOf(Arguments&&... arguments)
      : stream_(std::forward<Arguments>(arguments)...), alarm_(stream_.lowest_layer()) {}

  asio::awaitable<Outcome> open(Moment until) override {
    if constexpr (is_tls) {
      ErrorCode error;
      alarm_.set(until);
      co_await stream_.async_handshake(asio::ssl::stream_base::server, redirected(error));
      co_return ended(error);
    }
    (void)until;
    co_return Outcome::good;
  }

  asio::awaitable<Some> read_some(char* into, std::size_t bytes_max, Moment until) override {
    ErrorCode error;
    alarm_.set(until);
    const std::size_t bytes = co_await stream_.async_read_some(asio::buffer(into, bytes_max), redirected(error));
    const Outcome outcome = ended(error);
    co_return Some{outcome, bytes};
  }

  asio::awaitable<Some> read_some(char* into, std::size_t bytes_max) override {
    ErrorCode error;
    const std::size_t bytes = co_await stream_.async_read_some(asio::buffer(into, bytes_max), redirected(error));
    co_return Some{error ? Outcome::gone : Outcome::good, bytes};
  }

  asio::awaitable<Outcome> write(std::vector<std::string_view> pieces, Moment until) override {
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(pieces.size());
    for (const std::string_view piece : pieces) buffers.emplace_back(piece.data(), piece.size());
    ErrorCode error;
    alarm_.set(until);
    co_await asio::async_write(stream_, buffers, redirected(error));
    co_return ended(error);
  }

  asio::awaitable<void> close_politely(Moment until) override {
    ErrorCode error;
    alarm_.set(until);
    if constexpr (is_tls) {
      co_await stream_.async_shutdown(redirected(error));
    } else {
      stream_.shutdown(tcp::socket::shutdown_send, error);
      // A bound on what is read, too: the other side may never stop.
      std::array<char, 16384> unread{};
      for (int i = 0; i < 1024 && !error && !alarm_.has_rung(); ++i) {
        co_await stream_.async_read_some(asio::buffer(unread), redirected(error));
      }
    }
    alarm_.clear();
    close();
  }

  void close() override {
    ErrorCode ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.lowest_layer().close(ignored);
  }

  void bound_send_buffer(int bytes) override {
    ErrorCode ignored;
    stream_.lowest_layer().set_option(tcp::socket::send_buffer_size(bytes), ignored);
  }

 private:
  static constexpr bool is_tls = !std::is_same_v<Stream, tcp::socket>;

  static auto redirected(ErrorCode& error) { return asio::redirect_error(asio::use_awaitable, error); }

  Outcome ended(const ErrorCode& error) {
    alarm_.clear();
    if (!error) return Outcome::good;
    return alarm_.has_rung() ? Outcome::late : Outcome::gone;
  }

  Stream stream_;
  Alarm alarm_;  // After the socket that it looks after.
};

}  // namespace

std::unique_ptr<Wire> plain_wire(tcp::socket socket) {
  return std::make_unique<WireOf<tcp::socket>>(std::move(socket));
}

std::unique_ptr<Wire> tls_wire(tcp::socket socket, asio::ssl::context& context) {
  return std::make_unique<WireOf<asio::ssl::stream<tcp::socket>>>(std::move(socket), context);
}

}  // namespace tally::gateway::http
