#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <zmq.hpp>

#include "common/net/arrivals.h"
#include "common/net/client.h"
#include "common/net/network_impl.h"
#include "schemas/time.h"

// Inside common/net only.
namespace tally::net {

// One message as it came, before anybody looked into it.
struct Incoming {
  std::size_t frames = 0;  // How many there were; only the first is kept.
  zmq::message_t frame;
};

// The connection of one conversation: attempt after attempt, each a socket of its own. libzmq's own reconnecting is not
// used: it stops for good when the broker refuses a key or breaks the protocol, and starts again with short intervals
// when a handshake fails. And what one socket had queued cannot leak into the next. One thread.
class Connection {
 public:
  Connection(Network::Impl& network, const ConversationConfig& config);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The descriptor with this place in descriptors() can be read.
  void woken(std::size_t descriptor) { (descriptor == 0 ? messages_ : events_).may_be(); }

  // Reads what happened to the socket; gives up on an attempt and starts the next one when it is time.
  // True: there is a new connection since the last call.
  bool follow(Time now);

  // False: it cannot be taken just now.
  [[nodiscard]] bool send(std::string_view frame);
  [[nodiscard]] bool receive(Incoming& incoming);
  // Whether follow(), receive() or, for one with something to send, send() would do something. What libzmq's
  // descriptors do not show any more must have been asked for here before anybody sleeps.
  [[nodiscard]] bool is_ready(bool has_something_to_send);

  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }             // Sockets that there were.
  [[nodiscard]] std::array<int, 2> descriptors() const { return descriptors_; }  // To wait for reading; -1: none.
  [[nodiscard]] Time next_due() const { return due_; }                           // When follow() must be called.
  [[nodiscard]] bool is_connected() const { return step_ == Step::connected; }
  [[nodiscard]] bool is_key_refused() const { return is_key_refused_; }
  [[nodiscard]] std::string trouble() const;

 private:
  enum class Step { pausing, connecting, shaking_hands, connected };

  void start(Time now);
  void open();
  void set_options();
  [[nodiscard]] std::optional<zmq_event_t> next_event();
  void note(const zmq_event_t& event, Time now);
  void lose(std::string why, Time now);
  void close();

  Network::Impl& network_;
  const ConversationConfig& config_;
  zmq::socket_t socket_;  // Both are empty while pausing.
  zmq::socket_t monitor_;
  Arrivals messages_;  // At socket_; events_ at monitor_.
  Arrivals events_;
  std::array<int, 2> descriptors_{-1, -1};
  Step step_ = Step::pausing;
  Time due_;  // Of the next attempt, or of the end of this one.
  std::uint64_t attempts_ = 0;
  int failures_ = 0;  // In a row.
  bool is_key_refused_ = false;
  std::string trouble_;  // Of the last attempt.
};

}  // namespace tally::net
