#pragma once

#include <thread>

#include <zmq.hpp>

#include "broker/transport/key_directory.h"

namespace tally::transport {

inline constexpr const char* main_domain = "main";
inline constexpr const char* enrolment_domain = "enrolment";

// Answers libzmq's questions about who may connect (ZAP, rfc.zeromq.org/spec/27): on the main socket the keys of the
// directory, on the enrolment socket any. Whoever asks before the directory is complete waits for it. Never asks the
// database. Start it before any server socket is bound: with no handler CURVE would let in every key.
class ZapHandler {
 public:
  ZapHandler(zmq::context_t& context, const KeyDirectory& keys);
  ~ZapHandler();
  ZapHandler(const ZapHandler&) = delete;
  ZapHandler& operator=(const ZapHandler&) = delete;

 private:
  zmq::socket_t requests_;
  zmq::socket_t stop_there_, stop_here_;  // A pair: the destructor ends the thread through it.
  std::thread thread_;
};

}  // namespace tally::transport
