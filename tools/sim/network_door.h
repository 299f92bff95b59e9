#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "broker/transport/door.h"
#include "tools/sim/network.h"

namespace tally::sim {

// A broker's door to the simulated network; it ends with the broker's life, and forgets what was not received.
class NetworkDoor final : public transport::Door {
 public:
  explicit NetworkDoor(Network& network) : network_(network) {}

  void deliver(const Envelope& envelope);

  [[nodiscard]] int port() const override { return 7700; }
  void admit(const std::string& key) override { keys_.insert(key); }
  void expel(const std::string& key) override { keys_.erase(key); }
  void all_keys_admitted() override {}
  std::optional<transport::Incoming> receive() override;
  void send(std::uint64_t channel, std::uint64_t request_id, const Reply& reply) override;

 private:
  Network& network_;
  std::deque<Envelope> arrived_;
  std::set<std::string> keys_;
};

}  // namespace tally::sim
