#pragma once

namespace tally::stack {

// A port of this machine that is free, and that no other program which claims ports takes while this object lives,
// whether somebody listens at it just now or not: a broker that is started again finds its own port free. Throws
// std::runtime_error where none is left.
class PortClaim {
 public:
  PortClaim();
  ~PortClaim();
  PortClaim(const PortClaim&) = delete;
  PortClaim& operator=(const PortClaim&) = delete;

  // 0: the system leaves no range of its own to choose from, and has to pick one itself.
  [[nodiscard]] int port() const { return port_; }

 private:
  int port_ = 0;
  int claim_ = -1;
};

}  // namespace tally::stack
