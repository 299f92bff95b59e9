#pragma once

#include <cstdint>

#include "common/aggregation/metrics/metrics.h"

// What gold proves.
namespace tally::reliability {

// Verdicts on tasks whose truth is known, best guesses among them; those without a value are not counted.
struct Proof {
  std::int64_t right = 0;
  std::int64_t of = 0;

  void add(bool is_right) {
    ++of;
    right += is_right ? 1 : 0;
  }
  // 95 of a hundred such intervals hold the true share.
  [[nodiscard]] aggregation::metrics::Interval interval() const {
    return aggregation::metrics::wilson_interval(right, of);
  }
};

}  // namespace tally::reliability
