#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "common/cli/key_file.h"
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
  if (pipe == nullptr) throw std::runtime_error("no shell for: " + command);  // Catch2 checks in one thread only.
  for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
    ran.said.append(chunk.data(), got);
  }
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

// One word of a shell, whatever is in it.
inline std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// Statements that the owner of a private database's tables gives, who may do what the broker may not. What is selected:
// a line a row, columns between bars.
inline std::string owner_sql(const std::filesystem::path& data, const std::string& statements) {
  const std::string database = "host=" + (data / "postgres").string() + " user=tally_owner dbname=tally";
  Ran ran =
      run_shell("timeout 20 psql -X -q -A -t -v ON_ERROR_STOP=1 " + quoted(database) + " -c " + quoted(statements));
  INFO(ran.said);
  REQUIRE(ran.code == 0);
  while (ran.said.ends_with('\n')) ran.said.pop_back();
  return ran.said;
}
inline std::string owner_sql(const Market& market, const std::string& statements) {
  return owner_sql(market.folder.path() / "data", statements);
}

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
  // The line that lets somebody in.
  struct Invitation {
    std::string line;
  };
  ProgramUser(Market& market, Role role, const std::string& name, const std::string& folder)
      : ProgramUser(market, role,
                    Invitation{stack::must(market.admin->client(),
                                           Invite{stack::random_key(), role, name, std::nullopt, 3'600'000})
                                   .line},
                    folder) {}
  // With an invitation that somebody else has made.
  ProgramUser(const Market& market, Role role, const Invitation& invitation, const std::string& folder)
      : role_(role), home_(market.folder.path() / folder) {
    const Ran joined = tally("join " + quoted(invitation.line));
    INFO(joined.said);
    REQUIRE(joined.code == 0);
    key_ = cli::load_key_file(home_ / (std::string(name_of(role)) + ".toml")).value();
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
  // What they say without their program.
  [[nodiscard]] std::unique_ptr<net::BrokerClient> client(const Market& market) const {
    return std::make_unique<net::BrokerClient>(market.network, cli::conversation_config(key_), Duration{60'000});
  }
  [[nodiscard]] AccountId account() const { return key_.account; }
  [[nodiscard]] const std::filesystem::path& home() const { return home_; }

 private:
  [[nodiscard]] std::string with_home(const std::string& runner, const std::string& arguments) const {
    return "TALLY_HOME=" + quoted(home_) + " " + runner + quoted(program(cli::program_of(role_))) + " " + arguments;
  }

  Role role_;
  std::filesystem::path home_;
  cli::KeyFile key_;
};

}  // namespace tally::e2e
