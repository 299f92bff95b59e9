// Bytes from the database that are not what was stored there.
#include <string>

#include <catch2/catch.hpp>

#include "common/codec/records_codec.h"

namespace tally::codec {

TEST_CASE("a row that ends before an id is damaged, though other fields may be missing") {
  const auto mail = decode_mail("\x92\x09\x91\x10");  // TakeBack of account 16, and no other field.
  REQUIRE_FALSE(mail);
  CHECK(mail.error().detail.find("is missing") != std::string::npos);
  // Without its last field, an amount, it could be of a program that did not know of one.
  std::string older = encode_mail(TakeBack{AccountId{16}, AccountId{17}, {part_of(ProjectId{1}, 1), 1}, {}});
  REQUIRE(older[2] == '\x94');
  older[2] = '\x93';
  older.pop_back();
  CHECK(decode_mail(older));
}

TEST_CASE("a list in a row that says it has more elements than the row has bytes is refused before it is allocated") {
  const auto records = decode_records(std::string("\xdd\x03\xff\xff\xff", 5));
  REQUIRE_FALSE(records);
  CHECK(records.error().code == RefusalCode::too_large);
}

}  // namespace tally::codec
