#include "admin/quality/commands.h"

#include <functional>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include "admin/quality/show.h"
#include "admin/values.h"
#include "common/cli/program.h"
#include "common/cli/progress_bar.h"
#include "common/cli/safe_text.h"

namespace tally::admin::quality {
namespace {

// A terminal would obey some of what others wrote; a file holds it byte for byte.
void say(const std::string& text) {
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  std::cout << (is_terminal ? cli::safe_for_terminal(text, true) : text) << std::flush;
  if (!std::cout) throw cli::Failure{cli::exit_usage, "the output cannot be written; is the disk full?"};
}

using Show = std::function<void(Asker& asker, const Progress& progress, std::ostream& out)>;

// Runs a command, with progress where somebody looks at it.
void run(Asker& asker, const std::string& project, const Show& show) {
  std::ostringstream out;
  const cli::ProgressLook look = cli::progress_look(STDERR_FILENO);
  if (!look.is_terminal) {
    show(
        asker, [](std::int64_t) {}, out);
    return say(out.str());
  }
  const std::int64_t all = asker.ask(GetStatus{project_from(project)}).row.items;
  cli::ProgressBar bar(std::cerr, look, "tasks read", all, cli::steady_now);
  show(
      asker, [&](std::int64_t tasks) { bar.update(tasks); }, out);
  bar.finish();
  say(out.str());
}

template <class Wanted>
void when_called(CLI::App& command, const std::shared_ptr<Asker>& asker, const std::shared_ptr<Wanted>& wanted,
                 void (*show)(Asker&, const Wanted&, const Progress&, std::ostream&)) {
  command.add_option("PROJECT", wanted->project, "Its number")->required();
  add_form(command, wanted->form);
  command.callback([=] {
    run(*asker, wanted->project,
        [&](Asker& to, const Progress& progress, std::ostream& out) { show(to, *wanted, progress, out); });
  });
}

}  // namespace

void add_commands(CLI::App& app, const std::shared_ptr<Asker>& asker) {
  CLI::App* quality = app.add_subcommand("quality", "How good results are, and how workers answered");
  quality->require_subcommand(1);

  const auto project = std::make_shared<ProjectWanted>();
  CLI::App* command = quality->add_subcommand("project", "Coverage, agreement, and how sure verdicts are");
  when_called(*command, asker, project, show_project);
  command->add_option("--field", project->field, "Only this field of the form")->type_name("NAME");

  const auto worker = std::make_shared<WorkerWanted>();
  command = quality->add_subcommand("worker", "All workers, the worst first, or one of them in detail");
  when_called(*command, asker, worker, show_workers);
  command->add_option("WORKER", worker->worker, "The number of an account");
  command->add_option("--field", worker->field, "Of the form; the first choice where none is named")->type_name("NAME");
  command->add_flag("--tell", worker->tell, "With each signal what may be said to the worker");

  const auto task = std::make_shared<TaskWanted>();
  command = quality->add_subcommand("task", "What one task was answered, and what was made of it");
  when_called(*command, asker, task, show_task);
  command->add_option("TASK", task->task, "Like t17.1.204, or the number of its item")->required();

  const auto policy = std::make_shared<PolicyWanted>();
  command = app.add_subcommand("whatif", "What another redundancy would have made of the stored answers");
  when_called(*command, asker, policy, show_what_if);
  command->add_option("--redundancy", policy->redundancy, "Like min=3,max=7,quorum=2 or min=3,max=9,confidence=0.95")
      ->type_name("POLICY")
      ->required();
}

}  // namespace tally::admin::quality
