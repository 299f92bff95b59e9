#pragma once

#include "admin/quality/figure_rows.h"
#include "admin/quality/pace.h"
#include "admin/quality/project_figures.h"

// The figures of a project for programs.
namespace tally::admin::quality {

void write_coverage(FigureWriter& out, const ProjectTerms& terms, const Coverage& coverage);
void write_field(FigureWriter& out, const FieldFigures& figures);
// How long answers took, then whoever was too fast.
void write_haste(FigureWriter& out, const Haste& haste);

}  // namespace tally::admin::quality
