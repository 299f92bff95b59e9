#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "common/cli/key_file.h"
#include "common/net/client.h"
#include "schemas/refusals.h"
#include "schemas/roles.h"

// What the client programs have in common: their options, their connection, their exit codes.
namespace tally::cli {

// 0: done. 1: the broker refused, or what was checked is wrong. 2: wrong arguments or files. 3: the broker cannot be
// reached.
enum ExitCode { exit_done = 0, exit_refused = 1, exit_usage = 2, exit_unreachable = 3 };

// Ends a command: the text goes to stderr (made safe for the terminal), the code to the shell.
struct Failure {
  int code = exit_usage;
  std::string text;
};
// The refusal's detail, and what to do where the code alone tells it.
[[noreturn]] void fail(const Refusal& refusal);
[[noreturn]] void fail_usage(std::string text);

// A program with subcommands; adds --profile, --wait (how long to try to reach the broker) and `join LINE`.
class Program {
 public:
  Program(std::string name, std::string about, Role role);
  ~Program();

  // To add subcommands to; their callbacks may throw Failure and use client().
  [[nodiscard]] CLI::App& app() { return app_; }
  // Of the profile; connects on first use. Fails with the way out when there is no key file.
  [[nodiscard]] net::BrokerClient& client();
  [[nodiscard]] const KeyFile& key_file();
  [[nodiscard]] const net::Network& network();
  // What --wait says: how long to go without a connection. For those who use client().conversation() by themselves.
  [[nodiscard]] Duration wait() const;

  // Asks, or fails with the refusal.
  template <class M>
  typename M::Reply ask(M message) {
    auto reply = client().ask(std::move(message));
    if (!reply) fail(reply.error());
    return std::move(reply).value();
  }

  // Parses and runs; the exit code for main(). Nothing is thrown.
  int run(int argc, const char* const* argv);

 private:
  void join_now();

  struct Impl;
  CLI::App app_;
  std::unique_ptr<Impl> impl_;
};

// A key for a command that must not be carried out twice: random, 32 hex digits.
[[nodiscard]] std::string new_command_key();

}  // namespace tally::cli
