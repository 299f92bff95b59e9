#include "common/base/decimal.h"

#include <random>

#include <catch2/catch.hpp>

using namespace tally;

TEST_CASE("a decimal is read exactly, in millionths") {
  CHECK(decimal_e6_from("12") == 12'000'000);
  CHECK(decimal_e6_from("-0.5") == -500'000);
  CHECK(decimal_e6_from("+3") == 3'000'000);
  CHECK(decimal_e6_from(".25") == 250'000);
  CHECK(decimal_e6_from("0.000001") == 1);
  CHECK(decimal_e6_from("1.50000000000") == 1'500'000);
  CHECK(decimal_e6_from("00007") == 7'000'000);
  CHECK(decimal_e6_from("-0") == 0);
  CHECK(decimal_e6_from("0.1").value() + decimal_e6_from("0.2").value() == decimal_e6_from("0.3").value());
}

TEST_CASE("what is not a plain decimal is no number") {
  for (const char* text : {"", "-", "+", ".", "1.", "-.", "1e3", "0x10", " 1", "1 ", "1,5", "1.2.3", "--1", "+-1",
                           "nan", "inf", "1_000", "0.0000001", "\u0663"}) {
    INFO(text);
    CHECK_FALSE(decimal_e6_from(text));
  }
  CHECK_FALSE(decimal_e6_from(std::string_view("1\0", 2)));
}

TEST_CASE("a decimal past the bound is refused, however long it is") {
  CHECK(decimal_e6_from("1000000000000") == decimal_e6_max);
  CHECK(decimal_e6_from("-1000000000000") == -decimal_e6_max);
  CHECK_FALSE(decimal_e6_from("1000000000000.000001"));
  CHECK_FALSE(decimal_e6_from("1000000000001"));
  CHECK_FALSE(decimal_e6_from(std::string(5000, '9')));
  CHECK(decimal_e6_from(std::string(5000, '0') + "1") == 1'000'000);
}

TEST_CASE("the text of a decimal is the shortest, and gives the number again") {
  CHECK(decimal_text(0) == "0");
  CHECK(decimal_text(-500'000) == "-0.5");
  CHECK(decimal_text(1) == "0.000001");
  CHECK(decimal_text(12'000'000) == "12");
  CHECK(decimal_text(INT64_MIN) == "-9223372036854.775808");
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto range = std::int64_t{1} << (random() % 59);
    const auto e6 = std::uniform_int_distribution<std::int64_t>(-range, range)(random);
    CHECK(decimal_e6_from(decimal_text(e6)) == e6);
  }
}
