#include "broker/storage/postmaster.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <libpq-fe.h>

#include "broker/storage/stray_postgres.h"

namespace tally::storage {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto look_every = 20ms;
// Between its end and the next start.
constexpr std::chrono::milliseconds first_delay = 100ms;
constexpr std::chrono::milliseconds longest_delay = 10s;

std::optional<int> wait_for_end(pid_t child, std::chrono::milliseconds at_most) {
  const auto until = Clock::now() + at_most;
  for (;;) {
    if (const auto status = status_of(child)) return status;
    if (Clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(10ms);
  }
}

std::string end_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::int64_t>(file.tellg());
  file.seekg(std::max<std::int64_t>(0, size - 4096));
  std::ostringstream text;
  text << file.rdbuf();
  return last_lines(text.str(), 8);
}

}  // namespace

std::string last_lines(std::string_view text, std::size_t count) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t from = text.size();
  for (; count > 0 && from != std::string_view::npos; --count)
    from = from == 0 ? std::string_view::npos : text.rfind('\n', from - 1);
  return std::string(from == std::string_view::npos ? text : text.substr(from + 1));
}

Postmaster::Postmaster(Config config) : config_(std::move(config)), keeper_([this] { keep(); }) {}
Postmaster::~Postmaster() { stop(); }

void Postmaster::stop() {
  stopping_ = true;
  if (keeper_.joinable()) keeper_.join();
}

void Postmaster::wait_until_ready() {
  auto next_line = Clock::now() + 10s;
  while (!failed_) {
    if (PQping(config_.probe.c_str()) == PQPING_OK) {
      ready_once_ = true;
      return;
    }
    // Recovery after a crash may take minutes: it is told, and never cut short.
    if (Clock::now() > next_line && config_.log) {
      config_.log("event=waiting_for_postgres log=" + config_.log_file.string());
      next_line += 10s;
    }
    std::this_thread::sleep_for(look_every);
  }
  throw std::runtime_error("PostgreSQL did not start (status " + std::to_string(status_) + "); the end of " +
                           config_.log_file.string() + ":\n" + end_of_file(config_.log_file));
}

void Postmaster::keep() {
  auto delay = first_delay;
  while (!stopping_) {
    const Run run = run_once();
    if (stopping_) return;
    if (!ready_once_) {
      if (config_.log) config_.log("event=postgres_not_started why=\"" + run.end + '"');
      failed_ = true;
      return;
    }
    // Slower and slower only while it does not even start.
    if (run.answered) delay = first_delay;
    if (config_.log) config_.log("event=postgres_died why=\"" + run.end + "\" action=restart");
    for (auto waited = 0ms; waited < delay && !stopping_; waited += look_every) std::this_thread::sleep_for(look_every);
    delay = std::min(2 * delay, longest_delay);
  }
}

// From its start to its end; or to ours, in which it ends too.
Postmaster::Run Postmaster::run_once() {
  Run run;
  try {
    // Children of the one before may outlive it for a moment, and must not share the data with the next.
    if (ready_once_) end_postgres_in(config_.data, config_.log);
    start();
  } catch (const std::exception& error) {
    run.end = error.what();
    return run;
  }
  while (!stopping_) {
    if (const auto status = status_of(child_)) {
      status_ = *status;
      run.end = "status " + std::to_string(*status);
      return run;
    }
    if (!run.answered) run.answered = PQping(config_.probe.c_str()) == PQPING_OK;
    std::this_thread::sleep_for(look_every);
  }
  end();
  return run;
}

void Postmaster::start() {
  std::error_code ignored;
  // No server of this folder runs (the caller made sure), so both files are left over. Their number may be another
  // process's by now, for which PostgreSQL would not start.
  std::filesystem::remove(config_.data / "postmaster.pid", ignored);
  std::filesystem::remove(config_.socket_lock, ignored);
  if (std::filesystem::file_size(config_.log_file, ignored) > (std::uintmax_t{16} << 20U) && !ignored) {
    std::filesystem::rename(config_.log_file, config_.log_file.string() + ".old", ignored);
  }
  const int log = open(config_.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log < 0) throw std::runtime_error("cannot write " + config_.log_file.string() + ": " + std::strerror(errno));
  ChildSpec spec{config_.user, config_.command, config_.data, log, SIGINT};
  child_ = start_child(spec);
  close(log);
}

void Postmaster::end() {
  struct Step {
    int signal;
    std::chrono::milliseconds wait;
  };
  // Fast, immediate, by force: each is safe for what was committed; the first also spares the next start a recovery.
  for (const Step& step : {Step{SIGINT, 60s}, Step{SIGQUIT, 10s}, Step{SIGKILL, 10s}}) {
    kill(child_, step.signal);
    if (wait_for_end(child_, step.wait)) return;
  }
}

}  // namespace tally::storage
