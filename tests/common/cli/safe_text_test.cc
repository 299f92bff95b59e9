#include "common/cli/safe_text.h"

#include <random>

#include <catch2/catch.hpp>

#include "common/forms/unicode.h"

using namespace tally;
using cli::safe_for_terminal;

TEST_CASE("an escape sequence is shown, not obeyed") {
  CHECK(safe_for_terminal("\x1b[2Jgone", false) == "␛[2Jgone");
  CHECK(safe_for_terminal("\u009b2J", false) == "<U+009B>2J");
  CHECK(safe_for_terminal(std::string_view("a\0b\x7f\b", 5), false) == "a␀b␡␈");
}

TEST_CASE("text cannot turn the order of reading around or hide in it") {
  CHECK(safe_for_terminal("a\u202eb", false) == "a<U+202E>b");
  for (const char* text : {"\u202a", "\u202b", "\u202c", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e",
                           "\u200f", "\u061c", "\ufeff", "\U000e0041"}) {
    CHECK(safe_for_terminal(text, false).starts_with("<U+"));
  }
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
  CHECK(safe_for_terminal("a\xff"
                          "b",
                          false) == "a<FF>b");
  CHECK(safe_for_terminal("\xe2\x80", true) == "<E2><80>");
  CHECK(safe_for_terminal("\xc0\x9b", true) == "<C0><9B>");
}

TEST_CASE("line feeds stay only where they are wanted") {
  CHECK(safe_for_terminal("a\r\nb\tc", true) == "a\nb c");
  CHECK(safe_for_terminal("a\nb", false) == "a␊b");
  CHECK(safe_for_terminal("bar\rfoo", true) == "bar␍foo");
}

TEST_CASE("plain text in any script stays as it is") {
  for (const char* text : {"", "Zürich", "東京 😀", "שלום", "a\u0301", "👩\u200d🔬"})
    CHECK(safe_for_terminal(text, false) == text);
}

TEST_CASE("whatever bytes come, the result is valid, harmless, and safe already") {
  std::mt19937 random(4);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 16; n > 0; --n) text += static_cast<char>(random() % 4 == 0 ? 0xe2 : random());
    for (const bool keep : {false, true}) {
      const std::string safe = safe_for_terminal(text, keep);
      REQUIRE((keep ? forms::is_prose(safe) : forms::is_one_line(safe)));
      REQUIRE(safe_for_terminal(safe, keep) == safe);
    }
  }
}
