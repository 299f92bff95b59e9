// Faults 8 and 9: messages that are no messages, and people who say that they are somebody else.
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "common/net/frames.h"
#include "schemas/grant_token.h"
#include "tests/e2e/raw_client.h"
#include "tests/e2e/shared_market.h"
#include "tests/faults/load.h"
#include "tests/faults/scale.h"

namespace tally::faults {
namespace {

using e2e::RawClient;

// The sanitizer keeps what was freed for a while, which would look like memory that grows. While the object lives
// programs are started that keep little.
class SmallQuarantine {
 public:
  SmallQuarantine() {
    const char* options = std::getenv("ASAN_OPTIONS");
    options_ = options == nullptr ? "" : options;
    setenv("ASAN_OPTIONS", (options_ + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64").c_str(), 1);
  }
  ~SmallQuarantine() { setenv("ASAN_OPTIONS", options_.c_str(), 1); }
  SmallQuarantine(const SmallQuarantine&) = delete;
  SmallQuarantine& operator=(const SmallQuarantine&) = delete;

 private:
  std::string options_;
};

// One message of each kind of nonsense; how many.
int send_malformed(RawClient& client) {
  const std::string line = std::string(protocol_name) + '\n';
  const std::string body = codec::encode_body(Request{Hello{"x"}});
  const auto submit = [&](const std::string& bytes) { return net::encode_frame({Submit::number, 5}, bytes); };
  const std::vector<std::vector<std::string>> messages{
      {""},
      {line},
      std::vector<std::string>(1'000, "frame"),
      {line + "\xc1" + body},
      {"http/1.1\n" + body},
      {submit(body.substr(0, body.size() / 2))},
      {submit("\xdd\xff\xff\xff\xff")},
      {submit("\xc6\xff\xff\xff\xff")},
      {submit(std::string(20'000, '\x91'))},
      {submit(std::string(1'000'000, '\xa0'))},
      {net::encode_frame({9'999, 9}, body)},
  };
  for (const auto& message : messages) client.send(message);
  return static_cast<int>(messages.size());
}

// A raw client with options of its own is served only where a reply comes.
std::optional<RawClient::Heard> hello(RawClient& client) {
  client.ask(1, Hello{"who am I"});
  return client.hear_any(std::chrono::milliseconds{500});
}

RefusalCode code_in(const Reply& reply) {
  const auto* refused = std::get_if<Refused>(&reply);
  REQUIRE(refused != nullptr);
  return refused->code;
}

}  // namespace

TEST_CASE("the broker's memory stays as it is under thousands of malformed messages", "[fault-8]") {
  const SmallQuarantine quarantine;
  e2e::Market market;
  market.enrol_workers(1);
  zmq::context_t context{1};
  std::int64_t sent = 0;
  // Every time a connection of its own, and an honest request after it to know that all was read.
  const auto storm = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      RawClient client(context, market.people[0].config, market.people[0].config.port);
      for (int j = 0; j < 5; ++j) sent += send_malformed(client);
      client.ask(77, Hello{"still here"});
      // Held to a rate, like everybody.
      const Reply reply = client.hear(77);
      CHECK((std::holds_alternative<Welcome>(reply) || code_in(reply) == RefusalCode::rate_exceeded));
    }
  };
  storm(scaled(10, 40));
  const std::int64_t before = market.broker.resident_kib();
  storm(scaled(30, 400));
  const std::int64_t after = market.broker.resident_kib();
  CHECK(after < before + 24'000);
  const Welcome welcome = stack::must(*market.rita, Hello{"honest"});
  CHECK(welcome.role == Role::requester);
  CHECK(market.broker.is_running());
  tell(8, std::to_string(sent) + " malformed messages, memory " + std::to_string(before / 1024) + " MB before and " +
              std::to_string(after / 1024) + " MB after");
}

TEST_CASE("nobody is served under another's name: routing id, unknown key, replaced key, another's id", "[fault-9]") {
  e2e::Market& market = e2e::shared_market();
  zmq::context_t context{1};
  const stack::Person ann = e2e::new_worker(market);
  const stack::Person bob = e2e::new_worker(market);
  RawClient known(context, ann.config, ann.config.port);
  known.ask(1, Hello{"ann"});
  CHECK(std::get<Welcome>(known.hear(1)).account == ann.account);

  INFO("a name that the client chose");
  for (const std::string& name : {std::string("ann"), std::string("five5")}) {
    RawClient squatter(context, bob.config, bob.config.port,
                       [&](zmq::socket_t& socket) { socket.set(zmq::sockopt::routing_id, name); });
    CHECK_FALSE(hello(squatter));
  }
  known.ask(2, Hello{"ann"});
  CHECK(std::get<Welcome>(known.hear(2)).account == ann.account);

  INFO("a key that nobody enrolled");
  net::ConversationConfig unknown = ann.config;
  unknown.keys = net::make_key_pair();
  RawClient stranger(context, unknown, unknown.port);
  CHECK_FALSE(hello(stranger));

  INFO("a header that names somebody to act for");
  const std::string token = to_text(GrantToken{ann.account, 1, std::string(64, 'a')});
  RawClient actor(context, bob.config, bob.config.port);
  actor.send({net::encode_frame({Hello::number, 3, token}, codec::encode_body(Hello{"bob"}))});
  CHECK(code_in(actor.hear(3)) == RefusalCode::on_behalf_not_granted);

  INFO("somebody else's lease");
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {1, 1, 1};
  const ProjectId project = market.post(spec, e2e::numbered_items(1));
  known.ask(4, Pull{project, 1, {}, 5'000});
  const AssignmentId anns = std::get<Tasks>(known.hear(4)).tasks.at(0).assignment;
  actor.ask(5, Submit{{{anns, {{"bird", {"wren"}}}}}, 0, {}});
  CHECK(std::get<Submitted>(actor.hear(5)).outcomes.at(0).refusal == RefusalCode::not_yours);
  actor.ask(6, HandBack{anns, HandBackHow::returned});
  CHECK(code_in(actor.hear(6)) == RefusalCode::not_yours);

  INFO("a role that is another's");
  actor.ask(7, Deposit{"key", bob.account, Micros{1}, "for me"});
  CHECK(code_in(actor.hear(7)) == RefusalCode::role_not_allowed);

  INFO("a key that was replaced, over a connection that is still open");
  const Invited again =
      stack::must(market.admin->client(), Invite{stack::random_key(), Role::worker, "Ann", ann.account, 3'600'000});
  const stack::Person ann_again = stack::join(market.network, again.line, "Ann");
  CHECK(ann_again.account == ann.account);
  known.ask(8, Submit{{{anns, {{"bird", {"wren"}}}}}, 0, {}});
  CHECK(code_in(known.hear(8)) == RefusalCode::not_enrolled);
  RawClient old_key(context, ann.config, ann.config.port);
  CHECK_FALSE(hello(old_key));
  const auto rightful = e2e::client_of(market, ann_again);
  CHECK(stack::must(*rightful, Submit{{{anns, {{"bird", {"robin"}}}}}, 0, {}}).outcomes.at(0).accepted);
  CHECK(stack::audit(market.admin->client()) == "clean");
  tell(9, "8 attempts under another's name, served 0");
}

}  // namespace tally::faults
