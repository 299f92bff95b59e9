// Strangers to the protocol at the real broker's sockets: each is told what is wrong or left alone, and honest clients
// are served all the while.
#include <random>

#include <catch2/catch.hpp>

#include "tests/e2e/raw_client.h"
#include "tests/e2e/shared_market.h"

namespace tally::e2e {
namespace {

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

TEST_CASE("a client of another protocol version is told both versions and what to do", "[fault-8]") {
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

TEST_CASE("random bytes at both sockets do no harm: honest people join and work meanwhile and after", "[fault-8]") {
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
