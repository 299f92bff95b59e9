// tally-sim: a marketplace under faults, many times over, each from a seed. See docs/simulator.md.
#include <chrono>
#include <iostream>

#include "tools/sim/world.h"

int main(int argc, char** argv) {
  using namespace tally::sim;
  const std::uint64_t first = argc > 1 ? std::stoull(argv[1]) : 1;
  const std::uint64_t last = argc > 2 ? std::stoull(argv[2]) : first;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Options options;
    options.seed = seed;
    if (argc > 3) options.print = [](const std::string& line) { std::cout << line << "\n"; };
    const auto begin = std::chrono::steady_clock::now();
    const Outcome o = simulate(options);
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    std::cout << seed << " " << o.broken.value_or("fine") << " at " << o.broken_at.ms << " digest " << o.digest << " sim "
              << o.simulated.ms / 1000 << "s events " << o.events << " groups " << o.groups << " answers " << o.answers
              << "/" << o.acknowledged << " verdicts " << o.verdicts << " payouts " << o.payouts << " kills " << o.kills
              << " compared " << o.parts_compared << " in " << ms << " ms" << std::endl;
  }
}
