#pragma once

#include <cstddef>
#include <set>

#include "schemas/project_spec.h"
#include "tools/stack/recorded_set.h"

namespace tally::stack {

// The share of tasks that could be settled at best: all answers are bought, tasks are taken by how sure the default
// method is of them, the surest first, and the truth tells how far that goes before fewer than `confidence` of them are
// right. Of tasks with truth that are not in `left_out`. The field is a choice.
[[nodiscard]] double best_coverage(const RecordedSet& set, const FieldSpec& field, double confidence,
                                   const std::set<std::size_t>& left_out);

}  // namespace tally::stack
