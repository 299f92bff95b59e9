// Fault 4: brokers that race for the same parts.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/faults/brokers.h"
#include "tests/faults/load.h"
#include "tests/support/comes_true.h"

namespace tally::faults {
namespace {

using test::comes_true;

constexpr std::chrono::seconds patience{60};

// A broker that is started beside the test, on a thread of its own because its start waits for its parts.
class Racer {
 public:
  Racer(const e2e::Market& market, const SharedDatabase& database, const std::string& name)
      : broker_(std::make_unique<SecondBroker>(market, database, name)), thread_([this] { run(); }) {}
  ~Racer() {
    over_.set_value();
    thread_.join();
  }
  Racer(const Racer&) = delete;
  Racer& operator=(const Racer&) = delete;

  [[nodiscard]] bool is_ready() const { return is_ready_; }
  [[nodiscard]] const SecondBroker& broker() const { return *broker_; }

 private:
  // The kernel ends the broker with the thread that started it.
  void run() {
    try {
      broker_->process().start();
    } catch (const std::runtime_error&) {
      return;
    }
    is_ready_ = true;
    over_.get_future().wait();
    broker_->process().kill();
  }

  std::unique_ptr<SecondBroker> broker_;
  std::atomic<bool> is_ready_{false};
  std::promise<void> over_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("of brokers that race for the same parts one serves, whoever it is, and the other when that one is gone",
          "[fault-4]") {
  const SharedDatabase database;
  e2e::Market market(database.arguments());
  const ProjectId project = staff(market, 6);
  Witnesses witnesses{{{"first", market.log_file()}}, [&database] { return database.state(); }};
  Load first(market.network, project, market.people, 1, witnesses);
  first.reach(50);

  std::optional<Racer> ann(std::in_place, market, database, "ann");
  std::optional<Racer> bob(std::in_place, market, database, "bob");
  first.reach(100);
  INFO("while the first lives, with its leases renewed, nobody else has a part");
  CHECK_FALSE(ann->is_ready());
  CHECK_FALSE(bob->is_ready());
  market.broker.kill();
  REQUIRE(comes_true([&] { return ann->is_ready() || bob->is_ready(); }, patience));
  auto& winner = ann->is_ready() ? ann : bob;
  auto& loser = ann->is_ready() ? bob : ann;
  std::set<AssignmentId> acknowledged = first.stop();
  witnesses.logs.emplace("ann", ann->broker().log_file());
  witnesses.logs.emplace("bob", bob->broker().log_file());
  {
    Load second(market.network, project, winner->broker().here(market.people), 100, witnesses);
    second.reach(100);
    CHECK_FALSE(loser->is_ready());
    acknowledged.merge(second.stop());
  }
  winner.reset();
  REQUIRE(comes_true([&] { return loser->is_ready(); }, patience));
  {
    Load third(market.network, project, loser->broker().here(market.people), 200, witnesses);
    third.reach(100);
    acknowledged.merge(third.stop());
  }
  loser.reset();
  market.broker.start();
  check_books({market, project, 4, "takeovers", 3}, acknowledged);
  database.check_one_writer_at_a_time();
}

}  // namespace tally::faults
