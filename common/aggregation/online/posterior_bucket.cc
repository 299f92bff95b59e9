#include "common/aggregation/online/posterior_bucket.h"

#include "common/aggregation/online/claims.h"
#include "common/aggregation/online/fixed_point.h"
#include "common/base/assert.h"

namespace tally::aggregation {

std::int32_t bucket_of_posterior(std::int64_t posterior_ppm) {
  TALLY_ASSERT(posterior_ppm >= 0 && posterior_ppm <= 1'000'000);
  if (posterior_ppm == 0) return 0;
  const auto believed = static_cast<std::uint64_t>(posterior_ppm);
  LabelJudgement judgement;
  judgement.posterior_ppm = posterior_ppm;
  judgement.log_odds =
      believed == 1'000'000 ? 31 * fixed::doubling : fixed::log2_of(believed) - fixed::log2_of(1'000'000 - believed);
  return claim_bucket(judgement);
}

}  // namespace tally::aggregation
