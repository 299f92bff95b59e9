#include "common/reliability/claim_figures.h"

#include <catch2/catch.hpp>

namespace tally::reliability {

TEST_CASE("an exact calibration error: two bins, a tenth off each") {
  ClaimCounts counts;
  const auto add = [&](std::int64_t claim_ppm, std::int64_t count, std::int64_t right) {
    for (std::int64_t i = 0; i < count; ++i) counts.add({i < right ? 0 : 1, true, true, claim_ppm, 900'000}, 0);
  };
  add(800'000, 10, 9);
  add(900'000, 10, 8);
  const auto claims = claim_figures(counts);
  REQUIRE(claims);
  CHECK(*claims->calibration_error == Approx(0.1));
}

TEST_CASE("a verdict by votes claims nothing, whatever share agrees") {
  ClaimCounts counts;
  counts.add({0, true, false, 1'000'000, 0}, 0);
  CHECK_FALSE(claim_figures(counts));
  CHECK(counts.basis().gold.empty());
}

TEST_CASE("a tie of labels on a gold task is an outcome, and wrong, but no claim") {
  ClaimCounts counts;
  counts.add({unknown, false, true, 0, 500'000}, 1);
  CHECK(counts.tasks() == 0);
  REQUIRE(counts.basis().gold.size() == 1);
  CHECK(counts.basis().gold[0].wrong == 1);
}

TEST_CASE("without gold there is no calibration error, but an expectation with its interval") {
  ClaimCounts counts;
  for (int i = 0; i < 20; ++i) counts.add({0, true, true, 850'000, 990'000}, unknown);
  const auto claims = claim_figures(counts);
  REQUIRE(claims);
  CHECK_FALSE(claims->calibration_error);
  CHECK(claims->expected.low_ppm < claims->expected.ppm);
  CHECK(claims->expected.ppm < claims->expected.high_ppm);
}

}  // namespace tally::reliability
