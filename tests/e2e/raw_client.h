#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <zmq.hpp>

#include "common/codec/messages_codec.h"
#include "common/net/client.h"
#include "common/net/frames.h"

namespace tally::e2e {

// A socket that has the broker's key and says whatever it likes.
class RawClient {
 public:
  [[nodiscard]] static std::vector<std::string> frames_of(std::uint64_t request_id, const Request& request) {
    return {net::encode_frame({codec::number_of(request), request_id}, codec::encode_body(request))};
  }

  RawClient(zmq::context_t& context, const net::ConversationConfig& config, int port)
      : RawClient(context, config, port, [](zmq::socket_t&) {}) {}
  // `prepare` sets options before the socket connects.
  template <class Prepare>
  RawClient(zmq::context_t& context, const net::ConversationConfig& config, int port, const Prepare& prepare)
      : socket_(context, zmq::socket_type::dealer) {
    prepare(socket_);
    socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(config.server_key.data(), config.server_key.size()));
    socket_.set(zmq::sockopt::curve_publickey, zmq::const_buffer(config.keys.public_key.data(), net::key_bytes));
    socket_.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(config.keys.secret_key.data(), net::key_bytes));
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::sndtimeo, 20'000);
    socket_.connect("tcp://" + config.host + ":" + std::to_string(port));
  }

  void send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      REQUIRE(socket_.send(zmq::const_buffer(frames[i].data(), frames[i].size()), flags));
    }
  }
  void ask(std::uint64_t request_id, const Request& request) { send(frames_of(request_id, request)); }

  struct Heard {
    std::uint64_t request_id = 0;
    Reply reply;
  };
  // The next reply of all; nothing when none comes in time.
  std::optional<Heard> hear_any(std::chrono::milliseconds most) {
    std::array<zmq::pollitem_t, 1> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}}};
    if (zmq::poll(items.data(), 1, most) != 1) return std::nullopt;
    zmq::message_t frame;
    REQUIRE(socket_.recv(frame));
    const auto message = net::decode_frame(frame.to_string_view());
    REQUIRE(message);
    auto reply = codec::decode_reply(message->header.number, message->body, {});
    REQUIRE(reply);
    return Heard{message->header.request_id, *reply};
  }
  // The next reply with this request id; what answers other messages is passed over.
  Reply hear(std::uint64_t request_id) {
    for (int replies = 0; replies < 10'000; ++replies) {
      auto heard = hear_any(std::chrono::milliseconds{20'000});
      REQUIRE(heard);
      if (heard->request_id == request_id) return std::move(heard->reply);
    }
    FAIL("no reply to this request");
    return {};
  }

  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::socket_t socket_;
};

}  // namespace tally::e2e
