#pragma once

#include <cstdint>
#include <optional>

#include "admin/quality/collected.h"
#include "admin/quality/refit.h"
#include "common/reliability/project_reliability.h"

// How good a project's results are: how reliable, and what the answers themselves tell beside.
namespace tally::admin::quality {

using reliability::Coverage;
using reliability::ProjectTerms;

struct FieldFigures {
  reliability::FieldReliability reliability;
  std::int64_t distinct = 0;  // Values that were given.
  // See common/aggregation/metrics. Alpha is that for numbers where the field is one.
  std::optional<double> agreement;
  std::optional<double> entropy_bits;
  std::optional<double> alpha;
  std::optional<Refit> refit;
};

[[nodiscard]] Coverage coverage_of(const Collected& collected);
[[nodiscard]] reliability::FieldCounts counts_of(const Collected& collected, const FieldAnswers& field);
[[nodiscard]] FieldFigures field_figures(const Collected& collected, const FieldAnswers& field,
                                         const reliability::Asked& asked);

}  // namespace tally::admin::quality
