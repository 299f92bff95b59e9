#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "schemas/field.h"

namespace tally {

// What a judgement of one field of one task is made from, and all it is made from, where answers are weighed by what is
// known of who gave them (common/aggregation/online). Logarithms to the base two, 65536 a doubling.
struct LabelEvidence {
  std::vector<std::int32_t> before;  // By label: what is believed of a task before its answers.
  std::vector<std::int32_t> said;    // [ballot][label]: how probable the answer is if that label is true.

  static constexpr auto fields() {
    return std::tuple{Field{"before", &LabelEvidence::before}, Field{"said", &LabelEvidence::said}};
  }
  friend bool operator==(const LabelEvidence&, const LabelEvidence&) = default;
};

}  // namespace tally
