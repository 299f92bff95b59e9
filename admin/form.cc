#include "admin/form.h"

#include "common/cli/program.h"

namespace tally::admin {

std::optional<cli::RowFormat> Form::rows() const {
  if (json && csv) cli::fail_usage("--json or --csv, not both");
  if (!json && !csv) return std::nullopt;
  return json ? cli::RowFormat::jsonl : cli::RowFormat::csv;
}

void add_form(CLI::App& command, Form& form) {
  command.add_flag("--json", form.json, "For programs: an object of JSON a line");
  command.add_flag("--csv", form.csv, "For programs and spreadsheets");
}

}  // namespace tally::admin
