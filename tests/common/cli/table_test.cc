#include "common/cli/table.h"

#include <sstream>

#include <catch2/catch.hpp>

using namespace tally::cli;

TEST_CASE("columns line up, numbers to the right") {
  Table table({{"name"}, {"answers", Align::right}, {"state"}});
  table.row({"rte", "8000", "open"});
  table.row({"a longer one", "5", ""});
  CHECK(table.to_text() ==
        "name          answers  state\n"
        "rte              8000  open\n"
        "a longer one        5\n");
}

TEST_CASE("columns line up in every script") {
  Table table({{"a"}, {"b"}});
  table.row({"東京", "x"});
  table.row({"e\u0301", "x"});
  table.row({"😀", "x"});
  CHECK(table.to_text() == "a     b\n東京  x\ne\u0301     x\n😀    x\n");
}

TEST_CASE("a cell cannot break its line or steer the terminal") {
  Table table({{"a"}});
  table.row({"x\n\x1b[31mred\xff"});
  CHECK(table.to_text() == "a\nx␊␛[31mred<FF>\n");
}

TEST_CASE("a cell that is too wide is cut between characters") {
  CHECK(fitted("abcdef", 6) == "abcdef");
  CHECK(fitted("abcdef", 5) == "abcd…");
  CHECK(fitted("東京都", 5) == "東京…");
  CHECK(fitted("東京都", 4) == "東…");
  CHECK(fitted("ab", 1) == "…");
  CHECK(fitted("ab", 0).empty());
  CHECK(display_width(fitted("e\u0301e\u0301e\u0301", 2)) == 2);
  Table table({{"a", Align::left, 3}});
  table.row({"abcdef"});
  CHECK(table.to_text() == "a\nab…\n");
}
