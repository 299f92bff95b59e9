#include "tools/sim/run_seed.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace tally::sim {
namespace {

using nlohmann::json;

std::string encoded(const Outcome& o) {
  return json{{"broken", o.broken.value_or("")},
              {"broken_at", o.broken_at.ms},
              {"digest", o.digest},
              {"simulated", o.simulated.ms},
              {"events", o.events},
              {"groups", o.groups},
              {"answers", o.answers},
              {"acknowledged", o.acknowledged},
              {"verdicts", o.verdicts},
              {"payouts", o.payouts},
              {"kills", o.kills},
              {"parts_compared", o.parts_compared}}
      .dump();
}

Outcome decoded(const json& from) {
  Outcome o;
  if (const std::string broken = from.at("broken"); !broken.empty()) o.broken = broken;
  o.broken_at.ms = from.at("broken_at");
  o.digest = from.at("digest");
  o.simulated.ms = from.at("simulated");
  o.events = from.at("events");
  o.groups = from.at("groups");
  o.answers = from.at("answers");
  o.acknowledged = from.at("acknowledged");
  o.verdicts = from.at("verdicts");
  o.payouts = from.at("payouts");
  o.kills = from.at("kills");
  o.parts_compared = from.at("parts_compared");
  return o;
}

// All that is written to it until its other end is closed.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return text;
    }
  }
}

// An assertion says where it failed on stderr, which goes the same way as the outcome.
[[noreturn]] void be_the_child(int out, const Options& options) {
  dup2(out, STDERR_FILENO);
  std::string text;
  try {
    text = "\n" + encoded(simulate(options));
  } catch (const std::exception& error) {
    text = error.what();
  }
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(out, text.data() + written, text.size() - written);
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  _exit(0);
}

}  // namespace

Outcome run_seed(const Options& options) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("there is no pipe for another process");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("there is no other process to be had");
  if (child == 0) be_the_child(ends[1], options);
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const std::size_t last_line = text.rfind('\n');
  const json outcome = json::parse(last_line == std::string::npos ? "" : text.substr(last_line + 1), nullptr, false);
  if (WIFEXITED(status) && outcome.is_object()) return decoded(outcome);
  Outcome died;
  died.broken = "assertion: " + text.substr(0, text.find('\n'));
  return died;
}

}  // namespace tally::sim
