#pragma once

#include "admin/quality/figure_rows.h"
#include "admin/quality/project_figures.h"

// The figures of a project for programs.
namespace tally::admin::quality {

void write_coverage(FigureWriter& out, const ProjectTerms& terms, const Coverage& coverage);
void write_field(FigureWriter& out, const FieldFigures& figures);

}  // namespace tally::admin::quality
