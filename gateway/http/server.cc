#include "gateway/http/server.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/assert.h"
#include "gateway/http/connection.h"
#include "gateway/http/response_head.h"
#include "gateway/http/wire.h"

namespace tally::gateway::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// Connections that were turned away and are still listened to, so that they get to read why.
constexpr std::size_t turned_away_max = 64;
constexpr std::chrono::milliseconds turned_away_for{1000};
constexpr std::chrono::milliseconds accept_again_after{100};

asio::ip::address plain(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// Who has one address of IPv6 has 2^64 of them.
std::string network_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::make_address_v6(bytes).to_string();
}

std::unique_ptr<asio::ssl::context> context_for(const std::optional<Server::Tls>& tls) {
  if (!tls) return nullptr;
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  // Both throw a system_error, which does not say the name of the file.
  try {
    context->use_certificate_chain_file(tls->certificate_file);
    context->use_private_key_file(tls->key_file, asio::ssl::context::pem);
  } catch (const std::exception& error) {
    throw std::runtime_error("cannot use the certificate " + tls->certificate_file + " with the key " + tls->key_file +
                             ": both must be PEM files that can be read, and belong together (" + error.what() + ")");
  }
  return context;
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, Config config, Handler handler)
      : context_(context),
        tls_(context_for(config.tls)),
        common_(std::make_shared<Common>(Common{std::move(config), std::move(handler)})),
        acceptor_(context),
        timer_(context) {}

  void start() {
    const Config& config = common_->config;
    try {
      listen(config.host, config.port);
    } catch (const std::exception& error) {
      const std::string address = config.host + " port " + std::to_string(config.port);
      throw std::runtime_error("cannot listen on " + address + ": " + error.what() +
                               "; stop what uses it, or choose another (port 0: the system picks one)");
    }
    asio::co_spawn(
        context_, [self = shared_from_this()] { return self->accept(); }, asio::detached);
  }

  [[nodiscard]] int port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t bodies_bytes() const { return common_->bodies_bytes; }

  void stop(std::function<void()> on_stopped) {
    TALLY_ASSERT(!common_->is_stopping);
    common_->is_stopping = true;
    on_stopped_ = std::move(on_stopped);
    close_acceptor();
    // A copy: one that ends takes itself out.
    const auto now = connections_;
    for (const auto& connection : now) connection->stop();
    timer_.expires_after(common_->config.stop_max);
    timer_.async_wait([self = shared_from_this()](const ErrorCode& cancelled) {
      if (!cancelled) self->cut();
    });
    if (connections_.empty()) stopped();
  }

  // What is still there ends at once.
  void cut() {
    common_->is_stopping = true;
    close_acceptor();
    const auto now = connections_;
    for (const auto& connection : now) connection->abort();
    stopped();
  }

  void forget_on_stopped() { on_stopped_ = nullptr; }

 private:
  void listen(const std::string& host, int port) {
    tcp::resolver resolver(context_);
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive);
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
  }

  asio::awaitable<void> accept() {
    bool is_failing = false;
    while (!common_->is_stopping) {
      ErrorCode error;
      tcp::socket socket(context_);
      co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (common_->is_stopping) break;
      if (!error) {
        is_failing = false;
        take_in(std::move(socket));
        continue;
      }
      // A client that has gone already; or no file descriptors are left, which passes when others end. Said once.
      if (!std::exchange(is_failing, true)) common_->log("event=accept_failed why=\"" + error.message() + '"');
      timer_.expires_after(accept_again_after);
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }

  void take_in(tcp::socket socket) {
    ErrorCode error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // Gone already.
    const asio::ip::address address = plain(remote.address());
    const std::string network = network_of(address);
    const auto from_there = per_network_.find(network);
    if (connections_.size() >= common_->config.connections_max ||
        (from_there != per_network_.end() && from_there->second >= common_->config.connections_per_address_max)) {
      turn_away(std::move(socket));
      return;
    }

    socket.set_option(tcp::no_delay(true), error);  // An answer is written whole; there is nothing to wait for.
    auto wire = tls_ != nullptr ? tls_wire(std::move(socket), *tls_) : plain_wire(std::move(socket));
    const auto connection = std::make_shared<Connection>(context_, common_, std::move(wire), address.to_string());
    connections_.insert(connection);
    ++per_network_[network];
    asio::co_spawn(
        context_, [connection] { return connection->run(); },
        [self = shared_from_this(), connection, network](const std::exception_ptr& failure) {
          self->ended(connection, network, failure);
        });
  }

  void ended(const std::shared_ptr<Connection>& connection, const std::string& network,
             const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      common_->log(std::string("event=connection_failed why=\"") + error.what() + '"');
    }
    connection->abort();
    connections_.erase(connection);
    const auto from_there = per_network_.find(network);
    TALLY_ASSERT(from_there != per_network_.end());
    if (--from_there->second == 0) per_network_.erase(from_there);
    if (common_->is_stopping && connections_.empty()) stopped();
  }

  // With TLS there is nobody yet to understand an answer; nor is there when too many are turned away at a time.
  void turn_away(tcp::socket socket) {
    if (tls_ != nullptr || turned_away_ >= turned_away_max) return;
    ++turned_away_;
    asio::co_spawn(
        context_,
        [self = shared_from_this(), wire = std::shared_ptr<Wire>(plain_wire(std::move(socket)))] {
          return self->say_full(wire);
        },
        [self = shared_from_this()](const std::exception_ptr&) { --self->turned_away_; });
  }

  asio::awaitable<void> say_full(std::shared_ptr<Wire> wire) {
    const Moment until = std::chrono::steady_clock::now() + turned_away_for;
    const std::string_view why = "too many connections";
    const auto& page = common_->config.error_response;
    const Response response = page ? page(503, why) : Response{.status = 503, .body = std::string(why) + "\n"};
    const std::string head = head_of(response, common_->config.headers, {.is_last = true});
    std::vector<std::string_view> pieces = {head, response.bytes()};
    const Wire::Outcome outcome = co_await wire->write(std::move(pieces), until);
    if (outcome == Wire::Outcome::good) co_await wire->close_politely(until);
  }

  void close_acceptor() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    timer_.cancel();
  }

  // Later, not from within whatever ended last.
  void stopped() {
    timer_.cancel();
    if (auto told = std::exchange(on_stopped_, nullptr)) asio::post(context_, std::move(told));
  }

  asio::io_context& context_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::shared_ptr<Common> common_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;  // Until it accepts again; then, until it has stopped.
  std::set<std::shared_ptr<Connection>> connections_;
  std::map<std::string, std::size_t> per_network_;
  std::size_t turned_away_ = 0;
  std::function<void()> on_stopped_;
};

Server::Server(asio::io_context& context, Config config, Handler handler)
    : impl_(std::make_shared<Impl>(context, std::move(config), std::move(handler))) {}
Server::~Server() {
  impl_->forget_on_stopped();
  impl_->cut();
}

void Server::start() { impl_->start(); }
int Server::port() const { return impl_->port(); }
void Server::stop(std::function<void()> on_stopped) { impl_->stop(std::move(on_stopped)); }
std::size_t Server::connections() const { return impl_->connections(); }
std::size_t Server::bodies_bytes() const { return impl_->bodies_bytes(); }

}  // namespace tally::gateway::http
