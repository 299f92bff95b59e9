#include "tools/stack/bench_main.h"

#include <atomic>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "common/cli/arguments.h"

namespace tally::stack {
namespace {

std::atomic<bool> interrupted{false};

}  // namespace

int bench_main(CLI::App& app, BenchOptions& options, int argc, char** argv, const std::function<void()>& measure) {
  cli::set_help(app);
  app.add_flag("--json", options.json, "One line of JSON");
  app.add_option("--broker", options.broker, "The broker's program; without it, the one beside this one")
      ->check(CLI::ExistingFile);
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  std::signal(SIGPIPE, SIG_IGN);
  try {
    if (options.broker.empty()) {
      options.broker = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tally-broker";
    }
    measure();
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << app.get_name() << ": " << wrong.what() << "\n";
    return 1;
  }
}

void check_interrupted() {
  if (interrupted) throw std::runtime_error("interrupted");
}

}  // namespace tally::stack
