#include "tools/stack/vote.h"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using tally::stack::count_vote;
using Ballots = std::vector<std::string>;

TEST_CASE("a vote goes to the value with more ballots than any other") {
  CHECK(count_vote({"a", "b", "a"}, {1, 1}) == "a");
  CHECK(count_vote({"b"}, {1, 1}) == "b");
  CHECK(count_vote({"a", "b", "c", "c"}, {1, 1}) == "c");
}

TEST_CASE("a vote that is tied, too small or without its quorum decides nothing") {
  CHECK(count_vote({}, {1, 1}) == std::nullopt);
  CHECK(count_vote({"a", "b"}, {1, 1}) == std::nullopt);
  CHECK(count_vote({"c", "a", "b", "b", "a"}, {1, 1}) == std::nullopt);
  CHECK(count_vote({"a", "a"}, {3, 2}) == std::nullopt);
  CHECK(count_vote({"a", "b", "c", "a"}, {3, 3}) == std::nullopt);
  CHECK(count_vote({"a", "b", "c", "a"}, {3, 2}) == "a");
}
