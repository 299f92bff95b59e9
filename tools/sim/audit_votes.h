#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/project_spec.h"

// The vote, worked out a second time, without the aggregation methods that the broker uses.
namespace tally::sim {

// What one field comes to with these ballots, each of weight one; nothing: it is not settled. `redundancy`: of the
// task.
[[nodiscard]] std::optional<std::string> settled_value(const FieldSpec& field, const Redundancy& redundancy,
                                                       const std::vector<std::string>& ballots);
[[nodiscard]] bool agrees(const FieldSpec& field, const std::string& ballot, const std::string& value);

}  // namespace tally::sim
