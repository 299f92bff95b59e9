// tally-bench-end-to-end: a broker with its own PostgreSQL at full durability, driven over CURVE by clients in this
// process. One line of JSON for each figure. docs/performance.md says what they mean; scripts/bench runs it.
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/cli/arguments.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/crowd.h"
#include "tools/stack/open_loop_worker.h"
#include "tools/stack/people.h"
#include "tools/stack/project_run.h"
#include "tools/stack/simulated_worker.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Json = nlohmann::ordered_json;

std::atomic<bool> interrupted{false};

struct Options {
  std::vector<std::size_t> workers{1, 100, 1000};
  std::vector<std::int64_t> tasks{10'000, 1'000'000};
  double seconds = 10;
  double warm_up = 2;
  double share = 0.5;  // Of the throughput, in the open loop.
  std::size_t threads = 1;
  std::int64_t tasks_at_hand = 100'000;  // Posted for each measurement.
  bool without_speed = false;
  bool without_memory = false;
  std::filesystem::path broker;
};

AnswerValues answer_yes(const TaskOffer&) { return stack::bench_answer(); }

std::vector<Item> items_of_bench(std::int64_t count) {
  std::vector<Item> items;
  items.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) items.push_back(stack::bench_item(i));
  return items;
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }
milliseconds in_ms(double seconds) { return milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

void check_interrupted() {
  if (interrupted) throw std::runtime_error("interrupted");
}

// A broker of one's own with an admin and a requester; each measurement has its own project.
class Stack {
 public:
  explicit Stack(const Options& options)
      : folder_("tally-bench"),
        broker_({.program = options.broker, .data = folder_.path() / "data", .log = folder_.path() / "broker.log"}) {
    broker_.start();
    admin_ = std::make_unique<stack::Admin>(network_, stack::join(network_, broker_.invitation(), "first admin"));
    const std::vector<std::string> names{"requester"};
    const auto requester = admin_->enrol(Role::requester, names).front();
    admin_->deposit(requester.account, Micros{1'000'000'000'000});
    requester_ = std::make_unique<net::BrokerClient>(network_, requester.config);
  }

  ProjectId post(std::int64_t count) {
    return stack::post_project(*requester_, stack::bench_spec({1, 1, 1}), items_of_bench(count), 0);
  }
  std::vector<stack::Person> workers(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("worker " + std::to_string(++workers_));
    return admin_->enrol(Role::worker, names);
  }
  [[nodiscard]] std::int64_t resident_kib() const { return broker_.resident_kib(); }
  [[nodiscard]] const net::Network& network() const { return network_; }
  void stop() {
    admin_.reset();
    requester_.reset();
    broker_.stop();
  }

 private:
  stack::TemporaryFolder folder_;
  stack::BrokerProcess broker_;
  net::Network network_;
  std::unique_ptr<stack::Admin> admin_;
  std::unique_ptr<net::BrokerClient> requester_;
  std::size_t workers_ = 0;
};

void print(const Json& line) { std::cout << line.dump() << std::endl; }

// Lets a crowd run for a time; stops early when it is over.
void run_for(const stack::Crowd& crowd, milliseconds time) {
  const auto until = Clock::now() + time;
  while (Clock::now() < until && !crowd.is_over()) {
    check_interrupted();
    std::this_thread::sleep_for(milliseconds(5));
  }
}

// Closed loop: each worker hands in an answer and gets the next task with the reply. Answers a second.
double throughput(Stack& stack, const Options& options, const std::vector<stack::Person>& people) {
  const ProjectId project = stack.post(options.tasks_at_hand);
  std::atomic<std::int64_t> answers{0};
  std::vector<std::unique_ptr<stack::SimulatedWorker>> workers;
  std::vector<stack::Crowd::Place> places;
  for (const auto& person : people) {
    workers.push_back(std::make_unique<stack::SimulatedWorker>(
        stack::SimulatedWorker::Config{.project = project, .answer = answer_yes, .thinks = {}, .answers = &answers}));
    places.push_back({workers.back().get(), person.config});
  }
  stack::Crowd crowd(stack.network(), places, options.threads);
  while (answers == 0 && !crowd.is_over()) run_for(crowd, milliseconds(10));
  run_for(crowd, in_ms(options.warm_up));
  const auto begin = Clock::now();
  const std::int64_t before = answers;
  run_for(crowd, in_ms(options.seconds));
  const std::int64_t counted = answers - before;
  const double rate = static_cast<double>(counted) / seconds_since(begin);
  const bool ran_dry = answers + std::ssize(people) > options.tasks_at_hand;
  crowd.stop();
  print({{"figure", "answers_per_second"},
         {"workers", people.size()},
         {"answers", counted},
         {"per_second", std::llround(rate)},
         {"broker_kib", stack.resident_kib()}});
  if (ran_dry) throw std::runtime_error("the tasks ran out within the time; ask for more with --tasks-at-hand");
  return rate;
}

std::deque<stack::Moment> plan_of(stack::Moment begin, double rate, std::size_t workers, std::size_t which,
                                  std::size_t count) {
  std::deque<stack::Moment> plan;
  for (std::size_t i = which; i < count; i += workers) {
    plan.push_back(begin + std::chrono::microseconds(static_cast<std::int64_t>(1e6 * static_cast<double>(i) / rate)));
  }
  return plan;
}

// Open loop: pulls come at a steady rate over all workers, each followed by its answer.
void latency(Stack& stack, const Options& options, const std::vector<stack::Person>& people, double rate) {
  const auto count = static_cast<std::size_t>(rate * options.seconds);
  const ProjectId project = stack.post(std::max<std::int64_t>(1, static_cast<std::int64_t>(count)) + 1000);
  // Time for all connections: some five hundred handshakes a second.
  const auto begin = Clock::now() + milliseconds(1000 + static_cast<std::int64_t>(people.size()) * 4);
  std::vector<std::unique_ptr<stack::OpenLoopWorker>> workers;
  std::vector<stack::Crowd::Place> places;
  for (std::size_t i = 0; i < people.size(); ++i) {
    workers.push_back(std::make_unique<stack::OpenLoopWorker>(stack::OpenLoopWorker::Config{
        .project = project, .answer = answer_yes, .plan = plan_of(begin, rate, people.size(), i, count)}));
    places.push_back({workers.back().get(), people[i].config});
  }
  stack::Crowd crowd(stack.network(), places, options.threads);
  while (!crowd.is_over()) run_for(crowd, milliseconds(1000));
  crowd.stop();
  std::vector<stack::Latency> pulls;
  std::vector<stack::Latency> submits;
  for (const auto& worker : workers) {
    pulls.insert(pulls.end(), worker->pulls().begin(), worker->pulls().end());
    submits.insert(submits.end(), worker->submits().begin(), worker->submits().end());
  }
  const auto ms = [](std::vector<stack::Latency>& latencies, double share) {
    return static_cast<double>(stack::percentile(latencies, share).count()) / 1000;
  };
  print({{"figure", "latency_ms"},
         {"workers", people.size()},
         {"answers_per_second", std::llround(rate)},
         {"answers", submits.size()},
         {"pull_p50", ms(pulls, 0.5)},
         {"pull_p99", ms(pulls, 0.99)},
         {"submit_p50", ms(submits, 0.5)},
         {"submit_p99", ms(submits, 0.99)}});
}

void measure_speed(const Options& options) {
  Stack stack(options);
  for (const std::size_t count : options.workers) {
    check_interrupted();
    const auto people = stack.workers(count);
    const double rate = throughput(stack, options, people);
    latency(stack, options, people, rate * options.share);
  }
  stack.stop();
}

// What the broker takes with so many open tasks: after posting, and while ten workers answer.
void measure_memory(const Options& options, std::int64_t count) {
  check_interrupted();
  Stack stack(options);
  const std::int64_t empty_kib = stack.resident_kib();
  const auto begin = Clock::now();
  const ProjectId project = stack.post(count);
  const double post_seconds = seconds_since(begin);
  const std::int64_t posted_kib = stack.resident_kib();
  const auto people = stack.workers(10);
  std::vector<std::unique_ptr<stack::SimulatedWorker>> workers;
  std::vector<stack::Crowd::Place> places;
  for (const auto& person : people) {
    workers.push_back(std::make_unique<stack::SimulatedWorker>(
        stack::SimulatedWorker::Config{.project = project, .answer = answer_yes, .thinks = {}, .answers = nullptr}));
    places.push_back({workers.back().get(), person.config});
  }
  stack::Crowd crowd(stack.network(), places, options.threads);
  run_for(crowd, in_ms(options.seconds));
  const std::int64_t working_kib = stack.resident_kib();
  crowd.stop();
  stack.stop();
  print({{"figure", "broker_kib"},
         {"tasks", count},
         {"empty", empty_kib},
         {"posted", posted_kib},
         {"working", working_kib},
         {"post_seconds", std::round(post_seconds * 10) / 10},
         {"items_per_second", std::llround(static_cast<double>(count) / post_seconds)}});
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--workers", options.workers, "Numbers of connections to measure with")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000));
  app.add_option("--tasks", options.tasks, "Numbers of posted tasks to measure memory with")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000'000));
  app.add_option("--seconds", options.seconds, "Of each measurement")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--warm-up", options.warm_up, "Seconds before each measurement")->check(CLI::Range(0.0, 3600.0));
  app.add_option("--share", options.share, "Of the throughput, as the rate of the open loop")
      ->check(CLI::Range(0.01, 2.0));
  app.add_option("--threads", options.threads, "That serve the clients")->check(CLI::Range(1, 64));
  app.add_option("--tasks-at-hand", options.tasks_at_hand, "Posted for each measurement of throughput")
      ->check(CLI::Range(1, 100'000'000));
  app.add_flag("--without-speed", options.without_speed, "Only memory");
  app.add_flag("--without-memory", options.without_memory, "Only speed");
  app.add_option("--broker", options.broker, "The broker's program; without it, the one beside this one")
      ->check(CLI::ExistingFile);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures a broker end to end.", "tally-bench-end-to-end");
  cli::set_help(app);
  add_options(app, options);
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  try {
    if (options.broker.empty()) {
      options.broker = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tally-broker";
    }
    if (!options.without_speed) measure_speed(options);
    if (!options.without_memory) {
      for (const std::int64_t count : options.tasks) measure_memory(options, count);
    }
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << "tally-bench-end-to-end: " << wrong.what() << "\n";
    return 1;
  }
}
