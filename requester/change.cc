#include "requester/change.h"

#include "common/cli/pending_key.h"
#include "common/cli/safe_text.h"
#include "requester/ask.h"
#include "requester/deadline.h"
#include "requester/figures.h"

namespace tally::requester {
namespace {

std::string done_text(ProjectAction action) {
  switch (action) {
    case ProjectAction::pause:
      return "is paused: nothing new is handed out; what is being worked on can be handed in";
    case ProjectAction::resume:
      return "is open";
    case ProjectAction::end:
      return "has ended; what was not spent comes back to the wallet";
    case ProjectAction::cancel:
      return "is cancelled; what was not spent comes back to the wallet";
  }
  return {};
}

[[noreturn]] void fail_bonus(Refusal refusal) {
  if (refusal.code == RefusalCode::balance_too_low) refusal.detail += "; ask an admin to record a deposit";
  cli::fail(refusal);
}

bool is_final(ProjectAction action) { return action == ProjectAction::end || action == ProjectAction::cancel; }

}  // namespace

ChangeCommands::ChangeCommands(cli::Program& program) : program_(program) {
  add("pause", "Hands out nothing new until it is resumed", ProjectAction::pause);
  add("resume", "Goes on after a pause", ProjectAction::resume);
  add("end", "Ends a project for good: open tasks close as undecided, what was not spent comes back",
      ProjectAction::end);
  add("cancel", "The same, for a project that should not have been; also for one that was not posted to its end",
      ProjectAction::cancel);

  CLI::App* extend = program.app().add_subcommand("extend", "Moves a project's deadline");
  extend->add_option("PROJECT", project_, "Its number")->required();
  extend->add_option("--deadline", deadline_, "2026-12-24 (midnight UTC), 2026-12-24T18:00:00Z, 7d (from now), or none")
      ->type_name("WHEN")
      ->required();
  extend->callback([this] { this->extend(); });

  CLI::App* bonus = program.app().add_subcommand("bonus", "Pays a worker more for one answer");
  bonus->add_option("ASSIGNMENT", assignment_, "Which answer, such as a17.1.9")->required();
  bonus->add_option("AMOUNT", amount_, "Such as 0.25")->required();
  bonus->add_option("--reason", reason_, "The worker reads it")->required();
  bonus->callback([this] { this->bonus(); });
}

void ChangeCommands::add(const char* name, const char* about, ProjectAction action) {
  CLI::App* command = program_.app().add_subcommand(name, about);
  command->add_option("PROJECT", project_, "Its number")->required();
  if (is_final(action)) command->add_flag("-y,--yes", yes_, "Without being asked");
  command->callback([this, action] { change(action); });
}

void ChangeCommands::change(ProjectAction action) {
  const ProjectId project = project_from(project_);
  const std::string number = std::to_string(project.value);
  if (is_final(action) && !yes_ && is_interactive()) {
    const ProjectRow row = program_.ask(GetStatus{project}).row;
    const auto answer = ask_user(cli::safe_for_terminal(row.title, false) + ": " + grouped(row.items - row.closed) +
                                 " of " + grouped(row.items) + " tasks are not closed. " +
                                 (action == ProjectAction::end ? "End" : "Cancel") + " it for good? [y/N] ");
    if (!answer || (*answer != "y" && *answer != "Y" && *answer != "yes")) {
      throw cli::Failure{cli::exit_usage, "Nothing was changed."};
    }
  }
  program_.ask(ChangeProject{project, action});
  say("Project " + number + " " + done_text(action) + ".\n");
}

void ChangeCommands::extend() {
  const ProjectId project = project_from(project_);
  const Welcome welcome = greet(program_);
  const auto deadline = deadline_from(deadline_, Time{welcome.now_ms});
  if (!deadline) {
    cli::fail_usage("'" + deadline_ +
                    "' is no deadline; write 2026-12-24, 2026-12-24T18:00:00Z, 7d (from now) or none");
  }
  program_.ask(Extend{cli::new_command_key(), project, *deadline});
  say("Project " + std::to_string(project.value) +
      (*deadline > 0 ? " now ends at " + to_text(Time{*deadline}) : std::string(" now has no deadline")) + ".\n");
}

void ChangeCommands::bonus() {
  const AssignmentId assignment = assignment_from(assignment_);
  const auto amount = micros_from(amount_);
  if (!amount || amount->value == 0) {
    cli::fail_usage("'" + amount_ + "' is no amount; write a number above zero such as 0.25, with at most six places");
  }
  const std::string currency = greet(program_).currency;
  // Kept until the outcome is known: interrupted in between, the same command pays it once.
  cli::PendingKey key = cli::pending_key_of(program_, {"bonus", to_text(assignment), to_text(*amount), reason_});
  try {
    const auto paid = program_.client().ask(Bonus{key.key(), assignment, *amount, reason_});
    key.settle();
    if (!paid) fail_bonus(paid.error());
  } catch (const net::Unreachable& error) {
    throw cli::Failure{cli::exit_unreachable, std::string(error.what()) +
                                                  "\nThe bonus may have been paid. The same command once more makes "
                                                  "sure that it is paid, and once."};
  }
  say("Paid " + money(*amount, currency) + " more for " + to_text(assignment) + ".\n");
}

}  // namespace tally::requester
