#include "common/net/frames.h"

#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "schemas/messages.h"

namespace tally::net {
namespace {

const std::string line = std::string(protocol_name) + '\n';

}  // namespace

TEST_CASE("a message says the same after it was sent") {
  for (const std::uint64_t request_id : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{255},
                                         std::uint64_t{65'536}, std::uint64_t{1} << 32U, std::uint64_t{INT64_MAX}}) {
    const std::string frame = encode_frame({22, request_id}, "the body");
    const auto message = decode_frame(frame);
    REQUIRE(message);
    CHECK(message->header.number == 22);
    CHECK(message->header.request_id == request_id);
    CHECK(message->body == "the body");
  }
}

TEST_CASE("a number is read in each form that MessagePack has for it") {
  for (const std::string_view five :
       {"\x05", "\xcc\x05", "\xcd\0\x05", "\xd0\x05", "\xd1\0\x05", "\xd3\0\0\0\0\0\0\0\x05"}) {
    // Literals with zero bytes: their length follows from their first byte.
    const auto form = static_cast<unsigned char>(five[0]);
    const std::size_t size = form < 0x80 ? 0 : std::size_t{1} << ((form - 0xccU) % 4);
    const std::string frame = line + "\x93\x03" + std::string(five.data(), 1 + size) + "\x80";
    const auto message = decode_frame(frame);
    REQUIRE(message);
    CHECK(message->header.request_id == 5);
    CHECK(message->body == "\x80");
  }
}

TEST_CASE("another version is told both versions, and what is no version is malformed") {
  std::string frame = encode_frame({3, 77}, "\x80");
  frame.replace(0, frame.find('\n'), "tally/2\x1b[31m");
  const auto other = decode_frame(frame);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == RefusalCode::protocol_mismatch);
  CHECK(other.error().detail == "you speak tally/2?[31m, this is tally/1: use programs of one version");
  CHECK(version_in(frame) == "tally/2\x1b[31m");
  CHECK(request_id_in(frame) == 77);
  CHECK_FALSE(request_id_in("tally/2\nwho knows"));
  for (const std::string wrong : {"", "\n", "HTTP/1.1\n\x93\x03\x01\x80", "tally", "x"}) {
    const auto none = decode_frame(wrong);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == RefusalCode::malformed);
  }
  // A line that does not end is cut.
  CHECK(decode_frame("tally/" + std::string(1000, '1')).error().detail.size() < 100);
}

TEST_CASE("a message may name for whom it is sent") {
  for (const std::size_t size : {1U, 31U, 32U, 120U, 255U}) {
    const std::string token(size, 'x');
    const std::string frame = encode_frame({3, 77, token}, "\x80");
    const auto message = decode_frame(frame);
    REQUIRE(message);
    CHECK(message->header.number == 3);
    CHECK(message->header.request_id == 77);
    CHECK(message->header.on_behalf == token);
    CHECK(message->body == "\x80");
  }
  const std::string own = encode_frame({3, 77}, "\x80");
  CHECK(decode_frame(own)->header.on_behalf.empty());
}

TEST_CASE("a message that is cut or of other types is malformed", "[fault-9]") {
  const auto code = [](std::string_view list) {
    const auto decoded = decode_frame(line + std::string(list));
    return decoded ? std::string("accepted") : std::string(name_of(decoded.error().code));
  };
  CHECK(code("\x94\x03\x01\xa1x\x80") == "accepted");
  for (const std::string_view wrong :
       {"\x94\x03\x01\x80\x05", "\x94\x03\x01", "\x94\x03\x01\xa5x\x80", "\x94\x03\x01\xd9", "\x94\x03\x01\xa0\x80",
        "\x94\x03\x01\xd9\x05x", "\x94\x03\x01\xc4\x01x\x80"}) {
    CHECK(code(wrong) == "malformed");
  }
  CHECK(code("\x93\x03\x01\x80") == "accepted");
  for (const std::string_view wrong :
       {"", "\x93", "\x93\x03", "\x92\x03\x01", "\x93\xff\x01\x80", "\x93\x03\xff\x80", "\x93\xa1x\x01\x80", "\x80",
        "\x93\x03\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x80", "\x93\x03\xd0\xff\x80", "\x93\x03\xcd\x01", "\xdc"}) {
    CHECK(code(wrong) == "malformed");
  }
}

TEST_CASE("random bytes are refused or read, and never more", "[fault-8]") {
  std::mt19937 random(7);  // NOLINT: the same bytes in every run
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    static_cast<void>(decode_frame(bytes));
    static_cast<void>(decode_frame(line + bytes));
    static_cast<void>(request_id_in(bytes));
  }
}

}  // namespace tally::net
