#include "admin/quality/project_rows.h"

#include "common/cli/reliability_rows.h"

namespace tally::admin::quality {

void write_field(cli::FigureWriter& out, const FieldFigures& figures) {
  cli::FigureWriter::Figures all = cli::verdict_figures(figures.reliability);
  all.insert(all.end(), {{"values_given", figures.distinct},
                         {"observed_agreement", cli::cell_of(figures.agreement)},
                         {"mean_entropy_bits", cli::cell_of(figures.entropy_bits)},
                         {"krippendorff_alpha", cli::cell_of(figures.alpha)}});
  const auto more = cli::reliability_figures(figures.reliability);
  all.insert(all.end(), more.begin(), more.end());
  if (figures.refit) {
    all.emplace_back("refit_method", std::string(figures.refit->method));
    all.emplace_back("refit_compared", figures.refit->compared);
    all.emplace_back("refit_differs", figures.refit->differs);
  }
  out.write("field", figures.reliability.name, all);
  cli::write_bins(out, figures.reliability);
}

void write_haste(cli::FigureWriter& out, const Haste& haste) {
  out.write("pace", {}, {{"seconds", cli::cell_of(haste.seconds)}, {"too_fast", std::ssize(haste.too_fast)}});
  for (const TooFast& each : haste.too_fast) {
    out.write("too_fast", {}, {{"worker", each.account.value}, {"reason", each.reason.for_admin}});
  }
}

}  // namespace tally::admin::quality
