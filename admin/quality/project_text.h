#pragma once

#include <string>

#include "admin/quality/pace.h"
#include "admin/quality/project_figures.h"

// The figures of a project as people read them. Safe for the terminal.
namespace tally::admin::quality {

[[nodiscard]] std::string field_text(const ProjectTerms& terms, const FieldFigures& figures);
[[nodiscard]] std::string haste_text(const Haste& haste);

}  // namespace tally::admin::quality
