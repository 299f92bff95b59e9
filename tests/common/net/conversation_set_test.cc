#include "common/net/conversation_set.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/common/net/curve_server.h"

namespace tally::net {
namespace {

using std::chrono::milliseconds;

std::vector<Frames> echo(const Heard& heard) {
  Welcome welcome;
  welcome.display_name = std::get<Hello>(heard.request).client;
  return {reply_frames(heard.header.request_id, welcome)};
}
std::string name_in(const std::optional<Conversation::Arrived>& arrived) {
  REQUIRE(arrived);
  REQUIRE(arrived->reply);
  return std::get<Welcome>(arrived->reply.value()).display_name;
}

// Conversations in a set, each under its number.
struct Many {
  Many(const Network& network, const CurveServer& server, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(std::make_unique<Conversation>(network, server.client_config()));
      set.add(i, *all.back());
    }
  }
  // Takes what arrives until so many names are known.
  std::set<std::string> names(std::size_t count) {
    std::set<std::string> known;
    for (int i = 0; i < 1000 && known.size() < count; ++i) {
      for (const std::size_t key : set.wait(milliseconds{10'000})) known.insert(name_in(all[key]->take()));
    }
    return known;
  }
  std::vector<std::unique_ptr<Conversation>> all;
  ConversationSet set;
};

}  // namespace

TEST_CASE("of many conversations those with a reply are told") {
  CurveServer server(echo);
  const Network network;
  Many many(network, server, 40);
  CHECK(many.set.wait(milliseconds{0}).empty());
  for (std::size_t i = 0; i < many.all.size(); i += 2) static_cast<void>(many.all[i]->send(Hello{std::to_string(i)}));
  std::set<std::string> names;
  while (names.size() < 20) {
    const auto ready = many.set.wait(milliseconds{10'000});
    REQUIRE_FALSE(ready.empty());
    CHECK(std::is_sorted(ready.begin(), ready.end()));
    for (const std::size_t key : ready) {
      CHECK(name_in(many.all[key]->take()) == std::to_string(key));
      names.insert(std::to_string(key));
    }
  }
  CHECK(many.set.wait(milliseconds{20}).empty());
}

TEST_CASE("a reply that nobody took is told again, and one that was taken is not") {
  CurveServer server(echo);
  const Network network;
  Many many(network, server, 2);
  static_cast<void>(many.all[1]->send(Hello{"one"}));
  CHECK(many.set.wait(milliseconds{10'000}) == std::vector<std::size_t>{1});
  CHECK(many.set.wait(milliseconds{0}) == std::vector<std::size_t>{1});
  CHECK(name_in(many.all[1]->take()) == "one");
  CHECK(many.set.wait(milliseconds{0}).empty());
  // Also when it was heard in another way.
  static_cast<void>(many.all[0]->send(Hello{"other"}));
  CHECK(name_in(many.all[0]->receive(Duration{10'000})) == "other");
  CHECK(many.set.wait(milliseconds{0}).empty());
}

TEST_CASE("who left the set is not told, and its key can be given again") {
  CurveServer server(echo);
  const Network network;
  Many many(network, server, 3);
  static_cast<void>(many.all[0]->send(Hello{"gone"}));
  many.set.remove(0);
  many.all[0].reset();
  CHECK(many.set.size() == 2);
  static_cast<void>(many.all[2]->send(Hello{"here"}));
  CHECK(many.names(1) == std::set<std::string>{"here"});
  many.all[0] = std::make_unique<Conversation>(network, server.client_config());
  many.set.add(0, *many.all[0]);
  static_cast<void>(many.all[0]->send(Hello{"new"}));
  CHECK(many.names(1) == std::set<std::string>{"new"});
}

TEST_CASE("conversations that are only waited for in common also survive the broker") {
  std::atomic<bool> is_silent = true;
  CurveServer server([&](const Heard& heard) { return is_silent ? std::vector<Frames>{} : echo(heard); });
  const Network network;
  Many many(network, server, 2);
  static_cast<void>(many.all[0]->send(Hello{"one"}));
  static_cast<void>(many.all[1]->send(Hello{"other"}));
  for (int i = 0; i < 2000 && server.heard().size() < 2; ++i) CHECK(many.set.wait(milliseconds{5}).empty());
  REQUIRE(server.heard().size() == 2);
  server.stop();
  is_silent = false;
  server.start();
  CHECK(many.names(2) == std::set<std::string>{"one", "other"});
}

}  // namespace tally::net
