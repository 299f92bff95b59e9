// What verdicts may claim, from how they turned out.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "common/aggregation/online/claim_hypotheses.h"
#include "common/aggregation/online/field_claims.h"
#include "common/aggregation/online/fixed_point.h"
#include "common/aggregation/skill.h"
#include "common/base/digest.h"

namespace tally::aggregation {
namespace {

constexpr std::int32_t last_bucket = static_cast<std::int32_t>(claim_buckets) - 1;

// So many outcomes in a bucket, of which so many are wrong.
void count(Outcomes& outcomes, std::int32_t bucket, std::int32_t all, std::int32_t wrong) {
  for (std::int32_t i = 0; i < all; ++i) count_outcome(outcomes, bucket, i >= wrong);
}

ClaimBasis with_gold(std::int32_t bucket, std::int32_t all, std::int32_t wrong) {
  ClaimBasis basis;
  count(basis.gold, bucket, all, wrong);
  return basis;
}

LabelJudgement judgement_of(double probability) {
  LabelJudgement judgement;
  judgement.log_odds = static_cast<std::int64_t>(std::log2(probability / (1 - probability)) * fixed::doubling);
  return judgement;
}

// Of all that a claim is made from beside the outcomes, in decimals.
std::string digest_of_the_table() {
  Sha256 digest;
  const auto add = [&](std::int64_t number) { digest.add(std::to_string(number) + "\n"); };
  for (const std::int32_t frequency : claim_prior()) add(frequency);
  for (const ClaimHypothesis& hypothesis : all_claim_hypotheses()) {
    for (const std::int64_t ppm : hypothesis.right) add(ppm);
    for (const std::int64_t ppm : hypothesis.same) add(ppm);
  }
  return hex_of(digest.finish());
}

}  // namespace

TEST_CASE("another table of hypotheses is another version of claims") {
  // Both change together: verdicts hold the version, and are checked by the table that it names.
  CHECK(claims_version == 2);
  CHECK(digest_of_the_table() == "e54b6d02319e5f4aecb7ecebad5dbffb542daa31b93c869fe62209806c75550b");
}

TEST_CASE("what a claim is made from names the table of today, also where an older one was kept") {
  FieldClaims claims;
  CHECK(claims.basis().version == claims_version);
  claims.tell({{3, 1, 0}}, {});
  CHECK(claims.basis().version == claims_version);
  auto kept = std::get<0>(FieldClaims::fields());
  (claims.*kept.member).version = claims_version - 1;
  claims.tell({}, {});
  CHECK(claims.basis().version == claims_version);
}

TEST_CASE("a judgement's bucket is its log-odds in half doublings") {
  CHECK(claim_bucket(judgement_of(0.5001)) == 0);
  CHECK(claim_bucket(judgement_of(0.75)) == 3);
  CHECK(claim_bucket(judgement_of(0.99)) == 13);
  LabelJudgement certain;
  certain.log_odds = 31LL * fixed::doubling;
  CHECK(claim_bucket(certain) == last_bucket);
  CHECK(claim_bucket(LabelJudgement{}) == 0);
}

TEST_CASE("a judgement's log-odds are those of its posterior") {
  const std::int32_t nine = fixed::log2_of(9);
  const LabelJudgement judgement = judge({{0, 0}, {nine, 0}});
  CHECK(std::abs(judgement.log_odds - nine) < 20);
  const LabelJudgement certain = judge({{0, -60 * fixed::doubling}, {}});
  CHECK(certain.log_odds == 31LL * fixed::doubling);
}

TEST_CASE("a surer verdict never claims less, whatever the outcomes were") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    ClaimBasis basis;
    for (int i = 0; i < 60; ++i) {
      const auto bucket = static_cast<std::int32_t>(random() % claim_buckets);
      count_outcome(i % 3 == 0 ? basis.audited : basis.gold, bucket, random() % 4 != 0);
    }
    REQUIRE(is_sound(basis.gold));
    REQUIRE(is_sound(basis.audited));
    const Claims claims(basis);
    for (std::int32_t bucket = 1; bucket <= last_bucket; ++bucket) REQUIRE(claims.at(bucket) >= claims.at(bucket - 1));
    REQUIRE(claims.at(0) > 0);
    REQUIRE(claims.highest() < 1'000'000);
  }
}

TEST_CASE("without outcomes little is claimed, and less than the model says") {
  const Claims claims;
  CHECK(claims.highest() < 900'000);
  CHECK(claims.highest() > 700'000);
  for (std::int32_t bucket = 0; bucket <= last_bucket; ++bucket) {
    const double doublings = (bucket + 0.5) / 2;
    CHECK(static_cast<double>(claims.at(bucket)) < 1e6 / (1 + std::exp2(-doublings)));
  }
}

TEST_CASE("gold that is right raises what is claimed, gold that is wrong lowers it") {
  const Claims before;
  const Claims good(with_gold(last_bucket, 100, 0));
  const Claims bad(with_gold(last_bucket, 100, 20));
  CHECK(good.highest() > 950'000);
  CHECK(bad.highest() < 850'000);
  CHECK(good.at(10) > before.at(10));
  CHECK(Claims(with_gold(last_bucket, 400, 0)).highest() > good.highest());
}

TEST_CASE("an audit by the same workers shows how steep, not how high: it proves no more than gold would") {
  ClaimBasis audited;
  count(audited.audited, 20, 200, 0);
  const Claims claims(audited);
  CHECK(claims.at(12) > Claims().at(12));
  CHECK(claims.highest() < 900'000);
  ClaimBasis differing;
  count(differing.audited, 20, 200, 60);
  CHECK(Claims(differing).highest() < claims.highest());
}

TEST_CASE("hope is what more gold could show: none is no hope, and more is never less") {
  const ClaimBasis basis = with_gold(20, 30, 2);
  const Claims now(basis);
  std::int64_t last = now.highest();
  CHECK(hopeful_claims(basis, 0).highest() == last);
  for (const std::int64_t open : {5, 20, 80, 300}) {
    const std::int64_t highest = hopeful_claims(basis, open).highest();
    CHECK(highest >= last);
    last = highest;
  }
}

TEST_CASE("hope is not disappointed: wherever gold comes out right, no more can be claimed than was hoped for") {
  const ClaimBasis basis = with_gold(14, 20, 1);
  for (const std::int32_t open : {3, 10, 20, 50, 200}) {
    const Claims hopeful = hopeful_claims(basis, open);
    for (std::int32_t place = 0; place <= last_bucket; ++place) {
      ClaimBasis come = basis;
      count_outcome(come.gold, place, true, open);
      const Claims claims(come);
      for (std::int32_t bucket = 0; bucket <= last_bucket; ++bucket) {
        INFO(open << " right in " << place << ", claims of " << bucket);
        // Between the places that are looked at it may be a little more.
        REQUIRE(claims.at(bucket) <= hopeful.at(bucket) + 4'000);
      }
    }
  }
}

TEST_CASE("a tie claims nothing, so that gold that is tied says nothing of claims") {
  FieldClaims claims;
  claims.gold_opened();
  const LabelEvidence tied{{0, 0}, {}};
  claims.gold_closed(&tied, false);
  CHECK(claims.basis().gold.empty());
}

// The promise: of verdicts that claim p at least p are right, in nearly all projects. Projects are drawn from what the
// table believes of them and from harsher ones.
TEST_CASE("claims are true of simulated projects, some of which share mistakes") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> chance;
  int overclaimed = 0;
  constexpr int projects = 300;
  for (int project = 0; project < projects; ++project) {
    const double slope = 0.3 + 0.7 * chance(random);
    const double lapse = chance(random) * chance(random) * 0.2;
    const auto right = [&](std::int32_t bucket) { return (1 - lapse) / (1 + std::exp2(-slope * (bucket + 0.5) / 2)); };
    ClaimBasis basis;
    for (int i = 0; i < 50; ++i) {
      const auto bucket = static_cast<std::int32_t>(8 + random() % 20);
      count_outcome(basis.gold, bucket, chance(random) < right(bucket));
    }
    const Claims claims(basis);
    // The first bucket that may claim nine tenths, if there is one.
    for (std::int32_t bucket = 0; bucket <= last_bucket; ++bucket) {
      if (claims.at(bucket) < 900'000) continue;
      overclaimed += right(bucket) < 0.89 ? 1 : 0;
      break;
    }
  }
  INFO(overclaimed << " of " << projects);
  CHECK(overclaimed < projects / 7);
}

TEST_CASE("outcomes that were not counted here are looked at before they are used") {
  CHECK(is_sound({}));
  CHECK(is_sound({{0, 1, 0}, {39, 0, 4}}));
  CHECK_FALSE(is_sound({{40, 1, 0}}));
  CHECK_FALSE(is_sound({{-1, 1, 0}}));
  CHECK_FALSE(is_sound({{3, 1, 0}, {3, 1, 0}}));
  CHECK_FALSE(is_sound({{5, 1, 0}, {3, 1, 0}}));
  CHECK_FALSE(is_sound({{5, -1, 0}}));
  CHECK_FALSE(is_sound({{5, 0, INT32_MAX}}));
}

TEST_CASE("the accuracy that is expected has an interval, which gold makes narrower") {
  std::array<std::int64_t, claim_buckets> verdicts{};
  verdicts[14] = 60;
  verdicts[20] = 40;
  const ExpectedAccuracy before = expected_accuracy({}, verdicts);
  CHECK(before.low_ppm < before.ppm);
  CHECK(before.ppm < before.high_ppm);
  const ExpectedAccuracy after = expected_accuracy(with_gold(17, 200, 10), verdicts);
  CHECK(after.high_ppm - after.low_ppm < before.high_ppm - before.low_ppm);
  CHECK(std::abs(after.ppm - 950'000) < 25'000);
}

TEST_CASE("a field's claims follow its gold: what is open is hope, what was right is a claim") {
  FieldClaims claims;
  const std::int64_t before = claims.now().highest();
  for (int i = 0; i < 50; ++i) claims.gold_opened();
  CHECK(claims.now().highest() == before);
  CHECK(claims.hopeful().highest() > before);
  const LabelEvidence sure{{0, 0}, {12 * fixed::doubling, 0}};
  for (int i = 0; i < 50; ++i) claims.gold_closed(&sure, true);
  CHECK(claims.now().highest() > before);
  CHECK(claims.hopeful().highest() == claims.now().highest());
  REQUIRE(claims.basis().gold.size() == 1);
  CHECK(claims.basis().gold[0] == OutcomeCount{24, 50, 0});
}

TEST_CASE("to go on is in vain where the confidence is out of reach and a guess gets no better") {
  const Redundancy asked{3, 20, 1, 0, 950'000};
  const Claims none;
  SkillVerdict sure{false, true, 0, 999'999, none.at(39), 39};
  CHECK(is_futile(sure, 10, none, asked));
  SkillVerdict open{false, true, 0, 600'000, none.at(1), 1};
  CHECK_FALSE(is_futile(open, 10, none, asked));
  const Claims hopeful = hopeful_claims({}, 300);
  CHECK_FALSE(is_futile(sure, 10, hopeful, asked));
  CHECK_FALSE(is_futile(sure, 10, none, Redundancy{3, 20, 1, 990'000}));
}

TEST_CASE("lots for the audit fall to about the share that was asked for, by the salt alone") {
  int drawn = 0;
  int alike = 0;
  for (std::int32_t task = 1; task <= 10'000; ++task) {
    const bool is_drawn = is_drawn_for_audit("salt", task, 50'000);
    drawn += is_drawn ? 1 : 0;
    alike += is_drawn == is_drawn_for_audit("another", task, 50'000) ? 1 : 0;
    REQUIRE(is_drawn == is_drawn_for_audit("salt", task, 50'000));
    REQUIRE_FALSE(is_drawn_for_audit("salt", task, 0));
  }
  CHECK(drawn > 400);
  CHECK(drawn < 600);
  CHECK(alike < 9'400);
}

}  // namespace tally::aggregation
