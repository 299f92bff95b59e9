#pragma once

#include <filesystem>
#include <functional>

#include <CLI/CLI.hpp>

// What the programs that measure whole stacks have in common.
namespace tally::stack {

struct BenchOptions {
  bool json = false;
  std::filesystem::path broker;
};

// main(): parses the arguments, those of every bench among them, and runs `measure`. SIGINT and SIGTERM end it where it
// next asks for them, so that it leaves nothing behind; what goes wrong is told in one line, by the app's name.
[[nodiscard]] int bench_main(CLI::App& app, BenchOptions& options, int argc, char** argv,
                             const std::function<void()>& measure);

// Throws std::runtime_error once a signal came.
void check_interrupted();

}  // namespace tally::stack
