// What holds for every aggregation method. A new one is in the registry, and so in here.
#include <algorithm>
#include <chrono>
#include <random>

#include <catch2/catch.hpp>

#include "common/aggregation/registry.h"

using namespace tally;
using namespace tally::aggregation;
using Outcome = FieldVerdict::Outcome;

namespace {

Policy policy(std::int32_t min, std::int32_t max, std::int32_t quorum, std::int64_t tolerance_e6 = 500'000) {
  return {.redundancy = {.min = min, .max = max, .quorum = quorum}, .tolerance_e6 = tolerance_e6};
}

// Ballots of workers 1, 2, 3, … The values are whole numbers further apart than the tolerance, so that every method
// tells them apart.
std::vector<Ballot> ballots_for(const std::vector<std::string_view>& values) {
  std::vector<Ballot> ballots;
  ballots.reserve(values.size());
  for (const std::string_view value : values) ballots.push_back({AccountId{std::ssize(ballots) + 1}, value});
  return ballots;
}

struct Case {
  std::vector<Ballot> ballots;
  Policy policy;
};

// Few values, so that ties and quorums are common; also "", fractions within the tolerance, and uneven weights.
Case any_case(std::mt19937_64& random) {
  static const std::vector<std::string> values{"1", "1.2", "1.5", "2", "2.5", "3", "-7", "", "no number"};
  Case made;
  const auto count = random() % 12;
  const bool is_even = random() % 2 == 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto worker = static_cast<std::int64_t>(i + 1);
    const auto weight_ppm = is_even ? 1'000'000 : static_cast<std::int64_t>(random() % 5 * 400'000);
    made.ballots.push_back({AccountId{worker}, values[random() % values.size()], weight_ppm});
  }
  const auto min = static_cast<std::int32_t>(random() % 5 + 1);
  made.policy = policy(min, min + static_cast<std::int32_t>(random() % 8), static_cast<std::int32_t>(random() % 6 + 1));
  return made;
}

}  // namespace

TEST_CASE("an aggregation method does not see the order of the ballots") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    std::mt19937_64 random(11);
    for (int i = 0; i < 3000; ++i) {
      Case made = any_case(random);
      const FieldVerdict before = method->judge(made.ballots, made.policy);
      std::shuffle(made.ballots.begin(), made.ballots.end(), random);
      REQUIRE(method->judge(made.ballots, made.policy) == before);
    }
  }
}

TEST_CASE("an aggregation method does not see who the workers are") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    std::mt19937_64 random(12);
    for (int i = 0; i < 3000; ++i) {
      Case made = any_case(random);
      const FieldVerdict before = method->judge(made.ballots, made.policy);
      for (Ballot& ballot : made.ballots) ballot.worker.value = 1'000'000 - 17 * ballot.worker.value;
      REQUIRE(method->judge(made.ballots, made.policy) == before);
    }
  }
}

TEST_CASE("those who agree with a verdict are exactly those it counts, and at least the quorum") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    std::mt19937_64 random(13);
    int settled = 0;
    for (int i = 0; i < 5000; ++i) {
      const Case made = any_case(random);
      const FieldVerdict verdict = method->judge(made.ballots, made.policy);
      if (verdict.outcome != Outcome::settled) continue;
      ++settled;
      std::int64_t count = 0;
      std::int64_t weight_ppm = 0;
      std::int64_t total_ppm = 0;
      for (const Ballot& ballot : made.ballots) {
        total_ppm += ballot.weight_ppm;
        if (!method->agrees(ballot.value, verdict.value, made.policy)) continue;
        ++count;
        weight_ppm += ballot.weight_ppm;
      }
      REQUIRE(count >= made.policy.redundancy.quorum);
      REQUIRE(verdict.confidence_ppm == (total_ppm == 0 ? 0 : weight_ppm * 1'000'000 / total_ppm));
      // A value that was given, and that no disagreeing value equals in weight.
      const auto is_verdict = [&](const Vote& vote) { return vote.value == verdict.value; };
      REQUIRE(std::count_if(verdict.votes.begin(), verdict.votes.end(), is_verdict) == 1);
    }
    CHECK(settled > 500);
  }
}

TEST_CASE("outcomes follow min, max and quorum, whatever the votes") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    std::mt19937_64 random(14);
    for (int i = 0; i < 5000; ++i) {
      const Case made = any_case(random);
      const FieldVerdict verdict = method->judge(made.ballots, made.policy);
      const auto count = std::ssize(made.ballots);
      if (count < made.policy.redundancy.min) REQUIRE(verdict.outcome == Outcome::open);
      if (count >= made.policy.redundancy.max) REQUIRE(verdict.outcome != Outcome::open);
      if (count < made.policy.redundancy.max) REQUIRE(verdict.outcome != Outcome::undecided);
      if (verdict.outcome != Outcome::settled) {
        REQUIRE(verdict.value.empty());
        REQUIRE(verdict.confidence_ppm == 0);
      }
      std::int64_t counted = 0;
      for (const Vote& vote : verdict.votes) counted += vote.count;
      REQUIRE(counted == count);
      const auto by_value = [](const Vote& a, const Vote& b) { return a.value < b.value; };
      REQUIRE(std::is_sorted(verdict.votes.begin(), verdict.votes.end(), by_value));
    }
  }
}

TEST_CASE("a unanimous vote settles at min with full confidence") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    for (const std::string_view value : {"4", ""}) {
      const auto verdict = method->judge(ballots_for({value, value, value}), policy(3, 5, 2));
      CHECK(verdict.outcome == Outcome::settled);
      CHECK(verdict.value == value);
      CHECK(verdict.confidence_ppm == 1'000'000);
      CHECK(verdict.votes == std::vector<Vote>{{std::string(value), 3, 3'000'000}});
    }
  }
}

TEST_CASE("fewer answers than min are never judged, however unanimous") {
  for (const Method* method : all_methods()) {
    CHECK(method->judge(ballots_for({"1", "1"}), policy(3, 5, 2)).outcome == Outcome::open);
    CHECK(method->judge({}, policy(1, 1, 1)).outcome == Outcome::open);
  }
}

TEST_CASE("one answer settles a task that asks for one") {
  for (const Method* method : all_methods()) {
    const auto verdict = method->judge(ballots_for({"1"}), policy(1, 1, 1));
    CHECK(verdict.outcome == Outcome::settled);
    CHECK(verdict.value == "1");
  }
}

TEST_CASE("a tie is never settled") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    CHECK(method->judge(ballots_for({"1", "1", "5", "5"}), policy(3, 5, 2)).outcome == Outcome::open);
    CHECK(method->judge(ballots_for({"1", "1", "5", "5"}), policy(3, 4, 2)).outcome == Outcome::undecided);
    CHECK(method->judge(ballots_for({"1", "", "1", ""}), policy(3, 4, 2)).outcome == Outcome::undecided);
    CHECK(method->judge(ballots_for({"9", "1", "1", "5", "5", "9"}), policy(3, 6, 2)).outcome == Outcome::undecided);
  }
}

TEST_CASE("a plurality of a split vote is enough, once it has its quorum") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    const auto votes = ballots_for({"1", "1", "1", "1", "5", "5", "5", "9", "9", "9"});
    const auto verdict = method->judge(votes, policy(3, 10, 4));
    CHECK(verdict.outcome == Outcome::settled);
    CHECK(verdict.value == "1");
    CHECK(verdict.confidence_ppm == 400'000);
    CHECK(method->judge(votes, policy(3, 10, 5)).outcome == Outcome::undecided);
    CHECK(method->judge(votes, policy(3, 11, 5)).outcome == Outcome::open);
  }
}

TEST_CASE("what is heaviest wins, and the quorum counts heads") {
  for (const Method* method : all_methods()) {
    INFO(method->name);
    std::vector<Ballot> votes = ballots_for({"1", "1", "5"});
    votes[2].weight_ppm = 2'500'000;
    CHECK(method->judge(votes, policy(3, 5, 2)).outcome == Outcome::open);
    const auto verdict = method->judge(votes, policy(3, 5, 1));
    CHECK(verdict.value == "5");
    CHECK(verdict.confidence_ppm == 555'555);
    votes[2].weight_ppm = 2'000'000;
    CHECK(method->judge(votes, policy(3, 3, 1)).outcome == Outcome::undecided);
  }
}

TEST_CASE("a verdict on a million ballots takes no more than sorting them") {
  constexpr int count = 1'000'000;
  std::vector<std::string> values;
  values.reserve(count);
  for (int i = 0; i < count; ++i) values.push_back(std::to_string(i));
  for (const Method* method : all_methods()) {
    INFO(method->name);
    for (const int distinct : {1, count}) {
      std::vector<Ballot> ballots;
      ballots.reserve(count);
      for (int i = 0; i < count; ++i) {
        ballots.push_back({AccountId{i + 1}, values[static_cast<std::size_t>(i % distinct)], weight_ppm_max});
      }
      const auto start = std::chrono::steady_clock::now();
      const auto verdict = method->judge(ballots, policy(1, count, 1, 1'000'000'000'000));
      // Far above what it takes with sanitizers on a busy machine, far below what anything quadratic would.
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
      CHECK(verdict.outcome != Outcome::open);
    }
  }
}

TEST_CASE("methods are found by name, and an unknown name is none") {
  for (const Method* method : all_methods()) CHECK(find_method(method->name) == method);
  CHECK(find_method("majority") == nullptr);
  CHECK(find_method("") == nullptr);
}
