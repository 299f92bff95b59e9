#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/market.h"

namespace tally::e2e {

// One market for all tests that leave its broker as they found it: each has people and projects of its own. Ends with
// the process.
inline Market& shared_market() {
  static Market market;
  return market;
}

// A worker whom nobody knew before.
inline stack::Person new_worker(Market& market) {
  return market.admin->enrol(Role::worker, std::vector<std::string>{"Wim"}).at(0);
}
inline std::unique_ptr<net::BrokerClient> client_of(Market& market, const stack::Person& person) {
  return std::make_unique<net::BrokerClient>(market.network, person.config, Duration{60'000});
}

}  // namespace tally::e2e
