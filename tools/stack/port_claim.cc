#include "tools/stack/port_claim.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace tally::stack {
namespace {

constexpr int lowest = 10'000;

// The range that the system takes a client's own port from. A broker that is started again at a port of that range may
// find it taken by one of its own clients, which tried to connect meanwhile.
int first_client_port() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  int first = 32'768;
  file >> first;
  return first;
}

// A socket with this address; -1: it is taken.
template <class Address>
int bound(const Address& address, socklen_t size, int family) {
  const int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "no socket");
  if (bind(made, reinterpret_cast<const sockaddr*>(&address), size) == 0) return made;
  close(made);
  return -1;
}

bool is_free(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int probe = bound(address, sizeof address, AF_INET);
  if (probe >= 0) close(probe);
  return probe >= 0;
}

// By a local name that only one socket of the machine can have, and that ends with its process. -1: another has it.
int claim(int port) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "tally-port-" + std::to_string(port);
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // After a zero byte: no file is made.
  return bound(address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()), AF_UNIX);
}

}  // namespace

PortClaim::PortClaim() {
  const int ports = first_client_port() - lowest;
  if (ports < 100) return;
  // Most programs find one at the first look.
  static std::atomic<int> next{static_cast<int>(getpid() * 7L % ports)};
  for (int i = 0; i < ports; ++i) {
    const int port = lowest + (next++ % ports);
    claim_ = claim(port);
    if (claim_ < 0) continue;
    if (is_free(port)) {
      port_ = port;
      return;
    }
    close(claim_);
  }
  throw std::runtime_error("no port is free");
}

PortClaim::~PortClaim() {
  if (port_ != 0) close(claim_);
}

}  // namespace tally::stack
