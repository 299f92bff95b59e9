#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tally::faults {

// A link between clients and a broker that holds bytes back and cuts connections at random, in the middle of a message
// or of a handshake as it may be. It forwards TCP from a port of its own until the object ends.
class FlakyLink {
 public:
  FlakyLink(int to_port, unsigned seed);
  ~FlakyLink();
  FlakyLink(const FlakyLink&) = delete;
  FlakyLink& operator=(const FlakyLink&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::int64_t cuts() const { return cuts_; }

 private:
  struct Pair;
  void run();
  void accept_one(std::vector<std::unique_ptr<Pair>>& pairs);
  bool forward(Pair& pair);

  int to_port_;
  int listener_ = -1;
  int port_ = 0;
  std::mt19937 dice_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::int64_t> cuts_{0};
  std::thread thread_;
};

}  // namespace tally::faults
