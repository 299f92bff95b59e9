#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "broker/config.h"
#include "broker/core/core.h"
#include "broker/event_loop.h"
#include "tools/sim/environment.h"
#include "tools/sim/model_database.h"
#include "tools/sim/network.h"

namespace tally::sim {

// A broker that is started, killed, paused and started again: the real event loop with simulated hands. With its life
// ends all that it had in memory.
class BrokerProcess {
 public:
  struct World {
    Environment& environment;
    ModelDatabase& database;
    Network& network;
    const broker::Config& config;
    std::function<bool()> is_database_down;
    std::function<void(const std::string& code)> on_invitation;  // The first admin's.
  };

  // It takes the next number of the network.
  BrokerProcess(World world, std::string id);
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  // Begins to serve when the database answers. `wall_ahead`: of the machine's clock, against the true time.
  void start(Duration wall_ahead);
  void kill();
  void pause(Duration length);

  [[nodiscard]] bool is_up() const { return life_ != nullptr; }
  [[nodiscard]] const std::string& id() const { return id_; }
  // Null while it is not up.
  [[nodiscard]] const broker::EventLoop* loop() const;

 private:
  class Life;

  void try_to_start();
  void wake();
  void round();

  World world_;
  std::string id_;
  bool is_starting_ = false;
  Duration wall_ahead_;
  std::unique_ptr<Life> life_;
  std::uint64_t lives_ = 0;
  Time paused_until_;
  Time next_round_{never};
};

}  // namespace tally::sim
