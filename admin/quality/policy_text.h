#pragma once

#include <string>

#include "admin/quality/policy_figures.h"
#include "common/cli/figure_rows.h"

namespace tally::admin::quality {

// Both policies side by side, and what is to be known of the comparison. Safe for the terminal.
[[nodiscard]] std::string policy_text(const PolicyFigures& figures, const std::string& currency);
// The same for programs.
void write_policy(cli::FigureWriter& out, const PolicyFigures& figures);

}  // namespace tally::admin::quality
