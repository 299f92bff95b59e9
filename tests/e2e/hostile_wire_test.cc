// Strangers to the protocol at the real broker's sockets: each is told what is wrong or left alone, and honest clients
// are served all the while.
#include <array>
#include <optional>
#include <random>

#include <catch2/catch.hpp>
#include <zmq.hpp>

#include "common/codec/messages_codec.h"
#include "common/net/frames.h"
#include "tests/e2e/shared_market.h"

namespace tally::e2e {
namespace {

// A socket that has the broker's key and says whatever it likes.
class RawClient {
 public:
  RawClient(zmq::context_t& context, const net::ConversationConfig& config, int port)
      : socket_(context, zmq::socket_type::dealer) {
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
  // The next reply with this request id; what answers other messages is passed over.
  Reply hear(std::uint64_t request_id) {
    for (int replies = 0; replies < 10'000; ++replies) {
      std::array<zmq::pollitem_t, 1> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}}};
      REQUIRE(zmq::poll(items.data(), 1, std::chrono::milliseconds{20'000}) == 1);
      zmq::message_t frame;
      REQUIRE(socket_.recv(frame));
      const auto message = net::decode_frame(frame.to_string_view());
      REQUIRE(message);
      if (message->header.request_id != request_id) continue;
      auto reply = codec::decode_reply(message->header.number, message->body, {});
      REQUIRE(reply);
      return *reply;
    }
    FAIL("no reply to this request");
    return {};
  }

 private:
  zmq::socket_t socket_;
};

Refused refusal_in(const Reply& reply) {
  const auto* refused = std::get_if<Refused>(&reply);
  REQUIRE(refused != nullptr);
  return *refused;
}

std::string hello_body() { return codec::encode_body(Request{Hello{"stranger"}}); }

std::string random_bytes(std::mt19937& dice, std::size_t size_max) {
  std::string bytes(std::uniform_int_distribution<std::size_t>(0, size_max)(dice), '\0');
  for (char& byte : bytes) byte = static_cast<char>(std::uniform_int_distribution<int>(0, 255)(dice));
  return bytes;
}

// Frames of every kind of nonsense: any number of any bytes, and right ones with a wrong rest.
void send_nonsense(RawClient& client, std::mt19937& dice, int messages) {
  for (int i = 0; i < messages; ++i) {
    std::vector<std::string> frames;
    switch (i % 4) {
      case 0:
        frames.resize(std::uniform_int_distribution<std::size_t>(1, 6)(dice));
        for (std::string& frame : frames) frame = random_bytes(dice, 300);
        break;
      case 1:
        frames = {std::string(protocol_name) + '\n' + random_bytes(dice, 300)};
        break;
      case 2:
        frames = {net::encode_frame({i % 80, 1}, random_bytes(dice, 300))};
        break;
      default: {
        std::string body = hello_body();
        body[std::uniform_int_distribution<std::size_t>(0, body.size() - 1)(dice)] ^= 0x41;
        frames = {net::encode_frame({Hello::number, 1}, body)};
      }
    }
    client.send(frames);
  }
}

}  // namespace

TEST_CASE("a client of another protocol version is told both versions and what to do") {
  Market& market = shared_market();
  zmq::context_t context{1};
  const stack::Person person = new_worker(market);
  RawClient main(context, person.config, person.config.port);
  const std::string hello = net::encode_frame({Hello::number, 7}, hello_body());
  const std::string of_another_version = "tally/2" + hello.substr(hello.find('\n'));
  main.send({of_another_version});
  const Refused main_refusal = refusal_in(main.hear(0));
  CHECK(main_refusal.code == RefusalCode::protocol_mismatch);
  CHECK_THAT(main_refusal.detail, Catch::Contains("tally/2") && Catch::Contains(protocol_name) &&
                                      Catch::Contains("use programs of one version"));
  // The connection is as good as before.
  main.send({hello});
  CHECK(std::holds_alternative<Welcome>(main.hear(7)));

  net::ConversationConfig stranger = person.config;
  stranger.keys = net::make_key_pair();
  RawClient enrolment(context, stranger, market.broker.enrolment_port());
  enrolment.send({of_another_version});
  CHECK(refusal_in(enrolment.hear(0)).code == RefusalCode::protocol_mismatch);
}

TEST_CASE("random bytes at both sockets do no harm: honest people join and work meanwhile and after") {
  Market& market = shared_market();
  const unsigned seed = Catch::rngSeed();
  INFO("seed " << seed);
  std::mt19937 dice(seed);
  zmq::context_t context{1};
  const stack::Person person = new_worker(market);
  net::ConversationConfig stranger = person.config;
  stranger.keys = net::make_key_pair();
  RawClient main(context, person.config, person.config.port);
  RawClient enrolment(context, stranger, market.broker.enrolment_port());
  const std::int64_t memory = market.broker.resident_kib();
  for (int round = 0; round < 5; ++round) {
    send_nonsense(main, dice, 200);
    send_nonsense(enrolment, dice, 200);
    const auto honest = client_of(market, new_worker(market));
    CHECK(stack::must(*honest, Hello{"honest"}).role == Role::worker);
  }
  // A frame that is larger than any message closes the connection, and no more.
  RawClient giant(context, person.config, person.config.port);
  giant.send({net::encode_frame({Hello::number, 1}, std::string(64UL << 20U, 'x'))});

  const auto honest = client_of(market, new_worker(market));
  ProjectSpec spec = small_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = market.post(spec, numbered_items(1));
  const Tasks got = stack::must(*honest, Pull{project, 1, {}, 30'000});
  REQUIRE(got.tasks.size() == 1);
  CHECK(stack::must(*honest, Submit{{{got.tasks[0].assignment, {{"bird", {"wren"}}}}}, 0, {}}).outcomes[0].accepted);
  CHECK(market.broker.is_running());
  CHECK(market.broker.resident_kib() < memory + 200'000);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
