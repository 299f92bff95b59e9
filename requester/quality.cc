#include "requester/quality.h"

#include <iostream>
#include <sstream>
#include <unistd.h>

#include "common/cli/progress_bar.h"
#include "common/cli/reliability_rows.h"
#include "common/cli/reliability_text.h"
#include "requester/ask.h"
#include "requester/results.h"

namespace tally::requester {

void write_quality(std::ostream& out, const reliability::ProjectTerms& terms, const reliability::ProjectCounts& counts,
                   bool is_json) {
  if (!is_json) {
    out << cli::reliability_text(terms, counts);
    return;
  }
  cli::FigureWriter writer(out, cli::RowFormat::jsonl);
  cli::write_reliability(writer, terms, counts);
}

QualityCommand::QualityCommand(cli::Program& program) : program_(program) {
  CLI::App* quality = program.app().add_subcommand(
      "quality", "How reliable results are so far: coverage, what gold proves, whether claims are borne out");
  quality->add_option("PROJECT", project_, "Its number")->required();
  quality->add_flag("--json", json_, "For programs: an object of JSON a line");
  quality->callback([this] { run(); });
}

void QualityCommand::run() {
  const ProjectId project = project_from(project_);
  const Welcome welcome = greet(program_);
  const ProjectSpec spec = program_.ask(DescribeProject{project}).spec;
  reliability::ProjectCounts counts(spec);
  count(project, [&](const ResultRow& row) { counts.add(row); });
  std::ostringstream out;
  write_quality(out, reliability::terms_of(project, spec, welcome), counts, json_);
  say(out.str());
}

// Every task, with progress where somebody looks at it.
void QualityCommand::count(ProjectId project, const std::function<void(const ResultRow&)>& take) {
  GetResults ask;
  ask.project = project;
  const cli::ProgressLook look = cli::progress_look(STDERR_FILENO);
  if (!look.is_terminal) return each_result(program_, ask, take);
  cli::ProgressBar bar(std::cerr, look, "tasks read", program_.ask(GetStatus{project}).row.items, cli::steady_now);
  std::int64_t tasks = 0;
  each_result(program_, ask, [&](const ResultRow& row) {
    take(row);
    bar.update(++tasks);
  });
  bar.finish();
}

}  // namespace tally::requester
