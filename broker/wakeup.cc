#include "broker/wakeup.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace tally::broker {

Wakeup::Wakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "no event descriptor");
}
Wakeup::~Wakeup() { close(fd_); }

void Wakeup::notify() const {
  const std::uint64_t one = 1;
  // Full only when it is readable already.
  static_cast<void>(write(fd_, &one, sizeof one) == 0);
}

void Wakeup::clear() const {
  std::uint64_t count = 0;
  static_cast<void>(read(fd_, &count, sizeof count) == 0);
}

}  // namespace tally::broker
