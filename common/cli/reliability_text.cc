#include "common/cli/reliability_text.h"

#include "common/cli/bars.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::cli {
namespace {

using reliability::ClaimBin;
using reliability::ClaimFigures;
using reliability::Coverage;
using reliability::FieldReliability;
using reliability::ProjectCounts;
using reliability::ProjectTerms;
using reliability::Proof;
using reliability::Reach;

constexpr std::size_t bar_columns = 24;

// "settled" and the like, as headings name them.
std::string words_of(TaskState state) {
  return state == TaskState::best_guess ? "best guess" : std::string(name_of(state));
}

std::string coverage_table(const Coverage& coverage) {
  Table table({{"tasks"}, {"count", Align::right}, {"share", Align::right}, {""}});
  for (const TaskState state : {TaskState::settled, TaskState::best_guess, TaskState::undecided, TaskState::open}) {
    const std::int64_t count = coverage.count(state);
    table.row({words_of(state), grouped(count), percent_of(count, coverage.tasks),
               bar(share_of(count, coverage.tasks), bar_columns)});
  }
  return table.to_text();
}

std::string proof_text(const FieldReliability& field) {
  const Proof& proof = field.proof;
  if (proof.of == 0) {
    return field.gold == 0
               ? "not proven by gold: no task of this project has a known answer here"
               : "not proven by gold: none of the " + counted(field.gold, "gold task") + " has a verdict yet";
  }
  return counted(proof.of, "gold task") + ": " + right_of(proof) + " right, so the accuracy is " +
         share_with_interval(proof.right, proof.of, proof.interval()) + ", 95% sure";
}

std::string claims_table(const ClaimFigures& claims) {
  Table table({{"claim"}, {"tasks", Align::right}, {"mean claim", Align::right}, {"gold right", Align::right}, {""}});
  for (std::size_t i = 0; i < claims.bins.size(); ++i) {
    const ClaimBin& bin = claims.bins[i];
    if (bin.tasks == 0 && i == 0) continue;  // Hardly any verdict is less sure than a half.
    const std::string to = i + 1 < claims.bins.size() ? ppm_text(claims.bins[i + 1].from_ppm) : "1";
    table.row({ppm_text(bin.from_ppm) + " to " + to, grouped(bin.tasks),
               bin.tasks == 0 ? "" : decimal(bin.mean_claim(), 3), bin.proof.of == 0 ? "" : right_of(bin.proof),
               bar(share_of(bin.tasks, claims.tasks), bar_columns)});
  }
  return table.to_text();
}

std::string expected_text(const FieldReliability& field) {
  const aggregation::ExpectedAccuracy& expected = field.claims->expected;
  return ppm_percent(expected.ppm) + " of these verdicts are right (" + ppm_percent(expected.low_ppm) + " to " +
         ppm_percent(expected.high_ppm) + ", 90% sure)" +
         (field.proof.of == 0 ? ", by what other projects have shown" : ", by the gold and other projects");
}

std::string asked_text(const Reach& reach) {
  const std::string asked = "a confidence of " + ppm_text(reach.asked_ppm);
  if (reach.is_reached()) {
    return asked + " can be claimed: the surest verdicts claim up to " + claim_text(reach.highest_ppm);
  }
  return asked + " cannot be claimed by the gold alone: the surest verdict claims " + claim_text(reach.highest_ppm);
}

std::string help_text(const ProjectTerms& terms, const Reach& reach) {
  if (!reach.gold_needed) return "no number of gold tasks in reach would do; ask for less";
  std::string text = counted(*reach.gold_needed, "more gold task") + ", all of them right";
  if (reach.gold_open > 0) text += " (" + grouped(reach.gold_open) + " are posted and still open)";
  if (reach.cost) {
    text += ": about " + money(*reach.cost, terms.currency) + " for " + counted(reach.answers_each, "answer") +
            " each at " + money(terms.price, terms.currency);
  }
  return text;
}

std::string answers_text(const Coverage& coverage) {
  std::string text = grouped(coverage.answers) + ", " + decimal(coverage.answers_a_task(), 2) + " a task";
  if (coverage.workers) text += ", of " + counted(*coverage.workers, "worker");
  return text;
}

// Their answers are paid like others, but for those that disagree.
std::string audits_text(const ProjectTerms& terms, const Coverage& coverage) {
  const auto cost = times(terms.price, coverage.answers_beyond);
  return counted(coverage.audited, "task") + " that could settle went on for the audit (" +
         ppm_text(terms.redundancy.audit_ppm) + " of them, by lot), to " +
         counted(coverage.answers_beyond, "more answer") +
         (cost ? ": at most " + money(*cost, terms.currency) + " when all are paid" : "");
}

std::string field_text(const ProjectTerms& terms, const FieldReliability& field) {
  NamedLines lines{{"verdicts", verdicts_text(field)}};
  if (!field.claims && field.values > 0) lines.emplace_back("claims", "none: a share of votes is no probability");
  for (auto& line : reliability_lines(terms, field)) lines.push_back(std::move(line));
  return field_heading(field) + lines_of(lines) + claims_text(field);
}

std::string summary_coverage(const Coverage& coverage) {
  const std::int64_t settled = coverage.count(TaskState::settled);
  const std::int64_t guessed = coverage.count(TaskState::best_guess);
  return grouped(settled) + " of " + counted(coverage.tasks, "task") + " (" + percent_of(settled, coverage.tasks) +
         "); " + grouped(guessed) + (guessed == 1 ? " best guess, " : " best guesses, ") +
         grouped(coverage.count(TaskState::undecided)) + " undecided, " + grouped(coverage.count(TaskState::open)) +
         " open";
}

}  // namespace

std::string right_of(const Proof& proof) { return grouped(proof.right) + " of " + grouped(proof.of); }

std::string share_with_interval(std::int64_t part, std::int64_t whole, const aggregation::metrics::Interval& interval) {
  if (whole == 0) return {};
  return percent_of(part, whole) + " (" + percent(interval.low) + " to " + percent(interval.high) + ")";
}

std::string coverage_text(const ProjectTerms& terms, const Coverage& coverage) {
  std::string text = "Project " + std::to_string(terms.id.value) + ": " + safe_for_terminal(terms.title, false);
  text += "\n\n" + coverage_table(coverage) + "\n";
  NamedLines lines{{"answers", answers_text(coverage)},
                   {"cost", money(coverage.cost, terms.currency) + " paid so far, fees included"}};
  if (terms.redundancy.audit_ppm > 0) {
    lines.emplace_back("audits", audits_text(terms, coverage));
  }
  if (coverage.left_out > 0) {
    lines.emplace_back("left out",
                       counted(coverage.left_out, "answer") + " whose content was erased or cannot be read");
  }
  return text + lines_of(lines);
}

NamedLines reliability_lines(const ProjectTerms& terms, const FieldReliability& field) {
  NamedLines lines{{"proof", proof_text(field)}};
  if (field.claims) {
    lines.emplace_back("expected", expected_text(field));
    if (field.claims->calibration_error) {
      lines.emplace_back("calibration",
                         "claims are off by " + decimal(*field.claims->calibration_error, 3) + " over the gold");
    }
  }
  if (field.reach) {
    lines.emplace_back("asked for", asked_text(*field.reach));
    if (!field.reach->is_reached()) lines.emplace_back("would help", help_text(terms, *field.reach));
  }
  return lines;
}

std::string field_heading(const FieldReliability& field) {
  return "\nField " + safe_for_terminal(field.name, false) + " (" + safe_for_terminal(field.type, false) + ")\n";
}

std::string verdicts_text(const FieldReliability& field) {
  return grouped(field.values) + ", " + grouped(field.settled) + " of them settled";
}

std::string claims_text(const FieldReliability& field) {
  if (!field.claims) return {};
  return "\nHow sure (" + counted(field.claims->tasks, "verdict") + " weighed by skill)\n" +
         claims_table(*field.claims);
}

std::string reliability_text(const ProjectTerms& terms, const ProjectCounts& counts) {
  std::string text = coverage_text(terms, counts.coverage());
  for (const FieldReliability& field : counts.fields(terms)) text += field_text(terms, field);
  return text;
}

std::string reliability_summary(const ProjectTerms& terms, const ProjectCounts& counts) {
  NamedLines lines{{"settled", summary_coverage(counts.coverage())}};
  for (const FieldReliability& field : counts.fields(terms)) {
    const std::string name = safe_for_terminal(field.name, false);
    if (field.claims) lines.emplace_back(name + ": expected", expected_text(field));
    if (field.claims || field.gold > 0) lines.emplace_back(name + ": proof", proof_text(field));
  }
  if (lines.size() == 1) lines.emplace_back("proof", proof_text({}));
  const std::string number = std::to_string(terms.id.value);
  return "Project " + number + "; more by `tally-requester quality " + number + "`\n" + lines_of(lines);
}

}  // namespace tally::cli
