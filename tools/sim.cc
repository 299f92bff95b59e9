// tally-sim: a marketplace under faults, many times over, each from a seed. See docs/simulator.md.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/base/planted.h"
#include "common/cli/arguments.h"
#include "tools/sim/run_seed.h"

namespace {

using namespace tally;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 200;
  double hours = 1.0 / 6;
  std::string bug;
  bool list_bugs = false;
  bool stop = false;
  bool trace = false;
  bool json = false;
};

// What all seeds came to.
struct Sum {
  std::int64_t seeds = 0, broken = 0, answers = 0, acknowledged = 0, kills = 0, parts_compared = 0;
  std::int64_t simulated_ms = 0;
  std::uint64_t digest = 0;
  std::uint64_t first_broken = 0;
};

void add(Sum& sum, const sim::Outcome& outcome, std::uint64_t seed) {
  ++sum.seeds;
  sum.answers += outcome.answers;
  sum.acknowledged += outcome.acknowledged;
  sum.kills += outcome.kills;
  sum.parts_compared += outcome.parts_compared;
  sum.simulated_ms += outcome.simulated.ms;
  sum.digest = sum.digest * 31 + outcome.digest;
  if (outcome.broken && sum.broken++ == 0) sum.first_broken = seed;
}

std::string command_for(const Arguments& arguments, std::uint64_t seed) {
  std::string command = "tally-sim --first " + std::to_string(seed) + " --seeds 1";
  if (arguments.hours != Arguments().hours) command += " --hours " + std::to_string(arguments.hours);
  if (!arguments.bug.empty()) command += " --bug " + arguments.bug;
  return command + " --trace";
}

void report(const Arguments& arguments, std::uint64_t seed, const sim::Outcome& outcome) {
  if (!outcome.broken) return;
  std::cerr << "seed " << seed << ": " << *outcome.broken << "\n  again: " << command_for(arguments, seed) << "\n";
}

void print(const Arguments& arguments, const Sum& sum, double cpu_seconds) {
  const double hours = static_cast<double>(sum.simulated_ms) / 3'600'000;
  if (arguments.json) {
    std::cout << nlohmann::json{{"seeds", sum.seeds},
                                {"broken", sum.broken},
                                {"first_broken", sum.first_broken},
                                {"bug", arguments.bug},
                                {"answers", sum.answers},
                                {"acknowledged", sum.acknowledged},
                                {"kills", sum.kills},
                                {"parts_compared", sum.parts_compared},
                                {"simulated_hours", hours},
                                {"seconds", cpu_seconds},
                                {"digest", sum.digest}}
              << "\n";
    return;
  }
  std::cout << sum.seeds << " seeds, " << sum.broken << " broken; " << sum.answers << " answers, " << sum.kills
            << " kills, " << sum.parts_compared << " parts compared with what is stored; " << hours
            << " simulated hours in " << cpu_seconds << " s; digest " << sum.digest << "\n";
}

// Empty: the bug is planted, or none is asked for.
std::string plant_bug(const std::string& name) {
  if (name.empty()) return "";
  const auto bug = bug_from(name);
  if (!bug) return "there is no bug '" + name + "'; --list-bugs shows them";
  if (!can_plant) return "this build has no bugs to plant; scripts/sim-bugs makes one that has";
  plant(*bug);
  return "";
}

int run(const Arguments& arguments) {
  if (arguments.list_bugs) {
    for (const std::string_view name : bug_names) std::cout << name << "\n";
    return 0;
  }
  if (const std::string wrong = plant_bug(arguments.bug); !wrong.empty()) {
    std::cerr << "tally-sim: " << wrong << "\n";
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  Sum sum;
  for (std::uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
    sim::Options options;
    options.seed = seed;
    options.length = Duration{static_cast<std::int64_t>(arguments.hours * 3'600'000)};
    if (arguments.trace) options.print = [](const std::string& line) { std::cout << line << std::endl; };
    const sim::Outcome outcome = sim::run_seed(options);
    add(sum, outcome, seed);
    report(arguments, seed, outcome);
    if (outcome.broken && arguments.stop) break;
  }
  print(arguments, sum, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return sum.broken == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs whole marketplaces under faults, each from a seed, in virtual time, and says what was broken.",
               "tally-sim");
  cli::set_help(app);
  app.add_option("--seeds", arguments.seeds, "How many, one after the other")->check(CLI::Range(1, 1'000'000'000));
  app.add_option("--first", arguments.first, "The first of them");
  app.add_option("--hours", arguments.hours, "Of faults in each; then everything has to come to rest")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--bug", arguments.bug, "Plant this bug, in a build that has them");
  app.add_flag("--list-bugs", arguments.list_bugs, "What can be planted");
  app.add_flag("--stop", arguments.stop, "At the first seed that is broken");
  app.add_flag("--trace", arguments.trace, "Print what happens");
  app.add_flag("--json", arguments.json, "One line of JSON");
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "tally-sim: " << error.what() << "\n";
    return 1;
  }
}
