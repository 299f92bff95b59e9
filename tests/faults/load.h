#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/net/client.h"
#include "tests/e2e/market.h"
#include "tests/faults/steady_worker.h"
#include "tools/stack/people.h"

namespace tally::faults {

// The project that the workers of these tests work on: three to five answers a task, two of which must agree.
[[nodiscard]] ProjectSpec loaded_spec();

// So many workers join, and there are more tasks than they get through in any of these tests.
[[nodiscard]] ProjectId staff(e2e::Market& market, std::size_t workers, const ProjectSpec& spec = loaded_spec());

// Who can say why workers wait in vain.
struct Witnesses {
  std::map<std::string, std::filesystem::path> logs;  // Of brokers, by name.
  std::function<std::string()> state;                 // Of what the brokers have, by their database; may be empty.
};

// Workers who go on and on, whatever happens. Stops with the object.
class Load {
 public:
  // `workers` and `network` outlive it. It begins at once.
  Load(const net::Network& network, ProjectId project, const std::vector<stack::Person>& workers, unsigned seed,
       Witnesses witnesses);
  Load(e2e::Market& market, ProjectId project)
      : Load(market.network, project, market.people, 1, {{{"broker", market.log_file()}}, {}}) {}

  [[nodiscard]] std::int64_t acknowledged() const { return heard_.acknowledged; }
  // Waits for so many acknowledgements more: the service goes on. Fails the test where they do not come within a minute
  // and a half, and then tells what the witnesses say, and keeps their logs; meanwhile `look` is called again and
  // again.
  void reach(
      std::int64_t more, const std::function<void()>& look = [] {}) const;
  // A few more, as many as chance has it.
  void reach_some(std::mt19937& dice) const { reach(1 + std::uniform_int_distribution<int>(0, 60)(dice)); }
  // Ends it, and gives everything that was acknowledged.
  std::set<AssignmentId> stop();
  // After stop(): from sending to acknowledgement, of each message with answers.
  [[nodiscard]] std::vector<stack::Latency> latencies() const;

 private:
  [[nodiscard]] std::string testimony() const;

  Heard heard_;
  Witnesses witnesses_;
  std::vector<std::unique_ptr<SteadyWorker>> workers_;
  std::unique_ptr<stack::Crowd> crowd_;
};

// What a fault came to, counted from outside of the broker.
struct Counts {
  std::int64_t acknowledged = 0;
  std::int64_t stored = 0;      // At least as many: some acknowledgements were lost on their way.
  std::int64_t lost = 0;        // Acknowledged and not stored.
  std::int64_t paid = 0;        // Answers.
  std::int64_t paid_twice = 0;  // More rewards on people's accounts than paid answers.
};

// Compares what was acknowledged with what is stored and paid, checks that nothing is lost, paid twice or wrong in the
// books, and prints one line: "fault 1: acknowledged 1200, ..., <what> <times>".
struct Audited {
  e2e::Market& market;
  ProjectId project;
  int fault = 0;
  std::string what;  // Of the fault, as "kills".
  std::int64_t times = 0;
};
Counts check_books(const Audited& audited, const std::set<AssignmentId>& acknowledged);

// The line of a test that counts other things.
void tell(int fault, const std::string& line);

}  // namespace tally::faults
