#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/quality/collected.h"
#include "common/reliability/proof.h"

// What another redundancy policy would have made of a project's stored answers.
namespace tally::admin::quality {

// Of one policy: the project's own as it went, or another as it is played again.
struct PolicyOutcome {
  std::int64_t answers = 0;
  Micros cost;  // Rewards and fees.
  std::int64_t settled = 0;
};

struct FieldOutcome {
  std::int64_t values = 0;  // Verdicts with a value.
  reliability::Proof proof;
  std::int64_t claimed = 0;     // Of the verdicts: weighed by skill.
  std::int64_t claims_ppm = 0;  // Added up.

  [[nodiscard]] std::optional<double> mean_claim() const;
};

struct FieldComparison {
  std::string name;
  FieldOutcome now;
  FieldOutcome then;
  std::int64_t compared = 0;  // Tasks with a value under both.
  std::int64_t differs = 0;
};

struct PolicyFigures {
  Redundancy now;
  Redundancy then;
  std::int64_t tasks = 0;
  std::int64_t open_now = 0;
  PolicyOutcome as_it_went;
  PolicyOutcome replayed;
  std::int64_t futile = 0;          // Tasks of the replay that were given up as not worth another answer.
  std::int64_t out_of_answers = 0;  // Tasks of the replay that wanted more answers than are stored.
  std::vector<FieldComparison> fields;
};

// Each part's tasks are played again with its answers in the order in which they came. `price`: of an answer, with its
// fee. REQUIRES a redundancy that the project could have.
[[nodiscard]] PolicyFigures what_if(const Collected& collected, const Redundancy& then, Micros price);

}  // namespace tally::admin::quality
