#include "broker/transport/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <zmq.hpp>

#include "broker/transport/key_directory.h"
#include "broker/transport/zap.h"
#include "common/codec/messages_codec.h"
#include "common/net/arrivals.h"
#include "common/net/frames.h"

namespace tally::transport {
namespace {

// libzmq names a connection by itself: a zero byte and a number. A client that chose its own name could take the place
// of another one that left, so such names are not served.
constexpr std::size_t own_name_bytes = 5;
constexpr std::uint64_t enrolment_channel = std::uint64_t{1} << 32U;

constexpr int malformed_in_a_row_max = 64;

struct Raw {
  zmq::message_t name;
  zmq::message_t frame;    // The first.
  std::size_t frames = 0;  // How many there were; more than one are malformed.
};

// A socket that clients send to, and what is known of what they have sent.
struct Port {
  explicit Port(zmq::context_t& context)
      : socket(context, zmq::socket_type::router), descriptor(socket.get(zmq::sockopt::fd)) {}

  std::optional<Raw> receive() {
    Raw raw;
    if (!arrivals.receive(socket, raw.name)) return std::nullopt;
    bool more = raw.name.more();
    while (more) {
      zmq::message_t frame;
      if (!arrivals.receive(socket, frame)) break;
      more = frame.more();
      if (raw.frames++ == 0) raw.frame = std::move(frame);
    }
    return raw;
  }

  zmq::socket_t socket;
  int descriptor;
  net::Arrivals arrivals;
};

std::optional<std::uint64_t> number_of_name(std::string_view name) {
  if (name.size() != own_name_bytes || name[0] != '\0') return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : name.substr(1)) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}
std::string name_of_number(std::uint64_t number) {
  std::string name(own_name_bytes, '\0');
  for (std::size_t i = 1; i < own_name_bytes; ++i) {
    name[i] = static_cast<char>((number >> (8 * (own_name_bytes - 1 - i))) & 0xFFU);
  }
  return name;
}

int port_of(const zmq::socket_t& socket) {
  const std::string endpoint = socket.get(zmq::sockopt::last_endpoint);
  return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
}

std::string address_of(const std::string& host, int port) {
  const bool is_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return "tcp://" + (is_v6 ? '[' + host + ']' : host) + ':' + (port == 0 ? "*" : std::to_string(port));
}

void listen(zmq::socket_t& socket, const std::string& host, int port, const std::string& key_in_config) {
  try {
    socket.bind(address_of(host, port));
  } catch (const zmq::error_t& error) {
    const std::string where = host + ':' + std::to_string(port);
    if (error.num() == EADDRINUSE) {
      throw std::runtime_error("port " + where + " is in use: stop what uses it, or set another " + key_in_config +
                               " (0 lets the system pick one)");
    }
    throw std::runtime_error("cannot listen on " + where + ": " + error.what() + "; check host and " + key_in_config);
  }
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const ServerConfig& config)
      : limits_(config.limits), context_(2), zap_(limited(config), keys_), main_(context_), enrolment_(context_) {
    set_up(main_.socket, config, main_domain, 1);
    set_up(enrolment_.socket, config, enrolment_domain, 2);
    listen(main_.socket, config.host, config.port, "port");
    listen(enrolment_.socket, config.host, config.enrolment_port, "enrolment_port");
    port_ = port_of(main_.socket);
    enrolment_port_ = port_of(enrolment_.socket);
  }

  bool wait(Duration timeout, bool listen, std::span<const int> also) {
    polled_.clear();
    for (const int fd : also) polled_.push_back({fd, POLLIN, 0});
    if (!listen) return poll_for(timeout);
    const std::array<Port*, 2> ports{&main_, &enrolment_};
    bool is_here = false;
    for (Port* port : ports) {
      is_here = is_here || port->arrivals.look(port->socket);
      polled_.push_back({port->descriptor, POLLIN, 0});
    }
    if (!poll_for(is_here ? Duration{0} : timeout)) return false;
    for (std::size_t i = also.size(); i < polled_.size(); ++i) {
      if (polled_[i].revents != 0) ports.at(i - also.size())->arrivals.may_be();
    }
    return std::any_of(polled_.begin(), polled_.begin() + static_cast<std::ptrdiff_t>(also.size()),
                       [](const pollfd& one) { return one.revents != 0; });
  }

  std::optional<Incoming> receive() {
    // Bounded, so that a flood of rubbish does not hold the loop; what is left is found by the next wait().
    for (int i = 0; i < malformed_in_a_row_max; ++i) {
      // In turns, so that a storm of strangers does not keep the others waiting.
      enrolment_first_ = !enrolment_first_;
      auto raw = (enrolment_first_ ? enrolment_ : main_).receive();
      bool is_enrolment = enrolment_first_;
      if (!raw) {
        is_enrolment = !is_enrolment;
        raw = (is_enrolment ? enrolment_ : main_).receive();
      }
      if (!raw) return std::nullopt;
      ++counts_.received;
      if (auto incoming = understand(*raw, is_enrolment)) return incoming;
      ++counts_.malformed;
    }
    return std::nullopt;
  }

  void send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) {
    Port& port = (channel & enrolment_channel) != 0 ? enrolment_ : main_;
    port.arrivals.may_be();
    const std::string name = name_of_number(channel & ~enrolment_channel);
    const std::string frame = net::encode_frame({codec::number_of(reply), request_id}, codec::encode_body(reply));
    try {
      const bool sent = part(port.socket, name, true) && part(port.socket, frame, false);
      ++(sent ? counts_.sent : counts_.undeliverable);
    } catch (const zmq::error_t& error) {
      // EHOSTUNREACH: the peer is gone.
      if (error.num() != EHOSTUNREACH) throw;
      ++counts_.undeliverable;
    }
  }

  KeyDirectory& keys() { return keys_; }
  [[nodiscard]] Counts counts() const { return counts_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int enrolment_port() const { return enrolment_port_; }

 private:
  // Whether one of polled_ can be read; a signal is none.
  bool poll_for(Duration time) {
    const int ready = poll(polled_.data(), polled_.size(), static_cast<int>(time.ms));
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    return ready > 0;
  }

  // The context's limits must be set before its first socket, which is the ZAP handler's.
  zmq::context_t& limited(const ServerConfig& config) {
    context_.set(zmq::ctxopt::max_sockets, config.connections_max + 64);
    return context_;
  }

  static void set_up(zmq::socket_t& socket, const ServerConfig& config, const char* domain, int io_thread) {
    socket.set(zmq::sockopt::curve_server, 1);
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(config.keys.secret_key.data(), net::key_bytes));
    socket.set(zmq::sockopt::zap_domain, std::string(domain));
    socket.set(zmq::sockopt::router_mandatory, true);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(config.limits.bytes));
    socket.set(zmq::sockopt::sndhwm, config.queue_per_peer);
    socket.set(zmq::sockopt::rcvhwm, config.queue_per_peer);
    socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(config.handshake_max.ms));
    // Not libzmq's own heartbeats: its timer aborts the process when a peer that was not read any more has left
    // (libzmq 4.3.4, stream_engine_base.cpp: !_io_error). Clients send theirs, and these are answered.
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, static_cast<int>(config.keepalive_after.ms / 1000));
    socket.set(zmq::sockopt::tcp_keepalive_intvl, 10);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
    socket.set(zmq::sockopt::backlog, 1024);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::ipv6, true);
    socket.set(zmq::sockopt::affinity, std::uint64_t{1} << static_cast<unsigned>(io_thread - 1));
  }

  // False: the peer does not read, its queue is full.
  static bool part(zmq::socket_t& socket, std::string_view bytes, bool more) {
    const auto flags = more ? zmq::send_flags::dontwait | zmq::send_flags::sndmore : zmq::send_flags::dontwait;
    return socket.send(zmq::const_buffer(bytes.data(), bytes.size()), flags).has_value();
  }

  std::optional<Incoming> understand(const Raw& raw, bool is_enrolment) {
    const auto number = number_of_name(raw.name.to_string_view());
    if (!number || raw.frames == 0) return std::nullopt;
    Incoming incoming;
    incoming.channel = *number | (is_enrolment ? enrolment_channel : 0);
    incoming.is_enrolment = is_enrolment;
    const char* user = zmq_msg_gets(raw.frame.handle(), "User-Id");
    const auto key = net::key_from_hex(user == nullptr ? "" : user);
    if (!key) return std::nullopt;
    incoming.key = *key;
    std::string_view body;
    auto request = request_in(raw, incoming, body);
    if (request && std::holds_alternative<Join>(*request) != is_enrolment) {
      request = Unexpected{Refusal{RefusalCode::unknown_message,
                                   is_enrolment ? "this is the enrolment port: it takes join alone"
                                                : "join goes to the enrolment port, with a key of no account",
                                   0}};
    }
    if (!request) {
      ++counts_.malformed;
      incoming.refusal = request.error();
      return incoming;
    }
    incoming.request = std::move(*request);
    incoming.body_digest = sha256(body);
    incoming.bytes = body.size();
    return incoming;
  }

  [[nodiscard]] Result<Request, Refusal> request_in(const Raw& raw, Incoming& incoming, std::string_view& body) const {
    if (raw.frames != 1) return Unexpected{Refusal{RefusalCode::malformed, "a message is one frame", 0}};
    const auto message = net::decode_frame(raw.frame.to_string_view());
    if (!message) return Unexpected{message.error()};
    incoming.request_id = message->header.request_id;
    incoming.on_behalf = message->header.on_behalf;
    body = message->body;
    return codec::decode_request(message->header.number, body, limits_);
  }

  KeyDirectory keys_;
  Counts counts_;
  int port_ = 0;
  int enrolment_port_ = 0;
  codec::Limits limits_;
  zmq::context_t context_;
  ZapHandler zap_;  // Before the sockets that it speaks for.
  Port main_, enrolment_;
  bool enrolment_first_ = false;
  std::vector<pollfd> polled_;  // Kept for its room.
};

Server::Server(const ServerConfig& config) : impl_(std::make_unique<Impl>(config)) {}
Server::~Server() = default;
int Server::port() const { return impl_->port(); }
int Server::enrolment_port() const { return impl_->enrolment_port(); }
void Server::admit(const std::string& key) { impl_->keys().add(key); }
void Server::expel(const std::string& key) { impl_->keys().remove(key); }
void Server::all_keys_admitted() { impl_->keys().complete(); }
bool Server::wait(Duration timeout, bool listen, std::span<const int> also) {
  return impl_->wait(timeout, listen, also);
}
std::optional<Incoming> Server::receive() { return impl_->receive(); }
void Server::send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) {
  impl_->send(channel, request_id, reply);
}
Server::Counts Server::counts() const { return impl_->counts(); }

}  // namespace tally::transport
