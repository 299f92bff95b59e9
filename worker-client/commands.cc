#include "worker-client/commands.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "common/base/digest.h"
#include "common/cli/key_file.h"
#include "common/cli/safe_text.h"
#include "schemas/messages/requester.h"
#include "worker-client/exec_loop.h"
#include "worker-client/exec_program.h"
#include "worker-client/line_source.h"
#include "worker-client/show.h"
#include "worker-client/show_standing.h"
#include "worker-client/stop.h"
#include "worker-client/terminal_work.h"

namespace tally::worker {
namespace {

constexpr std::int64_t parallel_max = 256;
constexpr std::size_t projects_shown_max = 2'000;
constexpr std::size_t payout_address_bytes_max = 200;

Welcome hello(cli::Program& program) { return program.ask(Hello{"tally-worker " TALLY_VERSION}); }

Duration duration_of(const std::string& option, const std::string& text) {
  const auto duration = duration_from(text);
  if (!duration) cli::fail_usage(option + " takes a length of time such as 30s or 10m, not '" + text + "'");
  return *duration;
}

// ---- projects -------------------------------------------------------------------------------------------------------

void list_projects(cli::Program& program) {
  const std::string currency = hello(program).currency;
  std::vector<ProjectRow> rows;
  ListProjects request;
  do {
    ProjectsPage page = program.ask(request);
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
    request.after = page.next;
  } while (!request.after.empty() && rows.size() < projects_shown_max);
  std::cout << projects_text(rows, currency);
  if (!request.after.empty()) std::cout << "There are more; these are the newest.\n";
}

void describe_project(cli::Program& program, std::int64_t number) {
  const std::string currency = hello(program).currency;
  std::cout << project_text(program.ask(DescribeProject{ProjectId{number}}), currency);
}

void add_projects(cli::Program& program) {
  auto number = std::make_shared<std::int64_t>(0);
  CLI::App* command = program.app().add_subcommand("projects", "What work there is; with a number, what is asked");
  command->add_option("NUMBER", *number, "Show this project")->check(CLI::PositiveNumber);
  command->callback([&program, number] {
    if (*number == 0) return list_projects(program);
    describe_project(program, *number);
  });
}

// ---- standing -------------------------------------------------------------------------------------------------------

void add_standing(cli::Program& program) {
  struct Options {
    std::int64_t project = 0;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = program.app().add_subcommand(
      "standing", "How your answers agree with verdicts, what you are qualified for, what a project still asks of you");
  command->add_option("--project", options->project, "And how you stand in this project")->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "For programs: an object of JSON on a line");
  command->callback([&program, options] {
    GetStanding request;
    if (options->project > 0) request.project = ProjectId{options->project};
    const StandingPage page = program.ask(request);
    std::cout << (options->json ? standing_json(page, request.project) : standing_text(page, request.project));
  });
}

// ---- earnings, payout-address ---------------------------------------------------------------------------------------

void show_earnings(cli::Program& program, bool unpaid, std::int64_t limit) {
  const std::string currency = hello(program).currency;
  Earnings request{.unpaid_only = unpaid, .after = {}, .limit = limit};
  EarningsPage first = program.ask(request);
  std::vector<EarningsRow> rows = std::move(first.rows);
  request.after = first.next;
  while (!request.after.empty() && std::ssize(rows) < limit) {
    request.limit = limit - std::ssize(rows);
    EarningsPage page = program.ask(request);
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
    request.after = page.next;
  }
  std::cout << earnings_text(first, rows, currency);
  if (!request.after.empty()) std::cout << "There are more; --limit shows them.\n";
}

void add_earnings(cli::Program& program) {
  struct Options {
    bool unpaid = false;
    std::int64_t limit = 100;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = program.app().add_subcommand("earnings", "What was earned, answer by answer");
  command->add_flag("--unpaid", options->unpaid, "Only answers that were not paid, with the reason");
  command->add_option("--limit", options->limit, "At most this many answers (100)")->check(CLI::Range(1, 1'000'000));
  command->callback([&program, options] { show_earnings(program, options->unpaid, options->limit); });
}

void add_payout_address(cli::Program& program) {
  auto address = std::make_shared<std::optional<std::string>>();
  CLI::App* command = program.app().add_subcommand("payout-address", "Show or set where you want to be paid");
  command->add_option("ADDRESS", *address, "E.g. an account number or a mail address; \"\" takes it away");
  command->callback([&program, address] {
    if (!*address) {
      const std::string now = program.ask(Earnings{.unpaid_only = false, .after = {}, .limit = 1}).payout_address;
      std::cout << (now.empty() ? "There is no payout address." : cli::safe_for_terminal(now, false)) << "\n";
      return;
    }
    if ((*address)->size() > payout_address_bytes_max || (*address)->find('\n') != std::string::npos) {
      cli::fail_usage("a payout address is one line of at most " + std::to_string(payout_address_bytes_max) + " bytes");
    }
    program.ask(SetPayoutAddress{**address});
    std::cout << "Payouts will go to: " << cli::safe_for_terminal(**address, false) << "\n";
  });
}

// ---- work -----------------------------------------------------------------------------------------------------------

struct WorkOptions {
  std::int64_t project = 0;
  std::int64_t count = 0;
  bool stop_when_idle = false;
  std::string idle_wait = "2s";
  std::vector<std::string> exec;
  std::vector<std::string> arguments;
  std::int64_t parallel = 1;
  std::string task_time_max;
};

// Answers of another account or broker must not be sent under this key.
std::filesystem::path outbox_folder(const cli::KeyFile& file, const std::string& profile) {
  const std::string broker = hex_of(file.server_key).substr(0, 16);
  return cli::tally_home() / "outbox" / profile / (std::to_string(file.account.value) + "-" + broker);
}

WorkConfig work_config(cli::Program& program, const WorkOptions& options) {
  const Welcome welcome = hello(program);
  WorkConfig config;
  if (options.project > 0) config.project = ProjectId{options.project};
  if (options.count > 0) config.count_max = options.count;
  config.stop_when_idle = options.stop_when_idle;
  config.idle_wait = duration_of("--idle-wait", options.idle_wait);
  config.currency = welcome.currency;
  config.answers_per_message_max = welcome.submits_per_message_max;
  config.leases_max = std::max<std::int64_t>(1, welcome.leases_per_worker_max);
  return config;
}

int work_in_terminal(Wire& wire, const Outbox& outbox, Stop& stop, const WorkConfig& config) {
  if (isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) {
    TerminalLines lines(stop);
    return TerminalWork(wire, outbox, lines, stop, std::cout, config).run();
  }
  PlainLines lines(STDIN_FILENO, std::cout, stop);
  return TerminalWork(wire, outbox, lines, stop, std::cout, config).run();
}

ExecConfig exec_config(const WorkOptions& options) {
  ExecConfig config;
  config.command = options.exec;
  config.command.insert(config.command.end(), options.arguments.begin(), options.arguments.end());
  config.parallel = options.parallel;
  if (!options.task_time_max.empty()) config.task_time_max = duration_of("--task-time", options.task_time_max);
  try {
    config.command.front() = find_program(config.command.front());
  } catch (const std::runtime_error& error) {
    cli::fail_usage(error.what());
  }
  return config;
}

void work(cli::Program& program, const WorkOptions& options) {
  std::optional<ExecConfig> exec;
  if (!options.exec.empty()) exec = exec_config(options);
  if (!exec && !options.arguments.empty()) cli::fail_usage("'" + options.arguments.front() + "' belongs to no --exec");
  const WorkConfig config = work_config(program, options);
  ConversationWire wire(program.client().conversation());
  int code = cli::exit_done;
  try {
    const auto profile = program.app().get_option("--profile")->as<std::string>();
    const Outbox outbox(outbox_folder(program.key_file(), profile));
    StopSignals stop;
    if (exec) {
      exec->work = config;
      code = ExecLoop(wire, outbox, stop, std::cerr, *exec).run();
    } else {
      code = work_in_terminal(wire, outbox, stop, config);
    }
  } catch (const OutboxError& error) {
    cli::fail_usage(error.what());
  }
  if (code == cli::exit_refused) throw cli::Failure{code, "work ended early, for the reason above"};
  if (code != cli::exit_done) throw cli::Failure{code, "ended without the broker's last replies"};
}

void add_work(cli::Program& program) {
  auto options = std::make_shared<WorkOptions>();
  CLI::App* command = program.app().add_subcommand(
      "work", "Answer tasks: with the keyboard, or with a program that reads and writes JSON lines (--exec)");
  command->add_option("--project", options->project, "Only tasks of this project")->check(CLI::PositiveNumber);
  command->add_option("--count", options->count, "End after this many answers")->check(CLI::PositiveNumber);
  command->add_flag("--stop-when-idle,--once", options->stop_when_idle, "End when there is no more work");
  command->add_option("--idle-wait", options->idle_wait, "How long there must be none for that (2s)")
      ->type_name("TIME");
  command->add_option("--exec", options->exec, "The program and its arguments; those with a dash after --")
      ->type_name("PROGRAM")
      ->expected(1, CLI::detail::expected_max_vector_size);
  command->add_option("--parallel", options->parallel, "Run this many of the program (1)")
      ->check(CLI::Range(std::int64_t{1}, parallel_max));
  command->add_option("--task-time", options->task_time_max, "How long the program may take for a task")
      ->type_name("TIME");
  command->add_option("ARGUMENTS", options->arguments, "More arguments of the program, after --");
  command->callback([&program, options] { work(program, *options); });
}

}  // namespace

void add_commands(cli::Program& program) {
  add_projects(program);
  add_work(program);
  add_standing(program);
  add_earnings(program);
  add_payout_address(program);
}

}  // namespace tally::worker
