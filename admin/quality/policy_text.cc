#include "admin/quality/policy_text.h"

#include "admin/quality/redundancy_text.h"
#include "admin/quality/words.h"
#include "common/cli/figures.h"
#include "common/cli/table.h"

namespace tally::admin::quality {
namespace {

using cli::Cell;
using cli::cell_of;
using cli::FigureWriter;
using reliability::Proof;

std::string count_and_share(std::int64_t part, std::int64_t whole) {
  return cli::grouped(part) + " (" + cli::percent_of(part, whole) + ")";
}

std::string proof_text(const Proof& proof) {
  return proof.of == 0 ? "" : right_of(proof) + ", " + share_with_interval(proof.right, proof.of, proof.interval());
}

std::string comparison_table(const PolicyFigures& figures, const std::string& currency) {
  cli::Table table({{""}, {"as it went", cli::Align::right}, {"what if", cli::Align::right}});
  const PolicyOutcome& now = figures.as_it_went;
  const PolicyOutcome& then = figures.replayed;
  table.row({"answers", cli::grouped(now.answers), cli::grouped(then.answers)});
  table.row({"answers a task", cli::decimal(share_of(now.answers, figures.tasks), 2),
             cli::decimal(share_of(then.answers, figures.tasks), 2)});
  table.row({"cost", cli::money(now.cost, currency), cli::money(then.cost, currency)});
  table.row({"settled", count_and_share(now.settled, figures.tasks), count_and_share(then.settled, figures.tasks)});
  for (const FieldComparison& field : figures.fields) {
    table.row({field.name + ": verdicts", cli::grouped(field.now.values), cli::grouped(field.then.values)});
    if (field.now.proof.of + field.then.proof.of > 0) {
      table.row({field.name + ": right on gold", proof_text(field.now.proof), proof_text(field.then.proof)});
    }
    if (field.now.claimed + field.then.claimed > 0) {
      table.row({field.name + ": mean claim", or_dash(field.now.mean_claim(), 3), or_dash(field.then.mean_claim(), 3)});
    }
  }
  return table.to_text();
}

std::string notes(const PolicyFigures& figures) {
  std::string text;
  for (const FieldComparison& field : figures.fields) {
    text += "On " + field.name + ", " + cli::grouped(field.differs) + " of " + counted(field.compared, "verdict") +
            " would be another than the one reached.\n";
  }
  if (figures.out_of_answers > 0) {
    text += "The stored answers ran out: of " + counted(figures.out_of_answers, "task") +
            " the policy wanted more than there are, so answers and cost are a lower bound.\n";
    if (figures.then.confidence_ppm > 0) {
      text += "Gold among these tasks has shown nothing, so claims are lower than they would be.\n";
    }
  }
  if (figures.futile > 0) {
    text += counted(figures.futile, "task") +
            " would be given up with a best guess: the confidence is out of reach, "
            "and one more answer not worth its price.\n";
  }
  if (figures.open_now > 0) text += counted(figures.open_now, "task") + " of the project are still open.\n";
  return text +
         "A verdict that was reached stands, and what was paid is paid: this changes nothing. Workers would have been "
         "given\nother tasks under another policy, so take it for a good guess.\n";
}

void write_outcome(FigureWriter& out, const std::string& about, const Redundancy& policy,
                   const PolicyOutcome& outcome) {
  out.write(about, {},
            {{"redundancy", to_words(policy)},
             {"answers", outcome.answers},
             {"cost", to_text(outcome.cost)},
             {"settled", outcome.settled}});
}

}  // namespace

std::string policy_text(const PolicyFigures& figures, const std::string& currency) {
  return "As it went: " + to_words(figures.now) + "\nWhat if:    " + to_words(figures.then) + "\n\n" +
         comparison_table(figures, currency) + "\n" + notes(figures);
}

void write_policy(FigureWriter& out, const PolicyFigures& figures) {
  out.write("project", {},
            {{"tasks", figures.tasks},
             {"open", figures.open_now},
             {"futile", figures.futile},
             {"out_of_answers", figures.out_of_answers},
             {"is_lower_bound", std::string(figures.out_of_answers > 0 ? "yes" : "no")}});
  write_outcome(out, "as_it_went", figures.now, figures.as_it_went);
  write_outcome(out, "what_if", figures.then, figures.replayed);
  for (const FieldComparison& field : figures.fields) {
    out.write("field", field.name,
              {{"compared", field.compared},
               {"differs", field.differs},
               {"verdicts_as_it_went", field.now.values},
               {"verdicts_what_if", field.then.values},
               {"gold_as_it_went", field.now.proof.of},
               {"gold_right_as_it_went", field.now.proof.right},
               {"gold_what_if", field.then.proof.of},
               {"gold_right_what_if", field.then.proof.right},
               {"mean_claim_as_it_went", cell_of(field.now.mean_claim())},
               {"mean_claim_what_if", cell_of(field.then.mean_claim())}});
  }
}

}  // namespace tally::admin::quality
