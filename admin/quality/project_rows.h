#pragma once

#include "admin/quality/pace.h"
#include "admin/quality/project_figures.h"
#include "common/cli/figure_rows.h"

// The figures of a project for programs.
namespace tally::admin::quality {

void write_field(cli::FigureWriter& out, const FieldFigures& figures);
// How long answers took, then whoever was too fast.
void write_haste(cli::FigureWriter& out, const Haste& haste);

}  // namespace tally::admin::quality
