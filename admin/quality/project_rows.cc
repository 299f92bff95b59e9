#include "admin/quality/project_rows.h"

#include "common/base/decimal.h"

namespace tally::admin::quality {
namespace {

using cli::Cell;

Cell cell_of(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }
double share(std::int64_t ppm) { return static_cast<double>(ppm) / 1e6; }

void add_claims(FigureWriter::Figures& figures, const ClaimFigures& claims) {
  figures.insert(figures.end(), {{"claimed", claims.tasks},
                                 {"expected_accuracy", share(claims.expected.ppm)},
                                 {"expected_accuracy_low", share(claims.expected.low_ppm)},
                                 {"expected_accuracy_high", share(claims.expected.high_ppm)},
                                 {"calibration_error", cell_of(claims.calibration_error)}});
}

void add_reach(FigureWriter::Figures& figures, const Reach& reach) {
  figures.insert(figures.end(), {{"confidence_asked", share(reach.asked_ppm)},
                                 {"confidence_highest", share(reach.highest_ppm)},
                                 {"gold_open", reach.gold_open},
                                 {"gold_needed", reach.is_reached()  ? Cell(std::int64_t{0})
                                                 : reach.gold_needed ? Cell(*reach.gold_needed)
                                                                     : Cell()},
                                 {"gold_needed_cost", reach.cost ? Cell(to_text(*reach.cost)) : Cell()}});
}

void write_bins(FigureWriter& out, const std::string& field, const ClaimFigures& claims) {
  for (const ClaimBin& bin : claims.bins) {
    out.write("claims_from_" + decimal_text(bin.from_ppm), field,
              {{"from", share(bin.from_ppm)},
               {"tasks", bin.tasks},
               {"mean_claim", bin.tasks == 0 ? Cell() : Cell(bin.mean_claim())},
               {"gold", bin.proof.of},
               {"gold_right", bin.proof.right}});
  }
}

}  // namespace

void write_coverage(FigureWriter& out, const ProjectTerms& terms, const Coverage& coverage) {
  out.write("project", {},
            {{"project", terms.id.value},
             {"tasks", coverage.tasks},
             {"settled", coverage.count(TaskState::settled)},
             {"best_guesses", coverage.count(TaskState::best_guess)},
             {"undecided", coverage.count(TaskState::undecided)},
             {"open", coverage.count(TaskState::open)},
             {"answers", coverage.answers},
             {"answers_a_task", coverage.answers_a_task()},
             {"answers_left_out", coverage.left_out},
             {"workers", coverage.workers},
             {"cost", to_text(coverage.cost)}});
}

void write_field(FigureWriter& out, const FieldFigures& figures) {
  const auto interval = figures.proof.interval();
  FigureWriter::Figures all{{"type", figures.type},
                            {"verdicts", figures.values},
                            {"settled", figures.settled},
                            {"values_given", figures.distinct},
                            {"observed_agreement", cell_of(figures.agreement)},
                            {"mean_entropy_bits", cell_of(figures.entropy_bits)},
                            {"krippendorff_alpha", cell_of(figures.alpha)},
                            {"gold", figures.gold},
                            {"gold_judged", figures.proof.of},
                            {"gold_right", figures.proof.right},
                            {"accuracy_low", figures.proof.of == 0 ? Cell() : Cell(interval.low)},
                            {"accuracy_high", figures.proof.of == 0 ? Cell() : Cell(interval.high)}};
  if (figures.claims) add_claims(all, *figures.claims);
  if (figures.reach) add_reach(all, *figures.reach);
  if (figures.refit) {
    all.emplace_back("refit_method", std::string(figures.refit->method));
    all.emplace_back("refit_compared", figures.refit->compared);
    all.emplace_back("refit_differs", figures.refit->differs);
  }
  out.write("field", figures.name, all);
  if (figures.claims) write_bins(out, figures.name, *figures.claims);
}

void write_haste(FigureWriter& out, const Haste& haste) {
  out.write("pace", {}, {{"seconds", cell_of(haste.seconds)}, {"too_fast", std::ssize(haste.too_fast)}});
  for (const TooFast& each : haste.too_fast) {
    out.write("too_fast", {}, {{"worker", each.account.value}, {"reason", each.reason.for_admin}});
  }
}

}  // namespace tally::admin::quality
