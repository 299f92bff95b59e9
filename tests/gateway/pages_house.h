#pragma once

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "gateway/gateway.h"
#include "tests/e2e/market.h"
#include "tests/gateway/browser.h"

// A real broker, and a gateway to it that runs in a thread of this process.
namespace tally::gateway::testing {

class PagesHouse {
 public:
  PagesHouse() {
    gateway_ = stack::join(market.network, invite(Role::gateway, "pages").line, "pages");
    start();
  }
  ~PagesHouse() { stop(); }
  PagesHouse(const PagesHouse&) = delete;
  PagesHouse& operator=(const PagesHouse&) = delete;

  void start() {
    io_ = std::make_unique<boost::asio::io_context>(1);
    served_ = std::make_unique<Gateway>(*io_, market.network, gateway_.config, config());
    served_->start();
    port = served_->port();
    thread_ = std::thread([this] { io_->run(); });
  }
  void stop() {
    if (!served_) return;
    boost::asio::post(*io_, [this] { served_->stop([this] { io_->stop(); }); });
    thread_.join();
    served_.reset();
    io_.reset();
  }

  Invited invite(Role role, const std::string& name) {
    return stack::must(market.admin->client(), Invite{stack::random_key(), role, name, {}, 3'600'000});
  }
  // Another browser for somebody who has an account.
  Invited invite_again(AccountId account) {
    return stack::must(market.admin->client(), Invite{stack::random_key(), Role::worker, {}, account, 3'600'000});
  }
  // A browser in which somebody new has signed in.
  Browser somebody(Role role, const std::string& name = "Ann") {
    Browser browser(port);
    const Answer answer = browser.sign_in(invite(role, name).line);
    if (answer.status != 200) throw std::runtime_error("sign-in: " + answer.body);
    return browser;
  }
  Browser of_requester() {
    Browser browser(port);
    if (browser.sign_in(invite_again(market.requester.account).line).status != 200) throw std::runtime_error("sign-in");
    return browser;
  }

  e2e::Market market;
  int port = 0;

 private:
  GatewayConfig config() const {
    GatewayConfig config;
    config.api.gateway_key = gateway_.config.keys.secret_key;
    config.api.sign_ins_per_minute = 1'000;
    config.events.ask_every = std::chrono::milliseconds(20);
    return config;
  }

  stack::Person gateway_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Gateway> served_;
  std::thread thread_;
};

// One for all tests of the file that do not break it.
inline PagesHouse& shared_house() {
  static PagesHouse house;
  return house;
}

}  // namespace tally::gateway::testing
