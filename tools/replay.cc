// tally-replay: real answers, handed in again. See scripts/replay.
#include "tools/stack/replay.h"

#include <atomic>
#include <charconv>
#include <cmath>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "common/cli/arguments.h"
#include "common/cli/safe_text.h"

namespace {

using namespace tally;

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void interrupt(int) { interrupted = true; }

std::string safe(const std::string& text) { return cli::safe_for_terminal(text, true); }

std::filesystem::path beside_ourselves(const char* program) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
}

struct Options {
  std::string set;
  std::string reward = "0.01";
  std::string max = "5";
  double theta = 0;
  double confidence = 0;
  double audit = static_cast<double>(audit_ppm_usual) / 1e6;
  double time_max = 900;
  bool quiet = false;
  stack::ReplayConfig config;
};

void add_options(CLI::App& app, Options& options) {
  stack::ReplayConfig& config = options.config;
  app.add_option("DIR", options.set, "Folder with answers.csv (task,worker,label) and truth.csv (task,label)")
      ->required();
  app.add_flag("--all", config.all, "Buy every recorded answer; verdicts must equal a vote straight from answers.csv");
  app.add_option("--min", config.redundancy.min, "Answers a task gets at first")->check(CLI::Range(1, redundancy_max));
  app.add_option("--max", options.max, "Answers a task gets at most, or 'all': as many as were recorded for any");
  app.add_option(
         "--theta", options.theta,
         "Answers are weighed by skill, and a task settles at this posterior, such as 0.99; all workers hand in "
         "in one order then")
      ->check(CLI::Range(0.5, 0.999999));
  app.add_option("--confidence", options.confidence,
                 "The same, but a task settles when this may be claimed of it, such as 0.95")
      ->check(CLI::Range(0.5, 0.999));
  app.add_option("--gold", config.gold, "So many tasks are posted with their truth; they count in cost alone");
  app.add_option("--audit", options.audit, "With --confidence, the share of tasks that go on for the audit")
      ->check(CLI::Range(0.0, 0.5));
  app.add_option("--quorum", config.redundancy.quorum, "Answers that must agree")->check(CLI::Range(1, redundancy_max));
  app.add_option("--field", config.field_type, "auto, choice, number or text");
  app.add_option("--reward", options.reward, "For one answer");
  app.add_option("--workers-max", config.workers_max, "Only the first so many workers of the set");
  app.add_option("--threads", config.threads, "That serve the workers")->check(CLI::Range(1, 64));
  app.add_option("--answers-max-in-flight", config.tasks_in_hand_max, "Tasks one worker holds at a time")
      ->check(CLI::Range(1, 100));
  app.add_option("--broker-kills", config.broker_kills, "kill -9 of the broker, so many times in between")
      ->check(CLI::Range(0, 10'000));
  app.add_option("--postgres-kills", config.postgres_kills, "The same of its PostgreSQL")->check(CLI::Range(0, 10'000));
  app.add_option("--seed", config.seed, "Order of the answers, and moments of the kills");
  app.add_option("--time-max", options.time_max, "Seconds after which to give up")->check(CLI::Range(1.0, 86'400.0));
  app.add_option("--broker", config.broker, "The broker's program; without it, the one beside this one");
  app.add_option("--data", config.data, "The broker's folder, new; without it, a temporary one");
  app.add_flag("--keep", config.keep, "Leave the temporary folder");
  app.add_flag("--quiet", options.quiet, "No progress on stderr");
}

// 0: it is not a number of answers that can be asked for.
std::int32_t answers_from(const std::string& text) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && number >= 1 && number <= redundancy_max ? number : 0;
}

// Empty: the options are fine.
std::string complete(Options& options) {
  stack::ReplayConfig& config = options.config;
  const auto reward = micros_from(options.reward);
  if (!reward || reward->value < 1) return "--reward takes an amount such as 0.01";
  config.reward = *reward;
  config.max_all = options.max == "all";
  config.redundancy.max = config.max_all ? redundancy_max : answers_from(options.max);
  if (config.redundancy.max == 0) return "--max takes 1 to " + std::to_string(redundancy_max) + ", or all";
  config.redundancy.theta_ppm = std::llround(options.theta * 1e6);
  config.redundancy.confidence_ppm = std::llround(options.confidence * 1e6);
  if (options.confidence > 0) config.redundancy.audit_ppm = std::llround(options.audit * 1e6);
  if (options.theta > 0 && options.confidence > 0) return "--theta or --confidence, not both";
  config.in_order = config.redundancy.is_by_skill();
  if (config.redundancy.min > config.redundancy.max) return "--min is above --max";
  if (config.redundancy.quorum > config.redundancy.max) return "--quorum is above --max";
  if (config.broker.empty()) config.broker = beside_ourselves("tally-broker");
  if (!std::filesystem::exists(config.broker)) return "there is no broker at " + config.broker.string();
  config.time_max_ms = static_cast<std::int64_t>(options.time_max * 1000);
  return "";
}

int fail(int code, const std::string& text) {
  std::cerr << "tally-replay: " << safe(text) << "\n";
  return code;
}

int run(Options& options) {
  if (const std::string wrong = complete(options); !wrong.empty()) return fail(2, wrong);
  auto loaded = stack::load_recorded_set(options.set);
  if (!loaded) return fail(2, loaded.error());
  const auto set = stack::with_workers_max(std::move(loaded).value(), options.config.workers_max);
  const auto field = stack::label_field(set, options.config.field_type);
  if (!field) return fail(2, field.error());

  std::ostream nowhere(nullptr);
  const auto report = stack::replay(options.config, set, *field, options.quiet ? nowhere : std::cerr, interrupted);
  for (const std::string& wrong : report.findings.wrong) std::cerr << "wrong: " << safe(wrong) << "\n";
  if (report.audit != "clean") std::cerr << "audit: " << safe(report.audit) << "\n";
  std::cout << stack::to_json(report) << std::endl;
  return report.is_fine() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Posts a set of recorded answers to a broker of its own and lets every recorded worker answer again.",
               "tally-replay");
  cli::set_help(app);
  add_options(app, options);
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  try {
    return run(options);
  } catch (const std::exception& wrong) {
    return fail(1, wrong.what());
  }
}
