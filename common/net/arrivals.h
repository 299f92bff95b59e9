#pragma once

#include <cerrno>

#include <zmq.hpp>

// For the code that holds a libzmq socket: common/net and broker/transport.
namespace tally::net {

// A signal is no reason to tear a message apart.
template <class Call>
auto uninterrupted(const Call& call) {
  while (true) {
    try {
      return call();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw;
    }
  }
}

// What is known of what has come in at one socket. Its descriptor tells of an arrival once, and any call on the socket
// takes notice of it; so what a call found is remembered here, and nothing is looked for where nothing can be: each
// look is a system call. Before a thread sleeps over the descriptor, look() must have said that nothing is here.
class Arrivals {
 public:
  // The descriptor can be read; or something else than receive() was done with the socket.
  void may_be() { may_be_ = true; }

  [[nodiscard]] bool look(const zmq::socket_t& socket) {
    if (may_be_) note(events_of(socket));
    return may_be_;
  }
  void note(int events) { may_be_ = (events & ZMQ_POLLIN) != 0; }
  [[nodiscard]] bool receive(zmq::socket_t& socket, zmq::message_t& part) {
    if (may_be_) {
      may_be_ = uninterrupted([&] { return socket.recv(part, zmq::recv_flags::dontwait).has_value(); });
    }
    return may_be_;
  }

  [[nodiscard]] static int events_of(const zmq::socket_t& socket) {
    return uninterrupted([&] { return socket.get(zmq::sockopt::events); });
  }

 private:
  bool may_be_ = true;
};

}  // namespace tally::net
