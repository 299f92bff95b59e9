#include "worker-client/exec_program.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace tally::worker {
namespace {

constexpr int ending_patience_ms = 1'000;

bool can_be_run(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && access(path.c_str(), X_OK) == 0;
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  explicit Pipe(int flags) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | flags) != 0) throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    if (read_end >= 0) close(read_end);
    if (write_end >= 0) close(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

int taken(int& fd) { return std::exchange(fd, -1); }

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// From here to exec only what is safe after a fork of a program with threads.
[[noreturn]] void run_in_child(char* const* arguments, int in, int out, int trouble, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  setpgid(0, 0);  // Ctrl-C in our terminal is for us to decide about.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  execv(arguments[0], arguments);
  const int why = errno;
  const ssize_t ignored = write(trouble, &why, sizeof why);
  static_cast<void>(ignored);
  _exit(127);
}

// What went wrong between fork and exec; 0 when the program runs.
int trouble_of(int fd) {
  int why = 0;
  ssize_t got = -1;
  do {
    got = read(fd, &why, sizeof why);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof why) ? why : 0;
}

}  // namespace

std::string find_program(const std::string& word) {
  if (word.find('/') != std::string::npos) {
    if (can_be_run(word)) return word;
    throw std::runtime_error("'" + word + "' is no program that can be run (missing, or not executable)");
  }
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!word.empty() && !folders.empty()) {
    const std::size_t end = folders.find(':');
    const std::string folder = folders.substr(0, end);
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + word;
    if (can_be_run(candidate)) return candidate;
    folders = end == std::string::npos ? "" : folders.substr(end + 1);
  }
  const bool has_blank = word.find(' ') != std::string::npos;
  throw std::runtime_error("there is no program '" + word + "'" +
                           (has_blank ? "; no shell is used, so write its arguments as words of their own"
                                      : "; a program in this folder is written ./" + word));
}

ExecProgram::ExecProgram(const std::vector<std::string>& command, std::size_t line_bytes_max)
    : line_bytes_max_(line_bytes_max) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  Pipe in(0);
  Pipe out(0);
  Pipe trouble(0);
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ < 0) throw std::runtime_error("cannot start " + words.front() + ": " + std::strerror(errno));
  if (child_ == 0) run_in_child(arguments.data(), in.read_end, out.write_end, trouble.write_end, parent);
  setpgid(child_, child_);  // Here too, so that it is true whoever of the two is first.
  close(taken(trouble.write_end));
  if (const int why = trouble_of(trouble.read_end); why != 0) {
    waitpid(child_, nullptr, 0);
    throw std::runtime_error("cannot start " + words.front() + ": " + std::strerror(why));
  }
  in_ = taken(in.write_end);
  out_ = taken(out.read_end);
  set_nonblocking(in_);
  set_nonblocking(out_);
}

ExecProgram::~ExecProgram() {
  close_input();
  close_output();
  if (!has_ended()) {
    kill_group(SIGKILL);
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
  }
}

void ExecProgram::kill_group(int signal) const { kill(-child_, signal); }

void ExecProgram::close_input() {
  if (in_ >= 0) close(taken(in_));
  to_write_.clear();
}

void ExecProgram::close_output() {
  if (out_ >= 0) close(taken(out_));
}

void ExecProgram::give(std::string_view line) {
  if (in_ < 0) return;
  to_write_.append(line);
  to_write_ += '\n';
  pump();
}

void ExecProgram::pump() {
  while (!to_write_.empty() && in_ >= 0) {
    const ssize_t wrote = write(in_, to_write_.data(), to_write_.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EAGAIN) return;
    if (wrote < 0) return close_input();  // It reads no more; what it says, or its end, will be heard.
    to_write_.erase(0, static_cast<std::size_t>(wrote));
  }
}

ExecProgram::Heard ExecProgram::hear() {
  using Kind = Heard::Kind;
  while (true) {
    if (const std::size_t end = read_.find('\n', looked_at_); end != std::string::npos) {
      if (end > line_bytes_max_) return {Kind::too_long, read_.substr(0, line_bytes_max_)};
      Heard heard{Kind::line, read_.substr(0, end)};
      read_.erase(0, end + 1);
      looked_at_ = 0;
      return heard;
    }
    looked_at_ = read_.size();
    if (read_.size() > line_bytes_max_) return {Kind::too_long, read_.substr(0, line_bytes_max_)};
    if (out_ < 0) return {Kind::ended, read_};
    // A program may end and leave its stdout open to a child of its own. Asked first: what it wrote before is read.
    const bool ended = has_ended();
    char chunk[64 * 1024];
    const ssize_t got = read(out_, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN && !ended) return {};
    if (got > 0) {
      read_.append(chunk, static_cast<std::size_t>(got));
    } else {
      close_output();
    }
  }
}

bool ExecProgram::has_ended() {
  if (status_) return true;
  int status = 0;
  const pid_t ended = waitpid(child_, &status, WNOHANG);
  if (ended == child_) status_ = status;
  if (ended < 0 && errno == ECHILD) status_ = 0;
  if (!status_) return false;
  kill_group(SIGKILL);  // What it started and left behind.
  return true;
}

void ExecProgram::wait_for_end(int patience_ms) {
  for (int waited = 0; !has_ended() && waited < patience_ms; waited += 10) poll(nullptr, 0, 10);
}

std::string ExecProgram::ending() {
  close_input();
  wait_for_end(ending_patience_ms);
  if (!has_ended()) {
    kill_group(SIGKILL);
    wait_for_end(ending_patience_ms);
    return "it closed its stdout and went on";
  }
  if (WIFSIGNALED(*status_)) {
    const char* name = strsignal(WTERMSIG(*status_));
    return "it was ended by signal " + std::to_string(WTERMSIG(*status_)) + " (" + (name == nullptr ? "" : name) + ")";
  }
  return "it ended with exit code " + std::to_string(WEXITSTATUS(*status_));
}

void ExecProgram::end(const std::vector<ExecProgram*>& programs, int patience_ms) {
  const auto all_ended = [&] {
    return std::all_of(programs.begin(), programs.end(), [](ExecProgram* program) { return program->has_ended(); });
  };
  const auto wait = [&] {
    for (int waited = 0; !all_ended() && waited < patience_ms; waited += 10) poll(nullptr, 0, 10);
  };
  for (ExecProgram* program : programs) {
    program->close_input();
    program->close_output();
  }
  wait();
  for (ExecProgram* program : programs) {
    if (!program->has_ended()) program->kill_group(SIGTERM);
  }
  wait();
  for (ExecProgram* program : programs) {
    if (!program->has_ended()) program->kill_group(SIGKILL);
  }
  wait();
}

}  // namespace tally::worker
