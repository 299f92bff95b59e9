#include "admin/quality/show.h"

#include <algorithm>
#include <ostream>
#include <span>

#include "admin/quality/policy_text.h"
#include "admin/quality/project_rows.h"
#include "admin/quality/project_text.h"
#include "admin/quality/redundancy_text.h"
#include "admin/quality/task_view.h"
#include "admin/quality/worker_rows.h"
#include "admin/quality/worker_text.h"
#include "admin/values.h"
#include "common/cli/program.h"
#include "common/cli/reliability_rows.h"
#include "common/cli/reliability_text.h"

namespace tally::admin::quality {
namespace {

[[noreturn]] void fail_no_field(const Collected& collected, const std::string& name) {
  std::string names;
  for (const FieldAnswers& field : collected.fields) names += (names.empty() ? "" : ", ") + field.spec.name;
  cli::fail_usage("the form has no field '" + name + "'; it has " + names);
}

const FieldAnswers& field_named(const Collected& collected, const std::string& name) {
  const FieldAnswers* field = find_field(collected, name);
  if (field == nullptr) fail_no_field(collected, name);
  return *field;
}

std::span<const WorkerFigures> only(const Crowd& crowd, AccountId account, ProjectId project) {
  const auto found = std::find_if(crowd.workers.begin(), crowd.workers.end(),
                                  [&](const WorkerFigures& worker) { return worker.account == account; });
  if (found != crowd.workers.end()) return {&*found, 1};
  throw cli::Failure{cli::exit_refused, "account " + std::to_string(account.value) +
                                            " has answered nothing in project " + std::to_string(project.value)};
}

}  // namespace

void show_project(Asker& asker, const ProjectWanted& wanted, const Progress& progress, std::ostream& out) {
  const auto format = wanted.form.rows();
  const ProjectAsked asked = ask_about(asker, project_from(wanted.project));
  const Collected collected = collect(asker, asked, progress);
  const Coverage coverage = coverage_of(collected);
  std::vector<FieldFigures> fields;
  for (const FieldAnswers& field : collected.fields) {
    const bool is_wanted = wanted.field.empty() || field.spec.name == wanted.field;
    if (is_wanted) fields.push_back(field_figures(collected, field, reliability::asked_of(asked.terms, coverage)));
  }
  if (fields.empty()) fail_no_field(collected, wanted.field);
  const Haste haste = haste_of(collected);
  if (!format) {
    out << cli::coverage_text(asked.terms, coverage);
    for (const FieldFigures& figures : fields) out << field_text(asked.terms, figures);
    out << haste_text(haste);
    return;
  }
  cli::FigureWriter writer(out, *format);
  cli::write_coverage(writer, asked.terms, coverage);
  for (const FieldFigures& figures : fields) write_field(writer, figures);
  write_haste(writer, haste);
}

void show_workers(Asker& asker, const WorkerWanted& wanted, const Progress& progress, std::ostream& out) {
  const auto format = wanted.form.rows();
  const ProjectId project = project_from(wanted.project);
  const auto account = wanted.worker.empty() ? std::nullopt : std::optional(account_from(wanted.worker));
  const ProjectAsked asked = ask_about(asker, project);
  const Collected collected = collect(asker, asked, progress);
  const FieldAnswers& field = wanted.field.empty() ? usual_field(collected) : field_named(collected, wanted.field);
  const Crowd crowd = crowd_of(collected, field);
  const std::span<const WorkerFigures> shown =
      account ? only(crowd, *account, project) : std::span<const WorkerFigures>(crowd.workers);
  if (format) {
    cli::RowWriter writer(out, *format);
    return write_workers(writer, crowd, shown, wanted.tell);
  }
  out << (account ? worker_text(crowd, shown.front(), wanted.tell) : crowd_text(crowd, wanted.tell));
}

void show_task(Asker& asker, const TaskWanted& wanted, const Progress& progress, std::ostream& out) {
  const auto format = wanted.form.rows();
  const ProjectId project = project_from(wanted.project);
  const ResultRow row = find_task(asker, project, wanted.task, progress);
  const ProjectAsked asked = ask_about(asker, project);
  const TaskView view = task_view(asked.spec, row);
  if (format) return write_task(out, *format, view);
  out << task_text(view, asked.terms.currency);
}

void show_what_if(Asker& asker, const PolicyWanted& wanted, const Progress& progress, std::ostream& out) {
  const auto format = wanted.form.rows();
  const ProjectAsked asked = ask_about(asker, project_from(wanted.project));
  const Redundancy then = redundancy_from(wanted.redundancy, asked.spec);
  const Collected collected = collect(asker, asked, progress);
  const PolicyFigures figures = what_if(collected, then, asked.terms.price);
  if (!format) {
    out << policy_text(figures, asked.terms.currency);
    return;
  }
  cli::FigureWriter writer(out, *format);
  write_policy(writer, figures);
}

}  // namespace tally::admin::quality
