#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/reliability/claim_figures.h"
#include "common/reliability/judged.h"
#include "common/reliability/proof.h"
#include "common/reliability/reach.h"

// How reliable the verdicts on a field are.
namespace tally::reliability {

// What is counted of them, task by task.
struct FieldCounts {
  std::int64_t values = 0;     // Verdicts with a value.
  std::int64_t settled = 0;    // Of them.
  std::int64_t gold = 0;       // Tasks whose truth is known.
  std::int64_t gold_open = 0;  // Of them: open.
  Proof proof;
  ClaimCounts claims;

  // `truth`: the label that is known to be true, or unknown.
  void add(const Judged& judged, std::int32_t truth, bool is_open);
};

struct FieldReliability {
  std::string name;
  std::string type;
  std::int64_t values = 0;
  std::int64_t settled = 0;
  std::int64_t gold = 0;
  Proof proof;
  std::optional<ClaimFigures> claims;  // Nothing: no verdict was weighed by skill.
  std::optional<Reach> reach;          // Nothing: no confidence was asked for, or the field is no choice.
};

[[nodiscard]] FieldReliability reliability_of(const FieldSpec& field, const FieldCounts& counts, const Asked& asked);

}  // namespace tally::reliability
