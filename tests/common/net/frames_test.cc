#include "common/net/frames.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace tally::net {

TEST_CASE("a header says the same after it was sent") {
  const auto header = decode_header("tally/1", encode_header({22, INT64_MAX}));
  REQUIRE(header);
  CHECK(header->number == 22);
  CHECK(header->request_id == INT64_MAX);
}

TEST_CASE("another version is told both versions, and what is no version is malformed") {
  const auto other = decode_header("tally/2\x1b[31m", encode_header({3, 1}));
  REQUIRE_FALSE(other);
  CHECK(other.error().code == RefusalCode::protocol_mismatch);
  CHECK(other.error().detail == "you speak tally/2?[31m, this is tally/1: use programs of one version");
  const auto none = decode_header("HTTP/1.1", encode_header({3, 1}));
  REQUIRE_FALSE(none);
  CHECK(none.error().code == RefusalCode::malformed);
}

TEST_CASE("a header that acts for somebody is refused, and so is one that is cut, too long or of other types", "[fault-9]") {
  const auto code = [](std::string_view header) {
    const auto decoded = decode_header("tally/1", header);
    return decoded ? std::string("accepted") : std::string(name_of(decoded.error().code));
  };
  CHECK(code("\x93\x03\x01\x05") == "on_behalf_not_granted");
  for (const std::string_view wrong :
       {"", "\x92", "\x92\x03", "\x91\x03", "\x92\xff\x01", "\x92\x03\xff", "\x92\xa1x\x01", "\x80",
        "\x92\x03\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "\x92\x03\x01\x01", "\x95\x01\x01\x01\x01\x01"}) {
    CHECK(code(wrong) == "malformed");
  }
  CHECK(code(std::string(1000, '\x91')) == "malformed");
}

TEST_CASE("random headers are refused or read, and never more", "[fault-8]") {
  std::mt19937 random(7);  // NOLINT: the same bytes in every run
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    static_cast<void>(decode_header("tally/1", bytes));
  }
}

}  // namespace tally::net
