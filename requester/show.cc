#include "requester/show.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>
#include <unistd.h>
#include <vector>

#include "common/cli/progress_bar.h"
#include "requester/ask.h"
#include "requester/status_text.h"
#include "requester/support_text.h"

namespace tally::requester {
namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr std::int64_t page_max = 100;
// For tasks to close whose project was ended by hand, which is told to each part of it.
constexpr int looks_after_end_max = 5;

}  // namespace

ShowCommands::ShowCommands(cli::Program& program) : program_(program) {
  CLI::App& app = program.app();
  CLI::App* list = app.add_subcommand("list", "Your projects, newest first");
  list->add_option("-n,--rows", rows_max_, "How many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  list->callback([this] { this->list(); });
  CLI::App* status = app.add_subcommand("status", "How far a project is, its money, and what it can claim");
  status->add_option("PROJECT", project_, "Its number")->required();
  status->add_flag("--json", json_, "For programs: an object of JSON");
  status->callback([this] { this->status(); });
  CLI::App* watch = app.add_subcommand("watch", "Shows a project's progress until it has ended");
  watch->add_option("PROJECT", project_, "Its number")->required();
  watch->callback([this] { this->watch(); });
  app.add_subcommand("balance", "Your wallet")->callback([this] { balance(); });
}

void ShowCommands::list() {
  std::vector<ProjectRow> rows;
  ListProjects ask;
  bool is_more = true;
  while (is_more && std::ssize(rows) < rows_max_) {
    ask.limit = std::min(page_max, rows_max_ - std::ssize(rows));
    const ProjectsPage page = program_.ask(ask);
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    is_more = !page.next.empty() && page.next != ask.after;
    ask.after = page.next;
  }
  if (rows.empty()) {
    say("No projects yet. `tally-requester post PROJECT.toml ITEMS.csv` posts one.\n");
    return;
  }
  say(projects_text(rows));
  if (is_more) say("There are more: --rows shows them.\n");
}

void ShowCommands::status() {
  const ProjectId project = project_from(project_);
  const std::string currency = greet(program_).currency;
  const ProjectStatus status = program_.ask(GetStatus{project});
  if (!json_) return say_status(status, currency);
  say(status_json(status, support_of(project), currency) + "\n");
}

std::optional<SupportReport> ShowCommands::support_of(ProjectId project) {
  if (program_.ask(DescribeProject{project}).spec.redundancy.confidence_ppm == 0) return std::nullopt;
  return program_.ask(GetSupport{project});
}

void ShowCommands::say_status(const ProjectStatus& status, const std::string& currency) {
  const auto support = support_of(status.row.project);
  say(status_text(status, currency) + (support ? support_text(*support, currency) : ""));
}

void ShowCommands::watch() {
  const ProjectId project = project_from(project_);
  const std::string currency = greet(program_).currency;
  const cli::ProgressLook look = cli::progress_look(STDERR_FILENO);
  ProjectStatus status = program_.ask(GetStatus{project});
  const auto look_again = [&] {
    std::this_thread::sleep_for(between_looks);
    status = program_.ask(GetStatus{project});
  };
  if (status.row.state == ProjectState::posting) {
    cli::ProgressBar bar(std::cerr, look, "items posted", status.row.items, cli::steady_now, status.posted);
    while (status.row.state == ProjectState::posting) {
      bar.update(status.posted);
      look_again();
    }
    bar.update(status.posted);
    bar.finish();
  }
  {
    cli::ProgressBar bar(std::cerr, look, "tasks closed", status.row.items, cli::steady_now, status.row.closed);
    bar.update(status.row.closed, watch_text(status, currency));
    while (!is_over(status.row.state)) {
      look_again();
      bar.update(status.row.closed, watch_text(status, currency));
    }
    for (int i = 0; i < looks_after_end_max && status.row.closed < status.posted; ++i) {
      look_again();
      bar.update(status.row.closed, watch_text(status, currency));
    }
    bar.finish();
  }
  say_status(status, currency);
}

void ShowCommands::balance() {
  const std::string currency = greet(program_).currency;
  say(balance_text(program_.ask(GetBalance{}), currency));
}

}  // namespace tally::requester
