#pragma once

#include "common/cli/figure_rows.h"
#include "common/reliability/project_reliability.h"

// How reliable a project's results are, for programs.
namespace tally::cli {

void write_coverage(FigureWriter& out, const reliability::ProjectTerms& terms, const reliability::Coverage& coverage);

// What a field's figures begin with, and what follows what else is known of it.
[[nodiscard]] FigureWriter::Figures verdict_figures(const reliability::FieldReliability& field);
[[nodiscard]] FigureWriter::Figures reliability_figures(const reliability::FieldReliability& field);
// One row, or object, for each bin of claims.
void write_bins(FigureWriter& out, const reliability::FieldReliability& field);

// All of it, for a project whose answers were not read.
void write_reliability(FigureWriter& out, const reliability::ProjectTerms& terms,
                       const reliability::ProjectCounts& counts);

}  // namespace tally::cli
