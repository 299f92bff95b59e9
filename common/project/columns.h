#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// The columns of a project: those of its items file, each with a kind.
namespace tally::project {

inline constexpr std::size_t columns_max = 200;
inline constexpr std::size_t column_name_bytes_max = 100;

// What is wrong with a column's name; empty when nothing is. A name is one line of UTF-8 text, can stand in ${name}
// (so no $, { or }), has no space at its ends, and does not begin with _: these are Tally's own.
[[nodiscard]] std::string objection_to_column_name(std::string_view name);

// Puts the columns of the items file into the spec, in the file's order: of the kind that the project file gives, or
// text. The error is the name of a column that the project file gives a kind and the items file does not have.
[[nodiscard]] Result<Done, std::string> fit_columns(ProjectSpec& spec, const std::vector<std::string>& header);

}  // namespace tally::project
