#include "requester/results.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <unistd.h>
#include <utility>

#include "common/cli/csv_writer.h"
#include "common/cli/output_file.h"
#include "common/cli/progress_bar.h"
#include "common/cli/reliability_text.h"
#include "common/cli/result_pages.h"
#include "common/cli/safe_text.h"
#include "common/forms/form.h"
#include "requester/ask.h"

namespace tally::requester {

void each_result(cli::Program& program, GetResults ask, const std::function<void(const ResultRow&)>& take) {
  const auto ask_broker = [&](const GetResults& message) { return program.ask(message); };
  cli::walk_results(ask_broker, std::move(ask), [&](const ResultRow& row) {
    take(row);
    return true;
  });
}

ResultsCommand::ResultsCommand(cli::Program& program) : program_(program) {
  CLI::App* results = program.app().add_subcommand("results", "Verdicts so far, one row a task; at any time");
  results->add_option("PROJECT", project_, "Its number")->required();
  results->add_option("--format", format_, "csv (safe to open in a spreadsheet) or jsonl (exact, for programs)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  results->add_flag("--answers", answers_, "One row an answer, with who gave it and what it was paid");
  results->add_option("-o,--output", output_, "A file, written whole or not at all; without it the terminal")
      ->type_name("FILE");
  results->callback([this] { run(); });
}

void ResultsCommand::run() {
  const ProjectId project = project_from(project_);
  const Welcome welcome = greet(program_);
  const ProjectSpec spec = program_.ask(DescribeProject{project}).spec;
  reliability::ProjectCounts counts(spec);
  write_all(project, spec, counts);
  // Not among the rows, which programs read.
  std::cerr << cli::reliability_summary(reliability::terms_of(project, spec, welcome), counts);
}

void ResultsCommand::write_all(ProjectId project, const ProjectSpec& spec, reliability::ProjectCounts& counts) {
  if (output_.empty() || output_ == "-") {
    write(std::cout, project, spec, counts);
    std::cout.flush();
    if (!std::cout) throw cli::Failure{cli::exit_usage, "the output cannot be written; is the disk full?"};
    return;
  }
  cli::OutputFile file(output_);
  write(file.stream(), project, spec, counts);
  file.keep();
}

// The header stands first, so the results are read once for it, up to the first gold.
bool ResultsCommand::needs_gold_columns(ProjectId project, const ProjectSpec& spec) {
  if (spec.redundancy.is_by_skill()) return true;
  const auto may_have_gold = [](const FieldSpec& field) { return forms::labels_of(field) > 0; };
  if (std::none_of(spec.form.begin(), spec.form.end(), may_have_gold)) return false;
  bool is_found = false;
  GetResults ask;
  ask.project = project;
  cli::walk_results([&](const GetResults& message) { return program_.ask(message); }, std::move(ask),
                    [&](const ResultRow& row) {
                      is_found = !row.gold.empty();
                      return !is_found;
                    });
  return is_found;
}

void ResultsCommand::write(std::ostream& out, ProjectId project, const ProjectSpec& spec,
                           reliability::ProjectCounts& counts) {
  const RowsOf rows = answers_ ? RowsOf::answers : RowsOf::tasks;
  const bool is_csv = format_ == "csv";
  const bool is_file = &out != &std::cout;
  // A file holds what was written, byte for byte; a terminal would obey some of it.
  const bool is_terminal = !is_file && ::isatty(STDOUT_FILENO) == 1;
  const auto shown = [&](const std::string& text) { return is_terminal ? cli::safe_for_terminal(text, true) : text; };
  const bool has_gold = is_csv && !answers_ && needs_gold_columns(project, spec);
  cli::CsvWriter csv(out);
  if (is_csv) {
    std::vector<std::string> header = result_header(spec, rows, has_gold);
    for (std::string& name : header) name = shown(name);
    csv.row(header);
  }
  std::int64_t tasks = 0;
  std::optional<cli::ProgressBar> bar;
  if (is_file) {
    const std::int64_t all = program_.ask(GetStatus{project}).row.items;
    bar.emplace(std::cerr, cli::progress_look(STDERR_FILENO), "tasks written", all, cli::steady_now);
  }
  const auto take = [&](const ResultRow& task) {
    const std::string objection = objection_to(spec, task);
    if (!objection.empty()) throw cli::Failure{cli::exit_refused, objection};
    counts.add(task);
    if (is_csv) {
      for (auto& cells : result_cells(spec, task, rows, has_gold)) {
        for (std::string& cell : cells) cell = shown(cell);
        csv.row(cells);
      }
    } else {
      for (const std::string& text : result_lines(spec, task, rows)) out << shown(text) << '\n';
    }
    if (!out) throw cli::Failure{cli::exit_usage, "the output cannot be written; is the disk full?"};
    ++tasks;
    if (bar) bar->update(tasks);
  };
  GetResults ask;
  ask.project = project;
  ask.answers = answers_;
  each_result(program_, ask, take);
  if (bar) bar->finish();
}

}  // namespace tally::requester
