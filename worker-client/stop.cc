#include "worker-client/stop.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/signalfd.h>
#include <unistd.h>

#include "worker-client/wire.h"

namespace tally::worker {
namespace {

constexpr Duration close_together{300};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ < 0) throw std::runtime_error(std::string("cannot listen for signals: ") + std::strerror(errno));
}

StopSignals::~StopSignals() {
  // What came since the last look is taken, so that it does not end the program on its last lines.
  static_cast<void>(requests());
  close(fd_);
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int StopSignals::requests() {
  signalfd_siginfo info{};
  while (read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const Time now = steady_now();
    if (requests_ > 0 && now < counted_ + close_together) continue;
    counted_ = now;
    ++requests_;
  }
  return requests_;
}

}  // namespace tally::worker
