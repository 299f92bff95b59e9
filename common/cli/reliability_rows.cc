#include "common/cli/reliability_rows.h"

#include "common/base/decimal.h"

namespace tally::cli {
namespace {

using reliability::ClaimBin;
using reliability::ClaimFigures;
using reliability::Coverage;
using reliability::FieldReliability;
using reliability::ProjectCounts;
using reliability::ProjectTerms;
using reliability::Reach;

double share(std::int64_t ppm) { return static_cast<double>(ppm) / 1e6; }

void append(FigureWriter::Figures& to, const FigureWriter::Figures& more) {
  to.insert(to.end(), more.begin(), more.end());
}

FigureWriter::Figures figures_of(const ClaimFigures& claims) {
  return {{"claimed", claims.tasks},
          {"expected_accuracy", share(claims.expected.ppm)},
          {"expected_accuracy_low", share(claims.expected.low_ppm)},
          {"expected_accuracy_high", share(claims.expected.high_ppm)},
          {"calibration_error", cell_of(claims.calibration_error)}};
}

Cell needed_cell(const Reach& reach) {
  if (reach.is_reached()) return std::int64_t{0};
  if (!reach.gold_needed) return {};
  return *reach.gold_needed;
}

FigureWriter::Figures figures_of(const Reach& reach) {
  return {{"confidence_asked", share(reach.asked_ppm)},
          {"confidence_highest", share(reach.highest_ppm)},
          {"gold_open", reach.gold_open},
          {"gold_needed", needed_cell(reach)},
          {"gold_needed_cost", cell_if(reach.cost.has_value(), to_text(reach.cost.value_or(Micros{})))}};
}

}  // namespace

void write_coverage(FigureWriter& out, const ProjectTerms& terms, const Coverage& coverage) {
  FigureWriter::Figures figures{{"project", terms.id.value},
                                {"tasks", coverage.tasks},
                                {"settled", coverage.count(TaskState::settled)},
                                {"best_guesses", coverage.count(TaskState::best_guess)},
                                {"undecided", coverage.count(TaskState::undecided)},
                                {"open", coverage.count(TaskState::open)},
                                {"answers", coverage.answers},
                                {"answers_a_task", coverage.answers_a_task()}};
  if (coverage.workers) {
    figures.emplace_back("answers_left_out", coverage.left_out);
    figures.emplace_back("workers", *coverage.workers);
  }
  figures.emplace_back("cost", to_text(coverage.cost));
  figures.emplace_back("audit_share", share(terms.redundancy.audit_ppm));
  figures.emplace_back("audited", coverage.audited);
  figures.emplace_back("answers_beyond", coverage.answers_beyond);
  out.write("project", {}, figures);
}

FigureWriter::Figures verdict_figures(const FieldReliability& field) {
  return {{"type", field.type}, {"verdicts", field.values}, {"settled", field.settled}};
}

FigureWriter::Figures reliability_figures(const FieldReliability& field) {
  const auto interval = field.proof.interval();
  FigureWriter::Figures figures{{"gold", field.gold},
                                {"gold_judged", field.proof.of},
                                {"gold_right", field.proof.right},
                                {"accuracy_low", cell_if(field.proof.of > 0, interval.low)},
                                {"accuracy_high", cell_if(field.proof.of > 0, interval.high)}};
  if (field.claims) append(figures, figures_of(*field.claims));
  if (field.reach) append(figures, figures_of(*field.reach));
  return figures;
}

void write_bins(FigureWriter& out, const FieldReliability& field) {
  if (!field.claims) return;
  for (const ClaimBin& bin : field.claims->bins) {
    out.write("claims_from_" + decimal_text(bin.from_ppm), field.name,
              {{"from", share(bin.from_ppm)},
               {"tasks", bin.tasks},
               {"mean_claim", cell_if(bin.tasks > 0, bin.mean_claim())},
               {"gold", bin.proof.of},
               {"gold_right", bin.proof.right}});
  }
}

void write_reliability(FigureWriter& out, const ProjectTerms& terms, const ProjectCounts& counts) {
  write_coverage(out, terms, counts.coverage());
  for (const FieldReliability& field : counts.fields(terms)) {
    FigureWriter::Figures figures = verdict_figures(field);
    append(figures, reliability_figures(field));
    out.write("field", field.name, figures);
    write_bins(out, field);
  }
}

}  // namespace tally::cli
