// tally-demo: simulated people for the batch that the real requester's program has posted. See scripts/demo.
#include "tools/stack/demo.h"

#include <atomic>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "common/cli/arguments.h"
#include "common/cli/key_file.h"
#include "common/cli/safe_text.h"

namespace {

using namespace tally;

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void interrupt(int) { interrupted = true; }

int fail(int code, const std::string& text) {
  std::cerr << "tally-demo: " << cli::safe_for_terminal(text, true) << "\n";
  return code;
}

stack::Person person_of(const std::string& profile) {
  const auto file = cli::load_key_file(cli::key_file_path(profile));
  if (!file) throw std::runtime_error(file.error());
  return {file->account, file->display_name, cli::conversation_config(*file)};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Lets simulated workers answer the newest project of the profile 'requester'.", "tally-demo");
  cli::set_help(app);
  stack::DemoConfig config;
  std::string truth;
  app.add_option("TRUTH.csv", truth, "CSV of two columns: the item's first column, and its right answer")->required();
  app.add_option("--workers", config.workers, "How many, of mixed kinds")
      ->capture_default_str()
      ->check(CLI::Range(3, 1000));
  app.add_option("--seed", config.seed, "Of their mistakes")->capture_default_str();
  app.add_option("--pace", config.pace, "2: twice as fast; 0: nobody stops to think")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1000.0));
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  try {
    auto known = stack::load_truth(truth);
    if (!known) return fail(2, known.error());
    config.truth = std::move(known).value();
    stack::run_demo(config, person_of("admin"), person_of("requester"), std::cout, std::cerr, interrupted);
    return 0;
  } catch (const std::exception& wrong) {
    // Whoever interrupted it knows why it failed; the code is a shell's.
    return interrupted ? 128 + SIGINT : fail(1, wrong.what());
  }
}
