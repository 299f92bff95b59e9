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

// How verdicts of known outcome turned out that were as sure as this: by half doublings of their log-odds
// (common/aggregation/online/claims.h).
struct OutcomeCount {
  std::int32_t bucket = 0;
  std::int32_t right = 0;
  std::int32_t wrong = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"bucket", &OutcomeCount::bucket}, Field{"right", &OutcomeCount::right},
                      Field{"wrong", &OutcomeCount::wrong}};
  }
  friend bool operator==(const OutcomeCount&, const OutcomeCount&) = default;
};
using Outcomes = std::vector<OutcomeCount>;  // By bucket; what never came is left out.

// What a claim is made from, beside the judgement itself.
struct ClaimBasis {
  std::int32_t version = 0;  // Of the table of claims (claims.h); 0: none was made.
  Outcomes gold;             // Tasks whose truth is known.
  Outcomes audited;          // Tasks that went on to collect answers: right is, that they say the same as before.

  static constexpr auto fields() {
    return std::tuple{Field{"version", &ClaimBasis::version}, Field{"gold", &ClaimBasis::gold},
                      Field{"audited", &ClaimBasis::audited}};
  }
  friend bool operator==(const ClaimBasis&, const ClaimBasis&) = default;
};

}  // namespace tally
