#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "schemas/project_spec.h"

// The template: how an item is shown. Text in which ${column} stands for the item's value and $$ for a dollar sign; any
// other $ is a mistake. An empty template shows every column on a line of its own. A value is never looked into: a
// ${column} in it stays as it is.
namespace tally::project {

// The error says which place is wrong, by line of the template.
[[nodiscard]] Result<Done, std::string> check_template(std::string_view text, std::span<const ColumnSpec> columns);

// The first column that the template shows and that is not among these, where that is its first mistake.
[[nodiscard]] std::optional<std::string> missing_column(std::string_view text, std::span<const ColumnSpec> columns);

// For a terminal: a value of kind image or link is shown as "[image] https://…". The result holds what requesters
// wrote: make it safe before it is shown. REQUIRES a template that check_template accepts, and one value per column.
[[nodiscard]] std::string render_template(std::string_view text, std::span<const ColumnSpec> columns,
                                          std::span<const std::string> values);

}  // namespace tally::project
