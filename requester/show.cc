#include "requester/show.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "requester/ask.h"
#include "requester/progress.h"
#include "requester/status_text.h"

namespace tally::requester {
namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr std::int64_t page_max = 100;

}  // namespace

ShowCommands::ShowCommands(cli::Program& program) : program_(program) {
  CLI::App& app = program.app();
  CLI::App* list = app.add_subcommand("list", "Your projects, newest first");
  list->add_option("-n,--rows", rows_max_, "How many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  list->callback([this] { this->list(); });
  CLI::App* status = app.add_subcommand("status", "How far a project is, and its money");
  status->add_option("PROJECT", project_, "Its number")->required();
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
  say(status_text(program_.ask(GetStatus{project}), currency));
}

void ShowCommands::watch() {
  const ProjectId project = project_from(project_);
  const std::string currency = greet(program_).currency;
  const Time begun = steady_now();
  std::optional<std::int64_t> closed_before;
  ProjectStatus status;
  {
    ProgressLine line;
    while (true) {
      status = program_.ask(GetStatus{project});
      if (!closed_before) closed_before = status.row.closed;
      const std::string text = watch_text(status, currency, *closed_before, steady_now() - begun);
      if (is_over(status.row.state)) {
        line.finish(text);
        break;
      }
      line.show(text);
      std::this_thread::sleep_for(between_looks);
    }
  }
  say(status_text(status, currency));
}

void ShowCommands::balance() {
  const std::string currency = greet(program_).currency;
  say(balance_text(program_.ask(GetBalance{}), currency));
}

}  // namespace tally::requester
