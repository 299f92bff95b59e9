#include "common/net/client.h"

#include <array>
#include <random>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/net/outstanding.h"
#include "tests/common/net/curve_server.h"

namespace tally::net {
namespace {

Welcome welcome_of(const Heard& heard) {
  Welcome welcome;
  welcome.display_name = std::get<Hello>(heard.request).client;
  return welcome;
}

// Answers every Hello with the name that it said.
std::vector<Frames> echo(const Heard& heard) { return {reply_frames(heard.header.request_id, welcome_of(heard))}; }

std::string name_in(const std::optional<Conversation::Arrived>& arrived) {
  if (!arrived) return "(nothing came)";
  if (!arrived->reply) return "(refused) " + arrived->reply.error().detail;
  return std::get<Welcome>(*arrived->reply).display_name;
}

std::size_t times_heard(const CurveServer& server, std::uint64_t request_id) {
  const auto all = server.heard();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const Heard& heard) { return heard.header.request_id == request_id; }));
}

}  // namespace

TEST_CASE("every request gets its own reply") {
  CurveServer server(echo);
  const Network network;
  Conversation conversation(network, server.client_config());
  std::map<std::uint64_t, std::string> sent;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "client " + std::to_string(i);
    sent[conversation.send(Hello{name})] = name;
  }
  CHECK(sent.size() == 300);
  CHECK(sent.rbegin()->first - sent.begin()->first == 299);
  while (!sent.empty()) {
    const auto arrived = receive_soon(conversation);
    REQUIRE(arrived);
    CHECK(name_in(arrived) == sent.at(arrived->request_id));
    sent.erase(arrived->request_id);
  }
  CHECK(conversation.waiting() == 0);
  CHECK(conversation.is_connected());
  CHECK(conversation.trouble().empty());
  CHECK(conversation.address() == "127.0.0.1:" + std::to_string(server.port()));
}

TEST_CASE("request ids of two conversations are not alike") {
  CurveServer server(echo);
  const Network network;
  Conversation one(network, server.client_config());
  Conversation other(network, server.client_config());
  CHECK(one.send(Hello{}) != other.send(Hello{}));
  CHECK(one.send(Hello{}) <= static_cast<std::uint64_t>(INT64_MAX));
}

TEST_CASE("what a lost connection left without a reply is sent again under its id and heard once") {
  std::atomic<bool> is_silent = true;
  CurveServer server([&](const Heard& heard) { return is_silent ? std::vector<Frames>{} : echo(heard); });
  const Network network;
  ConversationConfig config = server.client_config();
  config.resend_after = Duration{60'000};  // Only the new connection makes it send again.
  Conversation conversation(network, config);
  const auto first = conversation.send(Hello{"first"});
  const auto second = conversation.send(Hello{"second"});
  REQUIRE(comes_true(conversation, [&] { return server.heard().size() == 2; }));

  server.stop();
  REQUIRE(comes_true(conversation, [&] { return !conversation.is_connected(); }));
  CHECK_FALSE(conversation.trouble().empty());
  is_silent = false;
  server.start();

  const auto one = receive_soon(conversation);
  const auto other = receive_soon(conversation);
  CHECK(name_in(one) == "first");
  CHECK(name_in(other) == "second");
  CHECK(one->request_id == first);
  CHECK(other->request_id == second);
  CHECK(times_heard(server, first) == 2);
  CHECK(times_heard(server, second) == 2);
  CHECK(conversation.waiting() == 0);
  CHECK_FALSE(conversation.receive(Duration{0}));
}

TEST_CASE("a request that stays without a reply is sent again on the same connection") {
  std::atomic<int> calls = 0;
  CurveServer server([&](const Heard& heard) { return ++calls < 3 ? std::vector<Frames>{} : echo(heard); });
  const Network network;
  ConversationConfig config = server.client_config();
  config.resend_after = Duration{20};
  Conversation conversation(network, config);
  const auto id = conversation.send(Hello{"patient"});
  CHECK(name_in(receive_soon(conversation)) == "patient");
  CHECK(times_heard(server, id) >= 3);
}

TEST_CASE("a second reply to one request is dropped") {
  CurveServer server([](const Heard& heard) {
    const Frames reply = reply_frames(heard.header.request_id, welcome_of(heard));
    return std::vector<Frames>{reply, reply, reply};
  });
  const Network network;
  Conversation conversation(network, server.client_config());
  static_cast<void>(conversation.send(Hello{"a"}));
  CHECK(name_in(receive_soon(conversation)) == "a");
  static_cast<void>(conversation.send(Hello{"b"}));
  CHECK(name_in(receive_soon(conversation)) == "b");
  CHECK_FALSE(conversation.receive(Duration{20}));
}

TEST_CASE("a reply to a request that was forgotten is dropped") {
  CurveServer server(echo);
  const Network network;
  Conversation conversation(network, server.client_config());
  conversation.forget(conversation.send(Hello{"forgotten"}));
  CHECK(conversation.waiting() == 0);
  static_cast<void>(conversation.send(Hello{"wanted"}));
  CHECK(name_in(receive_soon(conversation)) == "wanted");
}

TEST_CASE("a refusal that says when to try again is obeyed, and others are shown") {
  const auto code = GENERATE(RefusalCode::busy, RefusalCode::unavailable, RefusalCode::rate_exceeded);
  std::atomic<int> calls = 0;
  CurveServer server([&](const Heard& heard) {
    if (++calls <= 2) return std::vector<Frames>{reply_frames(heard.header.request_id, Refused{code, "later", 10})};
    return echo(heard);
  });
  const Network network;
  Conversation conversation(network, server.client_config());
  const auto id = conversation.send(Hello{"later"});
  REQUIRE(comes_true(conversation, [&] { return conversation.put_off_for(id).has_value() || calls > 2; }));
  CHECK(name_in(receive_soon(conversation)) == "later");
  CHECK(times_heard(server, id) == 3);

  CurveServer final_word([&](const Heard& heard) {
    return std::vector<Frames>{reply_frames(heard.header.request_id, Refused{code, "never", 0})};
  });
  Conversation other(network, final_word.client_config());
  static_cast<void>(other.send(Hello{}));
  CHECK(name_in(receive_soon(other)) == "(refused) never");
}

TEST_CASE("a refused key is told, and is let in once the broker knows it") {
  CurveServer server(echo);
  server.admit({});
  const Network network;
  const ConversationConfig config = server.client_config();
  Conversation conversation(network, config);
  static_cast<void>(conversation.send(Hello{"stranger"}));
  REQUIRE(comes_true(conversation, [&] { return server.refused() >= 3; }));  // It goes on trying.
  CHECK(conversation.is_key_refused());
  CHECK_FALSE(conversation.is_connected());
  CHECK(conversation.trouble() == "the broker does not know our key");
  CHECK(server.heard().empty());

  server.admit({config.keys.public_key});
  CHECK(name_in(receive_soon(conversation)) == "stranger");
  CHECK_FALSE(conversation.is_key_refused());
  CHECK(conversation.trouble().empty());
}

TEST_CASE("a broker with another key than the invitation's is not spoken to, and the trouble is told") {
  CurveServer server(echo);
  const Network network;
  ConversationConfig config = server.client_config();
  config.server_key = make_key_pair().public_key;
  Conversation conversation(network, config);
  static_cast<void>(conversation.send(Hello{"secret"}));
  const std::string trouble = "the handshake does not complete: is the server key of the invitation the broker's?";
  CHECK(comes_true(conversation, [&] { return conversation.trouble() == trouble; }));
  CHECK_FALSE(conversation.is_key_refused());
  CHECK(server.heard().empty());
}

TEST_CASE("whatever a server sends, the client lives, and a reply that is one is still found") {
  std::mt19937 random(11);  // NOLINT: the same bytes in every run
  CurveServer server([&](const Heard& heard) {
    std::vector<Frames> replies;
    for (int i = 0; i < 200; ++i) {
      Frames frames(1 + random() % 6);
      for (std::string& frame : frames) {
        frame.resize(random() % 40);
        for (char& c : frame) c = static_cast<char>(random());
      }
      if (random() % 2 == 0) frames[0].insert(0, std::string(protocol_name) + '\n');
      replies.push_back(std::move(frames));
    }
    const Frames reply = reply_frames(heard.header.request_id, welcome_of(heard));
    replies.push_back({reply[0].substr(0, reply[0].find('\n') + 2)});
    replies.push_back({reply[0], ""});
    replies.push_back(Frames(1000, reply[0]));
    replies.push_back(reply);
    return replies;
  });
  const Network network;
  Conversation conversation(network, server.client_config());
  static_cast<void>(conversation.send(Hello{"still there"}));
  CHECK(name_in(receive_soon(conversation)) == "still there");
}

TEST_CASE("a reply that cannot be read is malformed for the request that it names, and for no other") {
  CurveServer server([](const Heard& heard) {
    const std::uint64_t id = heard.header.request_id;
    return std::vector<Frames>{{encode_frame({Welcome::number, id + 1}, "\xc1")},
                               {encode_frame({Welcome::number, id}, "\xc1")}};
  });
  const Network network;
  Conversation conversation(network, server.client_config());
  const auto id = conversation.send(Hello{});
  const auto arrived = receive_soon(conversation);
  REQUIRE(arrived);
  CHECK(arrived->request_id == id);
  REQUIRE_FALSE(arrived->reply);
  CHECK(arrived->reply.error().code == RefusalCode::malformed);
  CHECK_FALSE(conversation.receive(Duration{20}));
}

TEST_CASE("a broker of another version is told to everybody who waits") {
  const bool header_can_be_read = GENERATE(true, false);
  CurveServer server([&](const Heard& heard) {
    std::string frame = encode_frame({1, heard.header.request_id}, "\x80");
    frame.replace(0, frame.find('\n'), "tally/9");
    if (!header_can_be_read) frame = "tally/9\n\xc1";
    return std::vector<Frames>{{frame}};
  });
  const Network network;
  Conversation conversation(network, server.client_config());
  static_cast<void>(conversation.send(Hello{}));
  const auto arrived = receive_soon(conversation);
  REQUIRE(arrived);
  REQUIRE_FALSE(arrived->reply);
  CHECK(arrived->reply.error().code == RefusalCode::protocol_mismatch);
  CHECK(arrived->reply.error().detail ==
        "the broker speaks tally/9, this program tally/1: use programs of one version");
}

TEST_CASE("waiting for a reply ends when another descriptor can be read") {
  CurveServer server([](const Heard&) { return std::vector<Frames>{}; });
  const Network network;
  Conversation conversation(network, server.client_config());
  static_cast<void>(conversation.send(Hello{}));
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  REQUIRE(write(ends[1], "x", 1) == 1);
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(conversation.receive(Duration{60'000}, std::array{ends[0]}));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{30});
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a client of one request at a time gets replies and refusals, and knows when nobody is there") {
  CurveServer server([](const Heard& heard) {
    const std::uint64_t id = heard.header.request_id;
    if (std::holds_alternative<GetBalance>(heard.request)) {
      return std::vector<Frames>{reply_frames(id, Refused{RefusalCode::role_not_allowed, "no", 0})};
    }
    if (std::holds_alternative<SetPayoutAddress>(heard.request)) return std::vector<Frames>{reply_frames(id, Tasks{})};
    return echo(heard);
  });
  const Network network;
  BrokerClient client(network, server.client_config(), Duration{100});
  const auto welcome = client.ask(Hello{"ada"});
  REQUIRE(welcome);
  CHECK(welcome->display_name == "ada");
  const auto balance = client.ask(GetBalance{});
  REQUIRE_FALSE(balance);
  CHECK(balance.error() == Refusal{RefusalCode::role_not_allowed, "no", 0});
  const auto other_kind = client.ask(SetPayoutAddress{"x"});
  REQUIRE_FALSE(other_kind);
  CHECK(other_kind.error().code == RefusalCode::malformed);

  server.stop();
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  try {
    static_cast<void>(client.ask(Hello{"ada"}));
    FAIL("somebody answered");
  } catch (const Unreachable& error) {
    const std::string text = error.what();
    CHECK(text.starts_with("the broker at " + address + " cannot be reached: "));
    CHECK(text.size() > 60);
  }
  CHECK(client.conversation().waiting() == 0);
  server.start();
  CHECK(client.ask(Hello{"ada"}));
}

TEST_CASE("a client whose key is refused hears that it is not enrolled") {
  CurveServer server(echo);
  server.admit({});
  const Network network;
  BrokerClient client(network, server.client_config(), Duration{300});
  const auto reply = client.ask(Hello{});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == RefusalCode::not_enrolled);
}

TEST_CASE("a host that has no address and a port where nobody listens are troubles, not ends") {
  const Network network;
  ConversationConfig config;
  config.server_key = make_key_pair().public_key;
  config.keys = make_key_pair();
  config.port = 1;
  config.host = GENERATE("127.0.0.1", "not a host", "::1");
  config.reconnect_after = Duration{5};
  Conversation conversation(network, config);
  static_cast<void>(conversation.send(Hello{}));
  INFO(config.host);
  CHECK(comes_true(conversation,
                   [&] { return !conversation.trouble().empty() && conversation.trouble() != "no answer yet"; }));
  INFO(conversation.trouble());
  CHECK_FALSE(conversation.is_connected());
}

TEST_CASE("a request is sent again later and later, with what the broker wants to wait added") {
  Outstanding outstanding(Duration{1'000});
  outstanding.add(7, "frame", Duration{60'000});
  REQUIRE(outstanding.first_unsent() == 7U);
  Time now{5'000};
  std::int64_t patience = 1'000;
  for (int i = 0; i < 6; ++i) {
    outstanding.sent(7, now);
    CHECK_FALSE(outstanding.first_unsent());
    const Time due = outstanding.next_due();
    CHECK((due - now).ms >= 60'000 + patience);
    CHECK((due - now).ms <= 60'000 + patience + patience / 4);
    outstanding.run(due + Duration{-1});
    CHECK_FALSE(outstanding.first_unsent());
    outstanding.run(due);
    CHECK(outstanding.first_unsent() == 7U);
    patience = std::min<std::int64_t>(2 * patience, 8'000);
    now = due;
  }
  CHECK(outstanding.next_due() == never);
  outstanding.erase(7);
  CHECK(outstanding.size() == 0);
  CHECK_FALSE(outstanding.first_unsent());
}

TEST_CASE("a new connection does not hurry what the broker put off") {
  Outstanding outstanding(Duration{1'000});
  outstanding.add(1, {}, Duration{0});
  outstanding.add(2, {}, Duration{0});
  outstanding.sent(1, Time{0});
  outstanding.sent(2, Time{0});
  outstanding.put_off(1, Time{500}, {RefusalCode::busy, "busy", 500});
  outstanding.send_all_again();
  CHECK(outstanding.first_unsent() == 2U);
  outstanding.sent(2, Time{1});
  CHECK_FALSE(outstanding.first_unsent());
  outstanding.run(Time{500});
  CHECK(outstanding.first_unsent() == 1U);
  CHECK(outstanding.put_off_for(1)->detail == "busy");
}

}  // namespace tally::net
