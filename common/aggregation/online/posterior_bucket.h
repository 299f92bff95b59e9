#pragma once

#include <cstdint>

namespace tally::aggregation {

// The claim_bucket() of a judgement of which only the posterior is known, in parts of a million: exact but where it
// lies so near an edge that these do not tell. From 0 to 1,000,000; nothing believed (0) is bucket 0.
[[nodiscard]] std::int32_t bucket_of_posterior(std::int64_t posterior_ppm);

}  // namespace tally::aggregation
