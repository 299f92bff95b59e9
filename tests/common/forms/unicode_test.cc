#include "common/forms/unicode.h"

#include <random>

#include <catch2/catch.hpp>

using namespace tally::forms;

TEST_CASE("invalid UTF-8 and NUL are never storable") {
  CHECK(is_storable(""));
  CHECK(is_storable("Zürich 東京 😀"));
  CHECK_FALSE(is_storable(std::string_view("a\0b", 3)));
  for (const char* broken :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
    CHECK_FALSE(is_storable(broken));
  }
}

TEST_CASE("prose has line feeds and tabs and no other control characters") {
  CHECK(is_prose("one\n\ttwo"));
  CHECK_FALSE(is_one_line("one\ntwo"));
  CHECK_FALSE(is_one_line("one\u2028two"));
  for (const char* text : {"\r", "\x1b[31m", "\x7f", "\u0085", "\u009b"}) CHECK_FALSE(is_prose(text));
}

TEST_CASE("a text that shows nothing is blank") {
  for (const char* text : {"", "  ", "\t\r\n", "\u00a0", "\u3000", "\u200b", "\u200d\u2060", "\ufeff", "\u2028"})
    CHECK(is_blank(text));
  CHECK_FALSE(is_blank(" . "));
  CHECK_FALSE(is_blank("\u200bx"));
}

TEST_CASE("texts that differ in case, composition or white space are normalised to the same") {
  CHECK(normalised("  Straße \t\n 5 ") == "strasse 5");
  CHECK(normalised("CAFE\u0301") == normalised("caf\u00e9"));
  CHECK(normalised("\u212b") == normalised("\u00e5"));
  CHECK(normalised("a\u00a0\u3000b") == "a b");
  CHECK(normalised("ΣΑΣ") == normalised("σας"));
  CHECK(normalised("don't!") == "don't!");
  CHECK(normalised("a.b") != normalised("ab"));
  CHECK(normalised(" \n ").empty());
}

TEST_CASE("normalising what is normalised changes nothing") {
  std::mt19937 random(2);
  const std::u32string marks = U"\u0301\u0308\u0323\u0345\u0327\u1e9e\u0130\u03a3\u00df\ufb01\u212a\u1f80\u1fb7";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int n = 0; n < 6; ++n) {
      char32_t c = random() % 2 == 0 ? marks[random() % marks.size()] : static_cast<char32_t>(random() % 0x3000 + 1);
      if (c >= 0xd800 && c <= 0xdfff) c = 'x';
      if (c < 0x80) {
        text += static_cast<char>(c);
      } else if (c < 0x800) {
        text += {static_cast<char>(0xc0U | c >> 6U), static_cast<char>(0x80U | (c & 0x3fU))};
      } else {
        text += {static_cast<char>(0xe0U | c >> 12U), static_cast<char>(0x80U | (c >> 6U & 0x3fU)),
                 static_cast<char>(0x80U | (c & 0x3fU))};
      }
    }
    const std::string once = normalised(text);
    REQUIRE(normalised(once) == once);
  }
}

TEST_CASE("wide characters take two columns and combining ones none") {
  CHECK(width_of(U'a') == 1);
  CHECK(width_of(U'東') == 2);
  CHECK(width_of(U'\u0301') == 0);
}
