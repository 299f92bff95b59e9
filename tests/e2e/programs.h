#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "tests/e2e/market.h"

// The client programs, as a shell runs them.
namespace tally::e2e {

struct Ran {
  int code = -1;
  std::string said;  // stdout and stderr.
};

// One command of a shell. Whatever it runs must be bounded in time by itself.
inline Ran run_shell(const std::string& command) {
  std::array<char, 4096> chunk{};
  Ran ran;
  FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
    ran.said.append(chunk.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

inline std::string quoted(const std::filesystem::path& path) { return '\'' + path.string() + '\''; }

// A file in the market's folder; its path.
inline std::filesystem::path write_file(const std::filesystem::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  REQUIRE(out);
  return path;
}

// Somebody with a home of their own, who has joined with the program of their role.
class ProgramUser {
 public:
  ProgramUser(Market& market, Role role, const std::string& name, const std::string& folder)
      : program_(role == Role::worker ? "tally-worker" : "tally-requester"), home_(market.folder.path() / folder) {
    const Invited invited =
        stack::must(market.admin->client(), Invite{stack::random_key(), role, name, std::nullopt, 3'600'000});
    account_ = invited.account;
    const Ran joined = tally("join '" + invited.line + "'");
    INFO(joined.said);
    REQUIRE(joined.code == 0);
  }

  // For a shell; ended by the signal when it takes longer.
  [[nodiscard]] std::string command(const std::string& arguments, const std::string& signal = "TERM",
                                    int seconds = 90) const {
    return with_home("timeout -s " + signal + " " + std::to_string(seconds) + " ", arguments);
  }
  // For who ends it by themselves.
  [[nodiscard]] std::string unbounded_command(const std::string& arguments) const { return with_home("", arguments); }
  [[nodiscard]] Ran tally(const std::string& arguments) const { return run_shell(command(arguments)); }
  // The same with a terminal to write to.
  [[nodiscard]] Ran tally_on_terminal(const std::string& arguments) const {
    const std::filesystem::path script = write_file(home_ / "command.sh", command(arguments) + "\n");
    return run_shell("TERM=dumb script -qec 'sh " + script.string() + "' /dev/null </dev/null");
  }
  [[nodiscard]] AccountId account() const { return account_; }
  [[nodiscard]] const std::filesystem::path& home() const { return home_; }

 private:
  [[nodiscard]] std::string with_home(const std::string& runner, const std::string& arguments) const {
    return "TALLY_HOME=" + quoted(home_) + " " + runner + quoted(program(program_)) + " " + arguments;
  }

  std::string program_;
  std::filesystem::path home_;
  AccountId account_;
};

}  // namespace tally::e2e
