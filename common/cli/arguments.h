#pragma once

#include <optional>

#include <CLI/CLI.hpp>

// The command line of every program: help texts and mistakes read alike.
namespace tally::cli {

// Help texts of this app, and of the subcommands added to it from now on: placeholders without the names of C++ types,
// bounds and defaults in words.
void set_help(CLI::App& app);

// Parses the arguments of a program. A code: main() is to end with it, because of --help, --version or arguments that
// are wrong, which is said. What callbacks of the app throw goes through.
[[nodiscard]] std::optional<int> parse(CLI::App& app, int argc, const char* const* argv);

}  // namespace tally::cli
