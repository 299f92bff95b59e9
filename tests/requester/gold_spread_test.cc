#include "requester/gold_spread.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

using namespace tally::requester;

namespace {

// So much gold in each run of `part_size` items, at its beginning.
std::vector<bool> runs_of(std::int64_t part_size, const std::vector<std::int64_t>& gold) {
  std::vector<bool> is_gold;
  for (const std::int64_t count : gold) {
    for (std::int64_t i = 0; i < part_size; ++i) is_gold.push_back(i < count);
  }
  return is_gold;
}

}  // namespace

TEST_CASE("the first run with less than half of its share of the gold is named") {
  const auto run = first_thin_run(runs_of(4096, {60, 58, 12, 2, 70}), 4096);
  REQUIRE(run);
  CHECK(run->first == 2 * 4096 + 1);
  CHECK(run->last == 3 * 4096);
  CHECK(run->gold == 12);
  CHECK(run->share == Approx(202.0 / 5));
}

TEST_CASE("a file with all its gold on top is found, however short it is beyond the first run") {
  auto is_gold = runs_of(100, {20, 0});
  REQUIRE(first_thin_run(is_gold, 100));
  CHECK(first_thin_run(is_gold, 100)->first == 101);
  is_gold.resize(150);
  REQUIRE(first_thin_run(is_gold, 100));
  CHECK(first_thin_run(is_gold, 100)->last == 150);
  // Of five items nobody would expect gold.
  is_gold.resize(105);
  CHECK_FALSE(first_thin_run(is_gold, 100));
}

TEST_CASE("gold that is even, or all in one run, or none, or too little to tell is not spoken of") {
  CHECK_FALSE(first_thin_run(runs_of(4096, {40, 41, 39, 40}), 4096));
  CHECK_FALSE(first_thin_run(runs_of(4096, {40, 41, 39, 21}), 4096));  // More than half.
  CHECK_FALSE(first_thin_run(runs_of(4096, {40}), 4096));
  CHECK_FALSE(first_thin_run(runs_of(40, {40}), 4096));
  CHECK_FALSE(first_thin_run(runs_of(4096, {0, 0, 0}), 4096));
  CHECK_FALSE(first_thin_run(runs_of(4096, {2, 0, 1}), 4096));
  CHECK_FALSE(first_thin_run({}, 1));
  CHECK_FALSE(first_thin_run({true, false}, 1));
}

TEST_CASE("items that were shuffled are hardly ever spoken of") {
  std::mt19937 random(1);
  for (const std::int64_t gold : {10, 40, 200}) {
    int named = 0;
    for (int file = 0; file < 100; ++file) {
      std::vector<bool> is_gold(1000);
      std::fill(is_gold.begin(), is_gold.begin() + gold, true);
      std::shuffle(is_gold.begin(), is_gold.end(), random);
      named += first_thin_run(is_gold, 100) ? 1 : 0;
    }
    INFO(gold);
    CHECK(named <= 10);
  }
}

TEST_CASE("what is said names the run, and what to do") {
  const std::string text = thin_run_text({4097, 8192, 1, 40.6}, "birds.csv", "17");
  CHECK_THAT(text, Catch::Contains("items 4,097 to 8,192 have 1 gold task, where an even spread would give them 41.") &&
                       Catch::Contains("Shuffle the rows of birds.csv: `tally-requester cancel 17`"));
}
