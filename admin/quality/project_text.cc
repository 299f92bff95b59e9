#include "admin/quality/project_text.h"

#include "admin/quality/words.h"
#include "common/cli/safe_text.h"

namespace tally::admin::quality {

std::string field_text(const ProjectTerms& terms, const FieldFigures& figures) {
  const reliability::FieldReliability& field = figures.reliability;
  cli::NamedLines lines{
      {"verdicts", cli::verdicts_text(field)},
      {"values given", counted(figures.distinct, "different one")},
      {"agreement", or_dash(figures.agreement, 3) + " of pairs of answers to a task are the same"},
      {"entropy", or_dash(figures.entropy_bits, 3) + " bits a task"},
      {"alpha", or_dash(figures.alpha, 3) + " (Krippendorff: 1 is full agreement, 0 what chance gives)"}};
  for (auto& line : cli::reliability_lines(terms, field)) lines.push_back(std::move(line));
  if (figures.refit) {
    lines.emplace_back("refit", "all answers at once (" + std::string(figures.refit->method) +
                                    ") would say otherwise for " + cli::grouped(figures.refit->differs) + " of " +
                                    counted(figures.refit->compared, "task") + "; reported, not changed");
  }
  return cli::field_heading(field) + cli::lines_of(lines) + cli::claims_text(field);
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
