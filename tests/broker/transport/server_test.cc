// The server sockets against raw sockets that speak as badly as they like.
#include "broker/transport/server.h"

#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <zmq.hpp>

#include "common/codec/messages_codec.h"
#include "common/net/frames.h"

namespace tally::transport {
namespace {

constexpr int patience_ms = 20'000;

// One client's socket.
class Caller {
 public:
  Caller(zmq::context_t& context, int port, const std::string& server_key, const net::KeyPair& keys)
      : socket_(context, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(server_key.data(), server_key.size()));
    socket_.set(zmq::sockopt::curve_publickey, zmq::const_buffer(keys.public_key.data(), 32));
    socket_.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(keys.secret_key.data(), 32));
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect("tcp://127.0.0.1:" + std::to_string(port));
  }
  void send(const std::vector<std::string>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto flags = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      socket_.send(zmq::const_buffer(frames[i].data(), frames[i].size()), flags);
    }
  }
  void ask(std::uint64_t id, const Request& request) {
    send({net::encode_frame({codec::number_of(request), id}, codec::encode_body(request))});
  }
  // The reply; fails when there is none for long.
  Reply hear(std::uint64_t id) {
    std::array<zmq::pollitem_t, 1> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}}};
    REQUIRE(zmq::poll(items.data(), 1, std::chrono::milliseconds{patience_ms}) == 1);
    zmq::message_t frame;
    REQUIRE(socket_.recv(frame));
    const auto message = net::decode_frame(frame.to_string_view());
    REQUIRE(message);
    CHECK(message->header.request_id == id);
    auto reply = codec::decode_reply(message->header.number, message->body, {});
    REQUIRE(reply);
    return *reply;
  }
  std::string hear_refusal(std::uint64_t id) {
    const Reply reply = hear(id);
    const auto* refused = std::get_if<Refused>(&reply);
    return refused == nullptr ? "not refused" : std::string(name_of(refused->code));
  }

 private:
  zmq::socket_t socket_;
};

struct Stage {
  explicit Stage(bool knows_all_keys = true) : server(config(keys)) {
    if (knows_all_keys) learn_keys();
  }
  void learn_keys() {
    server.admit(known.public_key);
    server.all_keys_admitted();
  }
  static ServerConfig config(const net::KeyPair& keys) {
    ServerConfig config;
    config.keys = keys;
    config.limits.bytes = 100'000;
    return config;
  }
  // The next good request; those that are not are refused meanwhile.
  Incoming next() {
    for (int rounds = 0; rounds < 200; ++rounds) {
      if (auto incoming = take()) return *incoming;
      server.wait(Duration{100}, true, {});
    }
    FAIL("no request came");
    return {};
  }
  // Refuses what is no request, until so many messages were received.
  void serve(std::int64_t received) {
    for (int rounds = 0; rounds < 200 && server.counts().received < received; ++rounds) {
      if (take()) return;
      server.wait(Duration{100}, true, {});
    }
    REQUIRE(server.counts().received == received);
  }
  std::optional<Incoming> take() {
    while (auto incoming = server.receive()) {
      if (!incoming->refusal) return incoming;
      CHECK(!incoming->key.empty());
      server.send(incoming->channel, incoming->request_id,
                  Refused{incoming->refusal->code, incoming->refusal->detail, 0});
    }
    return std::nullopt;
  }

  net::KeyPair keys = net::make_key_pair();
  net::KeyPair known = net::make_key_pair();
  zmq::context_t context{1};
  Server server;
};

}  // namespace

TEST_CASE("a request arrives with the key that CURVE proved, and its reply finds the way back") {
  Stage stage;
  Caller caller(stage.context, stage.server.port(), stage.keys.public_key, stage.known);
  caller.ask(7, Hello{"test"});
  const Incoming incoming = stage.next();
  CHECK(incoming.key == stage.known.public_key);
  CHECK(incoming.request_id == 7);
  CHECK(!incoming.is_enrolment);
  CHECK(std::get<Hello>(incoming.request).client == "test");
  stage.server.send(incoming.channel, 7, Acknowledged{});
  CHECK(std::holds_alternative<Acknowledged>(caller.hear(7)));
}

TEST_CASE("rubbish comes with a refusal and with its sender, and the next message is served", "[fault-8]") {
  Stage stage;
  Caller caller(stage.context, stage.server.port(), stage.keys.public_key, stage.known);
  const std::string hello = codec::encode_body(Request{Hello{"x"}});
  const std::string whole = net::encode_frame({Hello::number, 9}, hello);
  const std::string rest = whole.substr(whole.find('\n'));
  caller.send({"tally/1"});
  caller.send({std::string(1'000, '\xff')});
  caller.send(std::vector<std::string>(1'000, "frame"));
  caller.send({"tally/1\n\xc1" + hello});
  caller.send({"http/1.1" + rest});
  caller.send({"tally/2" + rest});
  caller.send({net::encode_frame({Hello::number, 9}, "\xdd\xff\xff\xff\xff")});
  caller.send({net::encode_frame({Hello::number, 9}, std::string(20'000, '\x91'))});
  caller.send({net::encode_frame({9'999, 9}, hello)});
  caller.send({net::encode_frame({Join::number, 9}, codec::encode_body(Request{Join{"1-a"}}))});
  stage.serve(10);
  for (const std::string expected : {"malformed", "malformed", "malformed", "malformed", "malformed"}) {
    CHECK(caller.hear_refusal(0) == expected);
  }
  CHECK(caller.hear_refusal(0) == "protocol_mismatch");
  CHECK(caller.hear_refusal(9) == "too_large");
  const std::string nested = caller.hear_refusal(9);
  CHECK((nested == "too_large" || nested == "malformed"));
  CHECK(caller.hear_refusal(9) == "unknown_message");
  CHECK(caller.hear_refusal(9) == "unknown_message");
  caller.ask(10, Hello{"still here"});
  CHECK(std::get<Hello>(stage.next().request).client == "still here");
}

TEST_CASE("a key that is not admitted never gets through to the main socket, and does once it is", "[fault-9]") {
  Stage stage;
  const net::KeyPair stranger = net::make_key_pair();
  Caller caller(stage.context, stage.server.port(), stage.keys.public_key, stranger);
  caller.ask(1, Hello{"stranger"});
  Caller known(stage.context, stage.server.port(), stage.keys.public_key, stage.known);
  known.ask(2, Hello{"known"});
  CHECK(stage.next().key == stage.known.public_key);
  stage.server.admit(stranger.public_key);
  Caller again(stage.context, stage.server.port(), stage.keys.public_key, stranger);
  again.ask(3, Hello{"stranger"});
  CHECK(stage.next().key == stranger.public_key);
}

TEST_CASE("who comes before the keys are known is let in or turned away as soon as they are") {
  Stage stage(false);
  const net::KeyPair stranger = net::make_key_pair();
  Caller early(stage.context, stage.server.port(), stage.keys.public_key, stage.known);
  Caller other(stage.context, stage.server.port(), stage.keys.public_key, stranger);
  early.ask(7, Hello{});
  other.ask(8, Hello{});
  // Long enough for both handshakes to come to the question whose key it is.
  stage.server.wait(Duration{500}, true, {});
  CHECK_FALSE(stage.take());
  stage.learn_keys();
  const Incoming incoming = stage.next();
  CHECK(incoming.key == stage.known.public_key);
  CHECK(incoming.request_id == 7);
  CHECK_FALSE(stage.take());
}

TEST_CASE("a server that ends before the keys are known keeps nobody waiting") {
  Stage stage(false);
  Caller early(stage.context, stage.server.port(), stage.keys.public_key, stage.known);
  stage.server.wait(Duration{200}, true, {});
}

TEST_CASE("the enrolment socket takes any key, and join alone", "[fault-9]") {
  Stage stage;
  const net::KeyPair stranger = net::make_key_pair();
  Caller caller(stage.context, stage.server.enrolment_port(), stage.keys.public_key, stranger);
  caller.ask(1, Hello{"stranger"});
  caller.ask(2, Join{"16-abc"});
  const Incoming incoming = stage.next();
  CHECK(incoming.is_enrolment);
  CHECK(incoming.key == stranger.public_key);
  CHECK(std::get<Join>(incoming.request).code == "16-abc");
  CHECK(caller.hear_refusal(1) == "unknown_message");
  stage.server.send(incoming.channel, 2, Acknowledged{});
  CHECK(std::holds_alternative<Acknowledged>(caller.hear(2)));
}

TEST_CASE("a client that chose its own routing id is not served", "[fault-9]") {
  Stage stage;
  zmq::socket_t socket(stage.context, zmq::socket_type::dealer);
  socket.set(zmq::sockopt::routing_id, "mine");
  socket.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(stage.keys.public_key.data(), 32));
  socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(stage.known.public_key.data(), 32));
  socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(stage.known.secret_key.data(), 32));
  socket.set(zmq::sockopt::linger, 0);
  socket.connect("tcp://127.0.0.1:" + std::to_string(stage.server.port()));
  const std::string frame = net::encode_frame({Hello::number, 1}, codec::encode_body(Request{Hello{"x"}}));
  socket.send(zmq::const_buffer(frame.data(), frame.size()), zmq::send_flags::none);
  stage.serve(1);
  CHECK(stage.server.counts().malformed == 1);
  CHECK(stage.server.counts().sent == 0);
}

TEST_CASE("a reply to somebody who is gone is dropped") {
  Stage stage;
  stage.server.send(123'456, 1, Acknowledged{});
  CHECK(stage.server.counts().undeliverable == 1);
}

TEST_CASE("a port in use is told with what to do") {
  Stage stage;
  ServerConfig config = Stage::config(stage.keys);
  config.port = stage.server.port();
  CHECK_THROWS_WITH(Server(config), Catch::Contains("is in use: stop what uses it, or set another port"));
}

}  // namespace tally::transport
