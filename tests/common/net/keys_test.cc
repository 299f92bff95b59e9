#include "common/net/keys.h"

#include <catch2/catch.hpp>

#include "common/base/digest.h"

namespace tally::net {

TEST_CASE("an invitation is one line that reads back as what it was") {
  const KeyPair server = make_key_pair();
  for (const std::string host : {"127.0.0.1", "tally.example.org", "[::1]"}) {
    const Invitation invitation{host, 5501, server.public_key, "32-00ff"};
    const std::string line = to_text(invitation);
    CHECK(line.find_first_of(" $&'\"<>\n") == std::string::npos);
    const auto read = invitation_from(line);
    REQUIRE(read);
    CHECK(read->host == host);
    CHECK(read->port == 5501);
    CHECK(read->server_key == server.public_key);
    CHECK(read->code == "32-00ff");
  }
}

TEST_CASE("an invitation that is wrong anywhere says where, and never shows its code") {
  const std::string key = hex_of(make_key_pair().public_key);
  const auto error = [](const std::string& line) {
    const auto read = invitation_from(line);
    return read ? std::string("accepted") : read.error();
  };
  CHECK(error("hello").find("not an invitation") != std::string::npos);
  CHECK(error("tally://host:1/" + key).find("cut") != std::string::npos);
  CHECK(error("tally://host/" + key + "/1-a").find("port is missing") != std::string::npos);
  CHECK(error("tally://host:0/" + key + "/1-a").find("port is not one") != std::string::npos);
  CHECK(error("tally://host:65536/" + key + "/1-a").find("port is not one") != std::string::npos);
  CHECK(error("tally://ho st:1/" + key + "/1-a").find("host is not one") != std::string::npos);
  CHECK(error("tally://host:1/" + key.substr(1) + "/1-a").find("64 hex digits") != std::string::npos);
  CHECK(error("tally://host:1/" + key + "/Secret!").find("Secret") == std::string::npos);
}

TEST_CASE("two key pairs are never the same, and hex reads back") {
  const KeyPair a = make_key_pair();
  const KeyPair b = make_key_pair();
  CHECK(a.public_key != b.public_key);
  CHECK(a.public_key.size() == key_bytes);
  CHECK(key_from_hex(hex_of(a.public_key)) == a.public_key);
  CHECK_FALSE(key_from_hex("zz"));
}

}  // namespace tally::net
