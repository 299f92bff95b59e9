#include "admin/qualifications.h"

#include <ostream>
#include <utility>
#include <vector>

#include "admin/values.h"
#include "common/cli/figure_rows.h"
#include "common/cli/figures.h"
#include "common/cli/safe_text.h"
#include "common/cli/table.h"
#include "schemas/time.h"

namespace tally::admin {
namespace {

using cli::Cell;
using cli::FigureWriter;
using Lines = std::vector<std::pair<std::string, std::string>>;

// "training of project 17"
std::string source_of(const QualificationRow& held) {
  std::string text(name_of(held.by));
  if (held.project) text += " of project " + std::to_string(held.project->value);
  return text;
}

Cell project_cell(const QualificationRow& held) { return held.project ? Cell(held.project->value) : Cell(); }

std::string table_of(const std::vector<QualificationRow>& rows) {
  cli::Table table({{"qualification"}, {"score", cli::Align::right}, {"granted by"}, {"since"}});
  for (const QualificationRow& held : rows) {
    table.row({held.name, std::to_string(held.score), source_of(held), to_text(Time{held.at_ms})});
  }
  return table.to_text();
}

std::string share_text(std::int64_t part, std::int64_t all, const std::string& what) {
  if (all == 0) return "none";
  return cli::grouped(all) + ", " + cli::grouped(part) + " " + what + " (" + cli::percent_of(part, all) + ")";
}

std::string training_text(const ProjectStanding& standing) {
  if (standing.training_tasks == 0) return "this project has none";
  if (standing.is_trained) return "passed";
  const std::string left = std::to_string(standing.rounds_left);
  return "not passed; " + left + (standing.rounds_left == 1 ? " round is left" : " rounds are left");
}

std::string project_text(ProjectId project, const ProjectStanding& standing) {
  Lines lines{{"gold", share_text(standing.right, standing.gold, "right")}, {"training", training_text(standing)}};
  if (!standing.no_work) {
    lines.emplace_back("may work", "yes, as far as it is their standing");
  } else {
    // As the worker is told.
    lines.emplace_back("may work", "no (" + std::string(name_of(*standing.no_work)) + ")");
    lines.emplace_back("told", "\"" + cli::safe_for_terminal(standing.missing, false) + "\"");
  }
  return "\nIn project " + std::to_string(project.value) + "\n" + cli::lines_of(lines);
}

std::string standing_text(const StandingPage& page, std::optional<ProjectId> project) {
  const Standing& over_all = page.over_all;
  std::string text = "Worker " + std::to_string(page.account.value) + ", over all projects\n";
  text += cli::lines_of({{"judged", share_text(over_all.agreed, over_all.judged, "agreed with the verdict")},
                         {"gold", share_text(over_all.right, over_all.gold, "right")}});
  text += page.qualifications.empty() ? "\nNo qualifications.\n" : "\n" + table_of(page.qualifications);
  if (project && page.in_project) text += project_text(*project, *page.in_project);
  return text;
}

void write_standing(FigureWriter& out, const StandingPage& page, std::optional<ProjectId> project) {
  out.write("worker", {},
            {{"account", page.account.value},
             {"judged", page.over_all.judged},
             {"agreed", page.over_all.agreed},
             {"gold", page.over_all.gold},
             {"gold_right", page.over_all.right}});
  for (const QualificationRow& held : page.qualifications) {
    out.write("qualification", {},
              {{"name", held.name},
               {"score", held.score},
               {"granted_by", std::string(name_of(held.by))},
               {"project", project_cell(held)},
               {"since", to_text(Time{held.at_ms})}});
  }
  if (!project || !page.in_project) return;
  const ProjectStanding& standing = *page.in_project;
  out.write("project", {},
            {{"project", project->value},
             {"gold", standing.gold},
             {"gold_right", standing.right},
             {"training_tasks", standing.training_tasks},
             {"trained", std::string(standing.is_trained ? "yes" : "no")},
             {"rounds_left", standing.rounds_left},
             {"no_work", standing.no_work ? Cell(std::string(name_of(*standing.no_work))) : Cell()},
             {"missing", standing.missing}});
}

// Every row of all pages.
template <class Take>
void each_qualified(Asker& asker, const std::string& name, const Take& take) {
  ListQualified list;
  list.qualification = name;
  while (true) {
    const QualifiedPage page = asker.ask(list);
    for (const QualifiedRow& row : page.rows) take(row);
    if (page.next.empty()) return;
    if (page.next == list.after) {
      throw cli::Failure{cli::exit_refused, "the broker gives the same page again and again"};
    }
    list.after = page.next;
  }
}

}  // namespace

void grant(Asker& asker, const GrantWanted& wanted, std::ostream& out) {
  GrantQualification message;
  message.account = account_from(wanted.account);
  message.qualification = qualification_from(wanted.name);
  message.score = score_from(wanted.score);
  asker.ask(message);
  out << "Account " << message.account.value << " holds '" << message.qualification << "' with a score of "
      << message.score << ".\n";
}

void revoke(Asker& asker, const std::string& account, const std::string& name, std::ostream& out) {
  GrantQualification message;
  message.account = account_from(account);
  message.qualification = qualification_from(name);
  message.is_revoked = true;
  asker.ask(message);
  out << "Account " << message.account.value << " holds '" << message.qualification
      << "' no more. Tasks that it has it may still answer.\n";
}

void show_qualified(Asker& asker, const QualifiedWanted& wanted, std::ostream& out) {
  const auto format = wanted.form.rows();
  const std::string name = wanted.name.empty() ? "" : qualification_from(wanted.name);
  if (format) {
    cli::RowWriter writer(out, *format);
    writer.header({"account", "qualification", "score", "granted_by", "project", "since"});
    return each_qualified(asker, name, [&](const QualifiedRow& row) {
      writer.row({row.account.value, row.held.name, row.held.score, std::string(name_of(row.held.by)),
                  project_cell(row.held), to_text(Time{row.held.at_ms})});
    });
  }
  cli::Table table(
      {{"account", cli::Align::right}, {"qualification"}, {"score", cli::Align::right}, {"granted by"}, {"since"}});
  std::int64_t rows = 0;
  each_qualified(asker, name, [&](const QualifiedRow& row) {
    ++rows;
    table.row({std::to_string(row.account.value), row.held.name, std::to_string(row.held.score), source_of(row.held),
               to_text(Time{row.held.at_ms})});
  });
  out << (rows > 0 ? table.to_text() : "Nobody holds " + (name.empty() ? "a qualification" : "'" + name + "'") + ".\n");
}

void show_standing(Asker& asker, const StandingWanted& wanted, std::ostream& out) {
  const auto format = wanted.form.rows();
  GetStanding message;
  message.account = account_from(wanted.account);
  if (!wanted.project.empty()) message.project = project_from(wanted.project);
  const StandingPage page = asker.ask(message);
  if (!format) {
    out << standing_text(page, message.project);
    return;
  }
  FigureWriter writer(out, *format);
  write_standing(writer, page, message.project);
}

}  // namespace tally::admin
