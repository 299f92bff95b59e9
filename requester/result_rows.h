#pragma once

#include <string>
#include <vector>

#include "schemas/messages/requester.h"
#include "schemas/project_spec.h"

// Results as rows of a file. Names of columns that are Tally's own begin with _, which no column of an items file does,
// and those of a field have a dot, which no name of a field has: no two columns ever share a name.
namespace tally::requester {

enum class RowsOf { tasks, answers };

// `has_gold`: tasks have columns for what was posted as known. Where answers are weighed by skill they always have.
[[nodiscard]] std::vector<std::string> result_header(const ProjectSpec& spec, RowsOf rows, bool has_gold = false);
// The rows of one task: one, or one for each of its answers. REQUIRES an item with a value per column.
[[nodiscard]] std::vector<std::vector<std::string>> result_cells(const ProjectSpec& spec, const ResultRow& task,
                                                                 RowsOf rows, bool has_gold = false);
// The same as JSON, an object a line.
[[nodiscard]] std::vector<std::string> result_lines(const ProjectSpec& spec, const ResultRow& task, RowsOf rows);

// What a broker got wrong that the functions above rely on; empty when nothing.
[[nodiscard]] std::string objection_to(const ProjectSpec& spec, const ResultRow& task);

}  // namespace tally::requester
