#include "tools/stack/broker_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tally::stack {
namespace {

using Clock = std::chrono::steady_clock;

std::runtime_error system_failure(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

struct Spawned {
  const char* const* arguments;
  int output;
  int log;
  pid_t parent;
};

// After the fork only what is safe in a child of a program with threads.
[[noreturn]] void become_broker(const Spawned& spawned) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // A session of its own: what is typed at the terminal ends us first, and we end the broker in order.
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != spawned.parent) _exit(125);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, STDIN_FILENO);
  dup2(spawned.output, STDOUT_FILENO);
  dup2(spawned.log, STDERR_FILENO);
  execv(spawned.arguments[0], const_cast<char* const*>(spawned.arguments));
  _exit(127);
}

int status_in(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BrokerProcess::BrokerProcess(BrokerConfig config)
    : config_(std::move(config)), main_port_(main_claim_.port()), enrolment_port_(enrolment_claim_.port()) {}

BrokerProcess::~BrokerProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  if (!wait_for_end(Clock::now() + config_.stop_max)) kill();
  close_output();
}

void BrokerProcess::spawn() {
  std::vector<std::string> words{
      config_.program.string(),   "--data",           config_.data.string(),          "--port",
      std::to_string(main_port_), "--enrolment-port", std::to_string(enrolment_port_)};
  words.insert(words.end(), config_.arguments.begin(), config_.arguments.end());
  std::vector<const char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);

  const int log = open(config_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) throw system_failure("cannot write " + config_.log.string());
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw system_failure("no pipe");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become_broker({arguments.data(), ends[1], log, parent});
  close(ends[1]);
  close(log);
  output_ = ends[0];
  if (child < 0) throw system_failure("cannot start " + config_.program.string());
  pid_ = child;
}

void BrokerProcess::start() {
  if (pid_ != 0) throw std::logic_error("the broker runs already");
  spawn();
  try {
    read_lines();
  } catch (...) {
    kill();
    throw;
  }
}

// Takes the lines of its output until it is ready.
void BrokerProcess::read_lines() {
  const auto until = Clock::now() + config_.start_max;
  std::string text;
  for (;;) {
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      const bool is_ready = take_line(text.substr(0, end));
      text.erase(0, end + 1);
      if (is_ready) return;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) throw std::runtime_error("the broker was not ready in time\n" + end_of_log());
    pollfd waiting{output_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 1000))) <= 0) continue;
    char chunk[4096];
    const ssize_t got = read(output_, chunk, sizeof chunk);
    if (got > 0) text.append(chunk, static_cast<std::size_t>(got));
    if (got == 0) throw std::runtime_error("the broker ended at its start\n" + end_of_log());
  }
}

bool BrokerProcess::take_line(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  if (word == "invitation:") words >> invitation_;
  if (word != "ready:") return false;
  const auto number_after = [](const std::string& text, const std::string& name) {
    if (!text.starts_with(name)) return 0;
    return std::atoi(text.c_str() + name.size());  // NOLINT(bugprone-unchecked-*): 0 is found out below
  };
  while (words >> word) {
    if (const int port = number_after(word, "main="); port != 0) main_port_ = port;
    if (const int port = number_after(word, "enrolment="); port != 0) enrolment_port_ = port;
  }
  if (main_port_ == 0 || enrolment_port_ == 0) throw std::runtime_error("the broker did not name its ports: " + line);
  return true;
}

void BrokerProcess::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  close_output();
}

void BrokerProcess::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  const bool ended = wait_for_end(Clock::now() + config_.stop_max);
  if (!ended) kill();
  close_output();
  if (!ended) throw std::runtime_error("the broker did not end in time after SIGTERM\n" + end_of_log());
  if (status_ != 0) {
    throw std::runtime_error("the broker ended with status " + std::to_string(status_) + "\n" + end_of_log());
  }
}

bool BrokerProcess::wait_for_end(Clock::time_point until) {
  while (is_running()) {
    if (Clock::now() >= until) return false;
    poll(nullptr, 0, 10);
  }
  return true;
}

void BrokerProcess::close_output() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

bool BrokerProcess::is_running() {
  if (pid_ == 0) return false;
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return true;
  status_ = status_in(status);
  pid_ = 0;
  return false;
}

std::int64_t BrokerProcess::resident_kib() const {
  std::istringstream status(text_of("/proc/" + std::to_string(pid_) + "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6);  // NOLINT(bugprone-unchecked-*)
  }
  return 0;
}

std::optional<pid_t> BrokerProcess::postmaster() const {
  std::istringstream file(text_of(config_.data / "postgres" / "data" / "postmaster.pid"));
  pid_t pid = 0;
  if (!(file >> pid) || pid <= 1) return std::nullopt;
  // A file that was left behind says nothing.
  const std::string name = text_of("/proc/" + std::to_string(pid) + "/comm");
  if (!name.starts_with("postgres")) return std::nullopt;
  return pid;
}

std::string BrokerProcess::end_of_log() const {
  const std::string text = text_of(config_.log);
  std::size_t from = text.size();
  for (int lines = 0; from > 0 && lines < 20; --from) {
    if (text[from - 1] == '\n' && from != text.size()) ++lines;
  }
  return text.substr(from);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::istringstream file(text_of("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children"));
  return {std::istream_iterator<pid_t>(file), {}};
}

}  // namespace tally::stack
