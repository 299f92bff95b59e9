#include "broker/storage/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::storage {
namespace {

// From here to exec only what is safe after a fork of a program with threads.
bool become(const ChildUser& user) {
  if (!user.change) return true;
  return setgroups(user.groups.size(), user.groups.data()) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2})
    signal(number, SIG_DFL);
}

[[noreturn]] void run_in_child(const ChildSpec& spec, char* const* arguments, char* const* environment, pid_t parent) {
  reset_signals();
  setsid();
  const int null = open("/dev/null", O_RDONLY);
  if (null >= 0) dup2(null, STDIN_FILENO);
  if (spec.output >= 0) {
    dup2(spec.output, STDOUT_FILENO);
    dup2(spec.output, STDERR_FILENO);
  }
  if (!become(spec.user)) _exit(126);
  if (spec.parent_death_signal != 0) {
    // After the change of user, which forgets it; and the parent may have ended before.
    prctl(PR_SET_PDEATHSIG, spec.parent_death_signal);
    if (getppid() != parent) _exit(125);
  }
  if (chdir(spec.folder.c_str()) != 0) _exit(124);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

int exit_status(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace

ChildUser child_user(const std::string& name_when_root) {
  ChildUser user;
  user.uid = geteuid();
  user.gid = getegid();
  if (user.uid != 0) {
    const passwd* self = getpwuid(user.uid);
    user.name = self != nullptr ? self->pw_name : std::to_string(user.uid);
    return user;
  }
  const passwd* found = getpwnam(name_when_root.c_str());
  if (found == nullptr) {
    throw std::runtime_error("PostgreSQL does not run as root, and there is no user '" + name_when_root +
                             "' to run it as: install PostgreSQL, or name another user");
  }
  user.name = name_when_root;
  user.uid = found->pw_uid;
  user.gid = found->pw_gid;
  user.change = true;
  if (user.uid == 0)
    throw std::runtime_error("PostgreSQL does not run as root: name another user than '" + user.name + "'");
  int count = 64;
  user.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(user.name.c_str(), user.gid, user.groups.data(), &count) < 0) count = 1, user.groups[0] = user.gid;
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

pid_t start_child(const ChildSpec& spec) {
  std::vector<std::string> environment{"LC_ALL=C", "PATH=/usr/bin:/bin", "HOME=" + spec.folder.string()};
  std::vector<std::string> command = spec.command;
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
  };
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> variables = pointers(environment);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot start " + spec.command.front() + ": " + std::strerror(errno));
  if (child == 0) run_in_child(spec, arguments.data(), variables.data(), parent);
  return child;
}

ChildResult run_child(ChildSpec spec) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
  spec.output = ends[1];
  const pid_t child = start_child(spec);
  close(ends[1]);
  ChildResult result;
  char chunk[4096];
  for (;;) {
    const ssize_t got = read(ends[0], chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    result.output.append(chunk, static_cast<std::size_t>(got));
    if (result.output.size() > std::size_t{128} * 1024)
      result.output.erase(0, result.output.size() - std::size_t{64} * 1024);
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = exit_status(status);
  return result;
}

std::optional<int> status_of(pid_t child) {
  int status = 0;
  const pid_t ended = waitpid(child, &status, WNOHANG);
  if (ended == child) return exit_status(status);
  if (ended < 0 && errno == ECHILD) return 0;
  return std::nullopt;
}

std::filesystem::path first_closed_folder(const ChildUser& user, const std::filesystem::path& path) {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path so_far;
  for (const auto& step : path) {
    so_far /= step;
    folders.push_back(so_far);
  }
  if (folders.size() > 100) throw std::runtime_error("the path " + path.string() + " is too deep");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("cannot fork: ") + std::strerror(errno));
  if (child == 0) {
    if (!become(user)) _exit(0);
    for (std::size_t i = 0; i < folders.size(); ++i) {
      if (access(folders[i].c_str(), X_OK) != 0) _exit(static_cast<int>(i + 1));
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int which = exit_status(status);
  return which >= 1 && which <= static_cast<int>(folders.size()) ? folders[static_cast<std::size_t>(which) - 1]
                                                                 : std::filesystem::path();
}

}  // namespace tally::storage
