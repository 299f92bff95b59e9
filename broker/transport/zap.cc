#include "broker/transport/zap.h"

#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/digest.h"

namespace tally::transport {
namespace {

// Frames of a request: version, request id, domain, address, identity, mechanism, then the mechanism's own: the key.
constexpr std::size_t frames_with_key = 7;

constexpr std::chrono::milliseconds for_ever{-1};
constexpr std::chrono::milliseconds look_again_after{10};  // Whether all keys are known by now.

std::vector<zmq::message_t> receive_all(zmq::socket_t& socket) {
  std::vector<zmq::message_t> frames;
  do {
    if (!socket.recv(frames.emplace_back())) return {};
  } while (frames.back().more());
  return frames;
}

constexpr const char* welcome = "200";
constexpr const char* unknown = "400";

const char* status_of(const std::vector<zmq::message_t>& request, const KeyDirectory& keys) {
  if (request.size() != frames_with_key || request[5].to_string_view() != "CURVE") return unknown;
  const std::string_view domain = request[2].to_string_view();
  const std::string_view key = request[6].to_string_view();
  if (key.size() != 32) return unknown;
  if (domain == enrolment_domain) return welcome;
  if (domain != main_domain) return unknown;
  return keys.has(key) ? welcome : unknown;
}

void answer(zmq::socket_t& socket, const std::vector<zmq::message_t>& request, const KeyDirectory& keys) {
  if (request.size() < 2) return;
  const std::string_view status = status_of(request, keys);
  // The user id travels with every message of the connection: the key in hex.
  const std::string user = status == welcome ? hex_of(request[6].to_string_view()) : "";
  const std::array<std::string_view, 6> reply{"1.0", request[1].to_string_view(), status, "", user, ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const auto flags = i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
    socket.send(zmq::const_buffer(reply.at(i).data(), reply.at(i).size()), flags);
  }
}

// Before all keys are known no question is answered. "Try again" (300) is no answer: libzmq 4.3.4 then neither goes on
// with the handshake nor ends it, and the client sits there until it times out.
void serve(zmq::socket_t& requests, zmq::socket_t& stop, const KeyDirectory& keys) {
  std::array<zmq::pollitem_t, 2> items{{{stop.handle(), 0, ZMQ_POLLIN, 0}, {requests.handle(), 0, ZMQ_POLLIN, 0}}};
  while (true) {
    try {
      const bool can_answer = keys.is_complete();
      zmq::poll(items.data(), can_answer ? items.size() : 1, can_answer ? for_ever : look_again_after);
      if ((items[0].revents & ZMQ_POLLIN) != 0) return;
      if (can_answer && (items[1].revents & ZMQ_POLLIN) != 0) answer(requests, receive_all(requests), keys);
    } catch (const zmq::error_t& error) {
      if (error.num() == ETERM) return;
    }
  }
}

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context, const KeyDirectory& keys)
    : requests_(context, zmq::socket_type::rep),
      stop_there_(context, zmq::socket_type::pair),
      stop_here_(context, zmq::socket_type::pair) {
  requests_.bind("inproc://zeromq.zap.01");
  stop_there_.bind("inproc://stop-zap");
  stop_here_.connect("inproc://stop-zap");
  thread_ = std::thread([this, &keys] { serve(requests_, stop_there_, keys); });
}

ZapHandler::~ZapHandler() {
  try {
    stop_here_.send(zmq::str_buffer("stop"), zmq::send_flags::none);
  } catch (const zmq::error_t&) {
    // The context is gone: so is the thread's poll.
  }
  thread_.join();
}

}  // namespace tally::transport
