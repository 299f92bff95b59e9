#pragma once

#include <cstdint>

#include "admin/quality/collected.h"
#include "common/aggregation/metrics/metrics.h"

// What gold proves.
namespace tally::admin::quality {

// Verdicts on tasks whose truth is known.
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

// Of the field's verdicts, best guesses among them; gold tasks without a value are not counted.
[[nodiscard]] Proof proof_of(const FieldAnswers& field);

}  // namespace tally::admin::quality
