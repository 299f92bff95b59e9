#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "common/aggregation/registry.h"
#include "common/base/decimal.h"

using namespace tally;
using namespace tally::aggregation;
using Outcome = FieldVerdict::Outcome;

namespace {

FieldVerdict judge(const std::vector<std::string>& values, std::int64_t tolerance_e6, std::int32_t quorum = 2) {
  std::vector<Ballot> ballots;
  ballots.reserve(values.size());
  for (const std::string& value : values) ballots.push_back({AccountId{std::ssize(ballots) + 1}, value});
  const auto count = static_cast<std::int32_t>(values.size());
  return find_method("tolerance")->judge(ballots, {{.min = 1, .max = count, .quorum = quorum}, tolerance_e6});
}

bool agrees(std::string_view a, std::string_view b, std::int64_t tolerance_e6) {
  return find_method("tolerance")->agrees(a, b, {{}, tolerance_e6});
}

}  // namespace

TEST_CASE("where all numbers agree the verdict is their lower median") {
  CHECK(judge({"10", "12", "11"}, 5'000'000).value == "11");
  CHECK(judge({"10", "13", "11", "12"}, 5'000'000).value == "11");
  CHECK(judge({"9.5", "10", "10", "10.5"}, 1'000'000).value == "10");
  CHECK(judge({"10", "13", "11", "12"}, 5'000'000).confidence_ppm == 1'000'000);
}

TEST_CASE("an outlier changes neither the verdict nor who is counted") {
  const auto verdict = judge({"10", "11", "12", "1000"}, 2'000'000);
  CHECK(verdict.outcome == Outcome::settled);
  CHECK(verdict.value == "11");
  CHECK(verdict.confidence_ppm == 750'000);
}

TEST_CASE("everyone the verdict counts agrees with it, even where the crowd leans to one side") {
  const auto verdict = judge({"0", "0", "0", "1", "2"}, 1'000'000);
  CHECK(verdict.value == "1");
  CHECK(verdict.confidence_ppm == 1'000'000);
}

TEST_CASE("two camps of the same size are a tie, also when they overlap in a chain") {
  CHECK(judge({"0", "0", "10", "10"}, 1'000'000).outcome == Outcome::undecided);
  CHECK(judge({"0", "1", "2", "3", "4", "5", "6"}, 1'000'000).outcome == Outcome::undecided);
  CHECK(judge({"0", "1", "2", "3"}, 1'000'000).outcome == Outcome::settled);
}

TEST_CASE("the tolerance is included, to the millionth") {
  CHECK(agrees("1", "1.5", 500'000));
  CHECK(agrees("1.5", "1", 500'000));
  CHECK_FALSE(agrees("1", "1.500001", 500'000));
  CHECK_FALSE(agrees("1", "0.499999", 500'000));
  CHECK(agrees("-1000000000000", "1000000000000", decimal_e6_max) == false);
}

TEST_CASE("a field left empty agrees with an empty one only") {
  CHECK(agrees("", "", 1'000'000));
  CHECK_FALSE(agrees("", "0", 1'000'000));
  CHECK_FALSE(agrees("0", "", 1'000'000));
  const auto verdict = judge({"", "", "0"}, 1'000'000);
  CHECK(verdict.outcome == Outcome::settled);
  CHECK(verdict.value.empty());
}

TEST_CASE("with a tolerance of zero it is a plurality of numbers") {
  CHECK(judge({"1", "1", "2"}, 0).value == "1");
  CHECK(judge({"1", "1", "2", "2"}, 0).outcome == Outcome::undecided);
}

TEST_CASE("no number has more support than the verdict, by the plainest count there is") {
  std::mt19937_64 random(15);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::int64_t> numbers;
    std::vector<std::string> values;
    for (auto n = random() % 9 + 1; n > 0; --n) {
      numbers.push_back(static_cast<std::int64_t>(random() % 40) * 250'000 - 5'000'000);
      values.push_back(decimal_text(numbers.back()));
    }
    const auto support = [&](std::int64_t centre) {
      return std::count_if(numbers.begin(), numbers.end(), [&](auto e6) { return std::abs(e6 - centre) <= 1'000'000; });
    };
    std::int64_t most = 0;
    for (const auto e6 : numbers) most = std::max<std::int64_t>(most, support(e6));
    std::vector<std::int64_t> best;
    for (const auto e6 : numbers) {
      if (support(e6) == most) best.push_back(e6);
    }
    std::sort(best.begin(), best.end());
    const auto verdict = judge(values, 1'000'000, 1);
    if (best.back() - best.front() > 1'000'000) {
      REQUIRE(verdict.outcome == Outcome::undecided);
    } else {
      REQUIRE(verdict.outcome == Outcome::settled);
      REQUIRE(decimal_e6_from(verdict.value) == best[(best.size() - 1) / 2]);
      REQUIRE(verdict.confidence_ppm == most * 1'000'000 / std::ssize(numbers));
    }
  }
}
