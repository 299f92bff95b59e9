#include "admin/commands.h"

#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "admin/accounts.h"
#include "admin/asker.h"
#include "admin/audit.h"
#include "admin/money.h"
#include "admin/qualifications.h"
#include "admin/quality/commands.h"
#include "admin/sign_ins.h"
#include "common/cli/key_file.h"
#include "common/cli/pending_key.h"

namespace tally::admin {
namespace {

// What the callbacks of one program share; owned by them.
struct Context {
  explicit Context(cli::Program& the_program) : program(the_program), asker(the_program) {}
  cli::Program& program;
  Asker asker;

  [[nodiscard]] cli::KeySource keys_of(const std::vector<std::string>& words) {
    return [this, words] { return cli::pending_key_of(program, words); };
  }
};
using Shared = std::shared_ptr<Context>;

// How far an audit is, on a terminal; taken away at the end, whatever it was.
class ProgressLine {
 public:
  ProgressLine() : is_terminal_(isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (is_shown_) std::cerr << '\r' << std::string(70, ' ') << '\r' << std::flush;
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const AuditPage& so_far) {
    if (!is_terminal_) return;
    is_shown_ = true;
    std::cerr << '\r' << so_far.parts << " parts, " << so_far.batches << " batches, " << so_far.transfers
              << " transfers" << std::flush;
  }

 private:
  bool is_terminal_;
  bool is_shown_ = false;
};

void add_people(CLI::App& app, const Shared& context) {
  auto wanted = std::make_shared<InviteWanted>();
  CLI::App* command = app.add_subcommand("invite", "Make an account and print the one line that lets its owner join");
  command->add_option("NAME,--name", wanted->name, "What to call them; one line");
  command->add_option("--role", wanted->role, "worker, requester, admin, or gateway: the program that serves the pages")
      ->type_name("ROLE");
  command->add_option("--valid", wanted->valid, "How long the invitation holds")
      ->type_name("TIME")
      ->capture_default_str();
  command->add_option("--account", wanted->account, "Instead of role and name: an account whose key was lost")
      ->type_name("NUMBER");
  command->callback([wanted, context] {
    if (wanted->account.empty() && (wanted->role.empty() || wanted->name.empty())) {
      cli::fail_usage("say whom to invite: --role worker --name NAME, or --account NUMBER for a lost key");
    }
    const auto keys = context->keys_of({"invite", wanted->role, wanted->name, wanted->account, wanted->valid});
    invite(context->asker, *wanted, keys, {std::cout, std::cerr});
  });

  auto listed = std::make_shared<AccountsWanted>();
  command = app.add_subcommand("accounts", "List accounts");
  command->add_option("--role", listed->role, "Only workers, requesters, admins or gateways")->type_name("ROLE");
  command->callback([listed, context] { show_accounts(context->asker, *listed, std::cout); });

  for (const bool suspended : {true, false}) {
    auto account = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>();
    command = app.add_subcommand(suspended ? "suspend" : "unsuspend",
                                 suspended ? "Stop an account from doing anything" : "Let it work again");
    command->add_option("ACCOUNT", *account, "Its number")->required();
    auto* option = command->add_option("--reason", *reason, "Kept with the account");
    if (suspended) option->required();
    command->callback([=] { suspend(context->asker, *account, suspended, *reason, std::cout); });
  }

  auto account = std::make_shared<std::string>();
  command = app.add_subcommand("sign-ins", "Which browsers are signed in as an account");
  command->add_option("ACCOUNT", *account, "Its number")->required();
  command->callback([=] { show_sign_ins(context->asker, *account, std::cout); });

  auto number = std::make_shared<std::string>();
  command = app.add_subcommand("sign-out", "Sign out the browsers of an account");
  command->add_option("ACCOUNT", *account, "Its number")->required();
  command->add_option("--sign-in", *number, "Only this one, as sign-ins shows it")->type_name("NUMBER");
  command->callback([=] { end_sign_ins(context->asker, *account, *number, std::cout); });

  app.add_subcommand("projects", "List all projects, newest first")->callback([context] {
    show_projects(context->asker, std::cout);
  });
}

void add_money(CLI::App& app, const Shared& context) {
  auto wanted = std::make_shared<DepositWanted>();
  CLI::App* command = app.add_subcommand("deposit", "Record money that came in for a requester");
  command->add_option("ACCOUNT", wanted->account, "Its number")->required();
  command->add_option("AMOUNT", wanted->amount, "Like 250.00")->required();
  command->add_option("--note", wanted->note, "E.g. the bank's reference; kept with the transfer")->required();
  command->callback([wanted, context] {
    const auto keys = context->keys_of({"deposit", wanted->account, wanted->amount, wanted->note});
    deposit(context->asker, *wanted, keys, std::cout);
  });

  auto transfer = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  command = app.add_subcommand("reverse", "Take back a deposit made in error, or a payout that was fraud");
  command->add_option("TRANSFER", *transfer, "Like m17.1.33")->required();
  command->add_option("--reason", *reason, "Kept with the reversal")->required();
  command->callback([=] { reverse(context->asker, *transfer, *reason, std::cout); });

  CLI::App* payouts = app.add_subcommand("payouts", "Pay workers what they earned");
  payouts->require_subcommand(1);
  auto exported = std::make_shared<PayoutsWanted>();
  command = payouts->add_subcommand("export", "Set aside what is owed and write it as CSV");
  command->add_option("--run", exported->run, "A name for this payout, like 2026-11")->type_name("NAME")->required();
  command->add_option("--minimum", exported->minimum, "Leave out who is owed less")
      ->type_name("AMOUNT")
      ->capture_default_str();
  command->add_option("--output", exported->output, "The file to write; standard output otherwise")->type_name("FILE");
  command->callback([exported, context] { export_payouts(context->asker, *exported, {std::cout, std::cerr}); });
  auto run = std::make_shared<std::string>();
  command = payouts->add_subcommand("settle", "The money of a run has been sent: mark it paid, once");
  command->add_option("--run", *run, "The name it was exported under")->type_name("NAME")->required();
  command->callback([run, context] { settle_payouts(context->asker, *run, std::cout); });
}

void add_qualifications(CLI::App& app, const Shared& context) {
  CLI::App* qualification = app.add_subcommand("qualification", "Who may work on projects that ask for one");
  qualification->require_subcommand(1);
  const auto add_names = [](CLI::App& command, std::string& account, std::string& name) {
    command.add_option("ACCOUNT", account, "Of the worker")->required();
    command.add_option("NAME", name, "Of the qualification, like birds")->required();
  };
  auto granted = std::make_shared<GrantWanted>();
  CLI::App* command = qualification->add_subcommand("grant", "Give a worker a qualification, or another score");
  add_names(*command, granted->account, granted->name);
  command->add_option("--score", granted->score, "0 to 100")->type_name("N")->capture_default_str();
  command->callback([granted, context] { grant(context->asker, *granted, std::cout); });

  auto revoked = std::make_shared<GrantWanted>();
  command = qualification->add_subcommand("revoke", "Take it away");
  add_names(*command, revoked->account, revoked->name);
  command->callback([revoked, context] { revoke(context->asker, revoked->account, revoked->name, std::cout); });

  auto listed = std::make_shared<QualifiedWanted>();
  command = qualification->add_subcommand("list", "Who holds which");
  command->add_option("NAME", listed->name, "Only this one");
  add_form(*command, listed->form);
  command->callback([listed, context] { show_qualified(context->asker, *listed, std::cout); });

  auto standing = std::make_shared<StandingWanted>();
  command = app.add_subcommand("standing", "What is believed of a worker, and what they are qualified for");
  command->add_option("ACCOUNT", standing->account, "Of the worker")->required();
  command->add_option("--project", standing->project, "Also how they stand in this one")->type_name("NUMBER");
  add_form(*command, standing->form);
  command->callback([standing, context] { show_standing(context->asker, *standing, std::cout); });
}

void add_audit(CLI::App& app, const Shared& context) {
  CLI::App* audit = app.add_subcommand("audit", "Prove what was decided and paid");
  audit->require_subcommand(1);
  const auto add_trace = [&](const char* name, Traced what, const char* about, const char* example) {
    auto id = std::make_shared<std::string>();
    CLI::App* command = audit->add_subcommand(name, about);
    command->add_option("ID", *id, example)->required();
    command->callback([=] { trace(context->asker, what, *id, std::cout); });
  };
  add_trace("task", Traced::task, "From the money that funded a task to who was paid for it", "Like t17.1.204");
  add_trace("assignment", Traced::assignment, "The same for one worker's answer", "Like a17.1.9");
  add_trace("payout", Traced::payout, "What a movement of money was for", "Like m17.1.33");
  audit->add_subcommand("verify", "Check everything; exit 0, or 1 naming the first wrong row")->callback([context] {
    ProgressLine line;
    verify(context->asker, std::cout, [&](const AuditPage& so_far) { line.show(so_far); });
  });
}

}  // namespace

void add_commands(cli::Program& program) {
  const auto context = std::make_shared<Context>(program);
  add_people(program.app(), context);
  add_money(program.app(), context);
  add_qualifications(program.app(), context);
  add_audit(program.app(), context);
  quality::add_commands(program.app(), {context, &context->asker});
}

}  // namespace tally::admin
