#include "admin/quality/project_text.h"

#include "admin/quality/words.h"
#include "common/cli/bars.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::admin::quality {
namespace {

constexpr std::size_t bar_columns = 24;

using Lines = std::vector<std::pair<std::string, std::string>>;

// "settled" and the like, as headings name them.
std::string words_of(TaskState state) {
  return state == TaskState::best_guess ? "best guess" : std::string(name_of(state));
}

std::string coverage_table(const Coverage& coverage) {
  cli::Table table({{"tasks"}, {"count", cli::Align::right}, {"share", cli::Align::right}, {""}});
  for (const TaskState state : {TaskState::settled, TaskState::best_guess, TaskState::undecided, TaskState::open}) {
    const std::int64_t count = coverage.count(state);
    table.row({words_of(state), cli::grouped(count), cli::percent_of(count, coverage.tasks),
               cli::bar(share_of(count, coverage.tasks), bar_columns)});
  }
  return table.to_text();
}

std::string proof_text(const FieldFigures& figures) {
  const Proof& proof = figures.proof;
  if (proof.of == 0) {
    return figures.gold == 0
               ? "not proven by gold: no task of this project has a known answer here"
               : "not proven by gold: none of the " + counted(figures.gold, "gold task") + " has a verdict yet";
  }
  return counted(proof.of, "gold task") + ": " + right_of(proof) + " right, so the accuracy is " +
         share_with_interval(proof.right, proof.of, proof.interval()) + ", 95% sure";
}

std::string claims_table(const ClaimFigures& claims) {
  cli::Table table({{"claim"},
                    {"tasks", cli::Align::right},
                    {"mean claim", cli::Align::right},
                    {"gold right", cli::Align::right},
                    {""}});
  for (std::size_t i = 0; i < claims.bins.size(); ++i) {
    const ClaimBin& bin = claims.bins[i];
    if (bin.tasks == 0 && i == 0) continue;  // Hardly any verdict is less sure than a half.
    const std::string to = i + 1 < claims.bins.size() ? ppm_text(claims.bins[i + 1].from_ppm) : "1";
    table.row({ppm_text(bin.from_ppm) + " to " + to, cli::grouped(bin.tasks),
               bin.tasks == 0 ? "" : cli::decimal(bin.mean_claim(), 3), bin.proof.of == 0 ? "" : right_of(bin.proof),
               cli::bar(share_of(bin.tasks, claims.tasks), bar_columns)});
  }
  return table.to_text();
}

std::string expected_text(const FieldFigures& figures) {
  const aggregation::ExpectedAccuracy& expected = figures.claims->expected;
  return ppm_percent(expected.ppm) + " of these verdicts are right (" + ppm_percent(expected.low_ppm) + " to " +
         ppm_percent(expected.high_ppm) + ", 90% sure)" +
         (figures.proof.of == 0 ? ", by what other projects have shown" : ", by the gold and other projects");
}

std::string asked_text(const Reach& reach) {
  const std::string asked = "a confidence of " + ppm_text(reach.asked_ppm);
  if (reach.is_reached()) {
    return asked + " can be claimed: the surest verdicts claim up to " + claim_text(reach.highest_ppm);
  }
  return asked + " cannot be claimed with what is known: the surest verdict claims " + claim_text(reach.highest_ppm);
}

std::string help_text(const ProjectTerms& terms, const Reach& reach) {
  if (!reach.gold_needed) return "no number of gold tasks in reach would do; ask for less";
  std::string text = counted(*reach.gold_needed, "more gold task") + ", all of them right";
  if (reach.gold_open > 0) text += " (" + cli::grouped(reach.gold_open) + " are posted and still open)";
  if (reach.cost) {
    text += ": at most " + cli::money(*reach.cost, terms.currency) + " for " + counted(reach.answers_each, "answer") +
            " each at " + cli::money(terms.price, terms.currency);
  }
  return text;
}

}  // namespace

std::string coverage_text(const ProjectTerms& terms, const std::string& title, const Coverage& coverage) {
  const std::string a_task = cli::decimal(coverage.answers_a_task(), 2) + " a task";
  std::string text = "Project " + std::to_string(terms.id.value) + ": " + cli::safe_for_terminal(title, false) + "\n\n";
  text += coverage_table(coverage) + "\n";
  Lines lines{
      {"answers", cli::grouped(coverage.answers) + ", " + a_task + ", of " + counted(coverage.workers, "worker")},
      {"cost", cli::money(coverage.cost, terms.currency) + " paid so far, fees included"}};
  if (coverage.left_out > 0) {
    lines.emplace_back("left out",
                       counted(coverage.left_out, "answer") + " whose content was erased or cannot be read");
  }
  return text + cli::lines_of(lines);
}

std::string field_text(const ProjectTerms& terms, const FieldFigures& figures) {
  std::string text = "\nField " + figures.name + " (" + figures.type + ")\n";
  Lines lines{{"verdicts", cli::grouped(figures.values) + ", " + cli::grouped(figures.settled) + " of them settled"},
              {"values given", counted(figures.distinct, "different one")},
              {"agreement", or_dash(figures.agreement, 3) + " of pairs of answers to a task are the same"},
              {"entropy", or_dash(figures.entropy_bits, 3) + " bits a task"},
              {"alpha", or_dash(figures.alpha, 3) + " (Krippendorff: 1 is full agreement, 0 what chance gives)"},
              {"proof", proof_text(figures)}};
  if (figures.claims) {
    lines.emplace_back("expected", expected_text(figures));
    if (figures.claims->calibration_error) {
      lines.emplace_back("calibration",
                         "claims are off by " + cli::decimal(*figures.claims->calibration_error, 3) + " over the gold");
    }
  }
  if (figures.reach) {
    lines.emplace_back("asked for", asked_text(*figures.reach));
    if (!figures.reach->is_reached()) lines.emplace_back("would help", help_text(terms, *figures.reach));
  }
  if (figures.refit) {
    lines.emplace_back("refit", "all answers at once (" + std::string(figures.refit->method) +
                                    ") would say otherwise for " + cli::grouped(figures.refit->differs) + " of " +
                                    counted(figures.refit->compared, "task") + "; reported, not changed");
  }
  text += cli::lines_of(lines);
  if (figures.claims)
    text += "\nHow sure (" + counted(figures.claims->tasks, "verdict") + " weighed by skill)\n" +
            claims_table(*figures.claims);
  return text;
}

std::string haste_text(const Haste& haste) {
  if (!haste.seconds) return {};
  const auto workers = std::ssize(haste.too_fast);
  const std::string who = workers == 0 ? "nobody" : counted(workers, "worker") + "; look before you judge:";
  std::string text = "\nPace\n";
  text += cli::lines_of(
      {{"seconds", cli::decimal(*haste.seconds, 1) + " an answer, the median of " + cli::grouped(haste.answers)},
       {"too fast", who}});
  for (const TooFast& each : haste.too_fast) {
    text += "    " + cli::safe_for_terminal(each.reason.for_admin, false) + "\n";
  }
  return text;
}

}  // namespace tally::admin::quality
