#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/e2e/programs.h"

namespace tally::e2e {

// A program that runs while the test goes on. Killed with the object, if it has not ended.
class Background {
 public:
  // As ProgramUser::unbounded_command() gives it, so that killing it kills the program.
  explicit Background(const std::string& command) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const std::string line = "exec env " + command + " 2>&1 </dev/null";
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
    REQUIRE(child_ > 0);
  }
  ~Background() {
    kill();
    ::close(output_);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // SIGKILL; returns when it has ended.
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
  }

  // SIGTERM: it may put things in order; end() tells how it ended.
  void terminate() const { ::kill(child_, SIGTERM); }

  // How it ended, by itself, within a minute and a half.
  Ran end() {
    Ran ran;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    for (;;) {
      INFO("said until now: " << ran.said);
      REQUIRE(std::chrono::steady_clock::now() < until);
      pollfd one{output_, POLLIN, 0};
      if (::poll(&one, 1, 1'000) <= 0) continue;
      std::array<char, 4096> chunk{};
      const ssize_t got = ::read(output_, chunk.data(), chunk.size());
      if (got <= 0) break;
      ran.said.append(chunk.data(), static_cast<std::size_t>(got));
    }
    int status = 0;
    REQUIRE(::waitpid(std::exchange(child_, -1), &status, 0) > 0);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ran;
  }

 private:
  pid_t child_ = -1;
  int output_ = -1;
};

}  // namespace tally::e2e
