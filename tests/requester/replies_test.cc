#include "requester/replies.h"

#include <catch2/catch.hpp>

#include "common/net/keys.h"

using namespace tally;
using namespace tally::requester;

TEST_CASE(
    "replies are waited for without a connection as long as was asked, and then it is said where the broker was") {
  net::ConversationConfig config;
  config.host = "127.0.0.1";
  config.port = 1;  // Where nobody listens.
  config.server_key = net::make_key_pair().public_key;
  config.keys = net::make_key_pair();
  const net::Network network;
  net::Conversation conversation(network, config);
  conversation.send(Request{GetBalance{}});
  Replies at_once(conversation, Duration{0});
  CHECK_THROWS_WITH(at_once.next(), Catch::StartsWith("the broker at 127.0.0.1:1 cannot be reached: "));
  Replies patient(conversation, Duration{86'400'000});
  CHECK_FALSE(patient.next());
}
