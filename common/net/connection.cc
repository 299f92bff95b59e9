#include "common/net/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/assert.h"
#include "common/net/chance.h"
#include "schemas/messages.h"

namespace tally::net {
namespace {

constexpr Duration connect_max{20'000};
constexpr Duration slack{5'000};  // libzmq ends an attempt by itself; this is for the case that it does not tell.
constexpr int high_water = 64;    // Messages in each direction; more is kept by the conversation.
constexpr int never_again_ms = 24 * 60 * 60 * 1000;
constexpr int events_of_interest = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_CLOSED |
                                   ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
constexpr std::uint32_t zap_refused = 400;

int as_int(Duration duration) { return static_cast<int>(std::clamp<std::int64_t>(duration.ms, 1, never_again_ms)); }

bool is_ipv6(const std::string& host) { return host.find(':') != std::string::npos; }

}  // namespace

Connection::Connection(Network::Impl& network, const ConversationConfig& config) : network_(network), config_(config) {
  TALLY_ASSERT(config.server_key.size() == key_bytes);
  TALLY_ASSERT(config.keys.public_key.size() == key_bytes);
  TALLY_ASSERT(config.keys.secret_key.size() == key_bytes);
}

Connection::~Connection() { close(); }

bool Connection::follow(Time now) {
  const bool was_connected = is_connected();
  bool is_new = false;
  while (step_ != Step::pausing) {
    const auto event = next_event();
    if (!event) break;
    note(*event, now);
    is_new = is_new || (is_connected() && !was_connected);
  }
  if (now >= due_) {
    if (step_ != Step::pausing) {
      lose("it takes too long", now);
    } else {
      start(now);
    }
  }
  return is_new && is_connected();
}

void Connection::start(Time now) {
  try {
    open();
    step_ = Step::connecting;
    due_ = now + Duration{connect_max.ms + config_.handshake_max.ms + slack.ms};
  } catch (const zmq::error_t& error) {
    // An address that is none, or no descriptor left: the latter may pass.
    lose(std::string("no socket can be made for this address (") + error.what() + ")", now);
  }
}

void Connection::open() {
  socket_ = zmq::socket_t(network_.context(), zmq::socket_type::dealer);
  set_options();
  const std::string endpoint = network_.new_endpoint();
  if (zmq_socket_monitor(socket_.handle(), endpoint.c_str(), events_of_interest) != 0) throw zmq::error_t();
  monitor_ = zmq::socket_t(network_.context(), zmq::socket_type::pair);
  monitor_.set(zmq::sockopt::linger, 0);
  monitor_.connect(endpoint);
  const std::string host = is_ipv6(config_.host) ? '[' + config_.host + ']' : config_.host;
  socket_.connect("tcp://" + host + ':' + std::to_string(config_.port));
  descriptors_ = {socket_.get(zmq::sockopt::fd), monitor_.get(zmq::sockopt::fd)};
  messages_ = {};
  events_ = {};
  ++attempts_;
}

void Connection::set_options() {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::immediate, true);  // Nothing is queued before the handshake is done.
  socket_.set(zmq::sockopt::sndhwm, high_water);
  socket_.set(zmq::sockopt::rcvhwm, high_water);
  socket_.set(zmq::sockopt::maxmsgsize, config_.reply_bytes_max);
  socket_.set(zmq::sockopt::ipv6, is_ipv6(config_.host));  // With a name, an IPv6 address would hide an IPv4 one.
  socket_.set(zmq::sockopt::connect_timeout, as_int(connect_max));
  socket_.set(zmq::sockopt::handshake_ivl, as_int(config_.handshake_max));
  socket_.set(zmq::sockopt::heartbeat_ivl, as_int(config_.heartbeat_every));
  socket_.set(zmq::sockopt::heartbeat_timeout, as_int(Duration{2 * config_.heartbeat_every.ms}));
  // Not off: only so does libzmq tell of an attempt that failed before there was a descriptor (a name unknown to DNS).
  socket_.set(zmq::sockopt::reconnect_ivl, never_again_ms);
  socket_.set(zmq::sockopt::curve_serverkey, config_.server_key);
  socket_.set(zmq::sockopt::curve_publickey, config_.keys.public_key);
  socket_.set(zmq::sockopt::curve_secretkey, config_.keys.secret_key);
}

std::optional<zmq_event_t> Connection::next_event() {
  zmq::message_t first;
  zmq::message_t address;
  if (!events_.receive(monitor_, first)) return std::nullopt;
  static_cast<void>(events_.receive(monitor_, address));  // Both frames come at once.
  zmq_event_t event{};
  TALLY_ASSERT(first.size() >= sizeof(event.event) + sizeof(event.value));
  std::memcpy(&event.event, first.data<char>(), sizeof(event.event));
  std::memcpy(&event.value, first.data<char>() + sizeof(event.event), sizeof(event.value));
  return event;
}

void Connection::note(const zmq_event_t& event, Time now) {
  switch (event.event) {
    case ZMQ_EVENT_CONNECTED:
      step_ = Step::shaking_hands;
      return;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      step_ = Step::connected;
      due_ = never;
      failures_ = 0;
      is_key_refused_ = false;
      trouble_.clear();
      return;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      is_key_refused_ = is_key_refused_ || event.value == zap_refused;
      return lose(
          event.value == zap_refused ? "the broker does not know our key" : "the broker cannot check keys just now",
          now);
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      return lose("what answers there does not keep to the protocol: is the port the broker's?", now);
    default:
      if (step_ == Step::connected) return lose("the connection was lost", now);
      if (step_ == Step::shaking_hands)
        return lose("the handshake does not complete: is the server key of the invitation the broker's?", now);
      if (event.event == ZMQ_EVENT_CLOSED) return lose("nothing listens there, or the way there is closed", now);
      return lose("the name is unknown, or there is no way there", now);
  }
}

// Between half and the whole of an interval that doubles with every failure.
void Connection::lose(std::string why, Time now) {
  close();
  step_ = Step::pausing;
  trouble_ = std::move(why);
  const int doublings = std::min(failures_++, 20);
  const std::int64_t most = std::max<std::int64_t>(config_.reconnect_after_max.ms, 1);
  const std::int64_t pause = std::clamp<std::int64_t>(config_.reconnect_after.ms << doublings, 1, most);
  due_ = now + Duration{pause - pause / 2} + random_up_to(Duration{pause / 2});
}

void Connection::close() {
  // The monitor ends first: an event that nobody can receive any more would hold libzmq's I/O thread, and with it every
  // connection of the process, for ever.
  if (socket_) zmq_socket_monitor(socket_.handle(), nullptr, 0);
  socket_ = zmq::socket_t();
  monitor_ = zmq::socket_t();
  descriptors_ = {-1, -1};
}

bool Connection::send(std::string_view frame) {
  if (!is_connected()) return false;
  messages_.may_be();
  return uninterrupted([&] { return socket_.send(zmq::buffer(frame), zmq::send_flags::dontwait).has_value(); });
}

bool Connection::receive(Incoming& incoming) {
  if (step_ == Step::pausing) return false;
  incoming.frames = 0;
  zmq::message_t part;
  do {
    if (!messages_.receive(socket_, part)) return false;
    const bool has_more = part.more();
    if (incoming.frames++ == 0) incoming.frame.move(part);
    if (!has_more) return true;
  } while (true);
}

bool Connection::is_ready(bool has_something_to_send) {
  if (step_ == Step::pausing) return false;
  if (events_.look(monitor_)) return true;
  if (!has_something_to_send || !is_connected()) return messages_.look(socket_);
  const int found = Arrivals::events_of(socket_);
  messages_.note(found);
  return (found & (ZMQ_POLLIN | ZMQ_POLLOUT)) != 0;
}

std::string Connection::trouble() const {
  if (is_connected()) return "";
  if (!trouble_.empty()) return trouble_;
  return step_ == Step::shaking_hands ? "the handshake is not done yet" : "no answer yet";
}

}  // namespace tally::net
