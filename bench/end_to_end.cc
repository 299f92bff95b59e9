// tally-bench-end-to-end: a broker with its own PostgreSQL at full durability, driven over TCP and CURVE by clients in
// this process: how many answers a second, how long each takes, and whose CPU time it is. docs/performance.md says
// what the figures mean; scripts/bench runs it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "tools/stack/bench_main.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/cpu.h"
#include "tools/stack/crowd.h"
#include "tools/stack/load_worker.h"
#include "tools/stack/measuring.h"
#include "tools/stack/people.h"
#include "tools/stack/project_run.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Json = nlohmann::ordered_json;

struct Options : stack::BenchOptions {
  std::size_t clients = 1000;
  std::int64_t batch = 1;
  std::size_t projects = 1;
  double seconds = 5;
  double warm_up = 1;
  double open_loop = 0;  // Share of the throughput; 0: none.
  std::size_t threads = 1;
  std::int64_t tasks = 250'000;  // Posted for each measurement.
  double theta = 0;              // Answers are weighed by skill.
};

milliseconds in_ms(double seconds) { return milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

// A broker of one's own with an admin, a requester and workers.
class Stack {
 public:
  explicit Stack(const Options& options)
      : theta_ppm_(std::llround(options.theta * 1e6)),
        folder_("tally-bench"),
        broker_({.program = options.broker, .data = folder_.path() / "data", .log = log()}) {
    broker_.start();
    write_log_once();
    admin_ = std::make_unique<stack::Admin>(network_, stack::join(network_, broker_.invitation(), "first admin"));
    const std::vector<std::string> names{"requester"};
    const auto requester = admin_->enrol(Role::requester, names).front();
    admin_->deposit(requester.account, Micros{1'000'000'000'000});
    requester_ = std::make_unique<net::BrokerClient>(network_, requester.config);
  }

  // Three answers a task.
  std::vector<ProjectId> post(std::size_t projects, std::int64_t tasks) {
    std::vector<ProjectId> posted;
    for (std::size_t i = 0; i < projects; ++i) {
      stack::check_interrupted();
      std::vector<Item> items;
      const std::int64_t count = std::max<std::int64_t>(1, tasks / static_cast<std::int64_t>(projects));
      for (std::int64_t no = 0; no < count; ++no) items.push_back(stack::bench_item(no));
      posted.push_back(stack::post_project(*requester_, stack::bench_spec({3, 3, 2, theta_ppm_}), items, 0));
    }
    return posted;
  }
  std::vector<stack::Person> workers(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("worker " + std::to_string(i + 1));
    return admin_->enrol(Role::worker, names);
  }
  [[nodiscard]] std::int64_t resident_kib() const { return broker_.resident_kib(); }
  [[nodiscard]] const net::Network& network() const { return network_; }
  [[nodiscard]] stack::BrokerCpu broker_cpu() const { return stack::cpu_of_broker(broker_.pid()); }
  [[nodiscard]] double postgres_cpu() const { return stack::cpu_of_postgres(broker_.postmaster().value_or(0)); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "broker.log"; }
  void stop() {
    admin_.reset();
    requester_.reset();
    broker_.stop();
  }

 private:
  std::int64_t theta_ppm_;
  // As in a house that is older than its first gigabyte: the segments of the database's log are there and are used
  // again. In a new one a commit waits 50 ms for each 16 MB of them.
  void write_log_once() const {
    constexpr int segments = 48;
    pqxx::connection owner("host=" + (folder_.path() / "data/postgres").string() + " user=tally_owner dbname=tally");
    pqxx::nontransaction step(owner);
    for (int i = 0; i < segments; ++i) {
      step.exec("SELECT pg_logical_emit_message(false, 'bench', '')");
      step.exec("SELECT pg_switch_wal()");
    }
    step.exec("CHECKPOINT");
  }

  stack::TemporaryFolder folder_;
  stack::BrokerProcess broker_;
  net::Network network_;
  std::unique_ptr<stack::Admin> admin_;
  std::unique_ptr<net::BrokerClient> requester_;
};

// Seconds that each part of the system has used so far.
struct Cpu {
  stack::BrokerCpu broker;
  double postgres = 0;
  double clients = 0;

  [[nodiscard]] static Cpu of(const Stack& stack) {
    return {stack.broker_cpu(), stack.postgres_cpu(), stack::cpu_of_this_process()};
  }
};

Json cpu_per_answer(const Cpu& before, const Cpu& after, std::int64_t answers) {
  const auto us = [&](double from, double to) {
    return stack::rounded((to - from) * 1e6 / static_cast<double>(std::max<std::int64_t>(answers, 1)));
  };
  return {{"loop", us(before.broker.loop, after.broker.loop)},
          {"sockets", us(before.broker.sockets, after.broker.sockets)},
          {"committer_and_others", us(before.broker.others, after.broker.others)},
          {"postgres", us(before.postgres, after.postgres)},
          {"clients", us(before.clients, after.clients)}};
}

// Lets a crowd run for a time; throws what a member has thrown.
void run_for(stack::Crowd& crowd, milliseconds time) {
  const auto until = Clock::now() + time;
  while (Clock::now() < until) {
    stack::check_interrupted();
    if (crowd.is_over()) {
      crowd.stop();
      throw std::runtime_error("the clients are done before the time is over");
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
}

struct Measured {
  double answers_per_second = 0;
  Json line;
};

// The same workers in a closed loop, or in an open one at `rate` answers a second over all of them.
class Measurement {
 public:
  Measurement(Stack& stack, const Options& options, const std::vector<stack::Person>& people)
      : stack_(stack), options_(options), projects_(stack.post(options.projects, options.tasks)) {
    for (std::size_t i = 0; i < people.size(); ++i) {
      workers_.push_back(std::make_unique<stack::LoadWorker>(
          stack::LoadWorker::Config{.projects = projects_, .first = i, .batch = options.batch, .answers = &answers_}));
      places_.push_back({workers_.back().get(), people[i].config});
    }
  }

  void at_rate(double answers_per_second) {
    const double every =
        static_cast<double>(workers_.size()) * static_cast<double>(options_.batch) / answers_per_second;
    const std::chrono::nanoseconds between(static_cast<std::int64_t>(every * 1e9));
    // Time for all connections: some five hundred handshakes a second.
    const auto begin = Clock::now() + milliseconds(500 + static_cast<std::int64_t>(workers_.size()) * 4);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      workers_[i]->follow({begin + between / workers_.size() * i, between});
    }
    starts_at_ = begin;
  }

  Measured run() {
    stack::Crowd crowd(stack_.network(), places_, options_.threads);
    while (answers_ < std::ssize(workers_) || Clock::now() < starts_at_) run_for(crowd, milliseconds(5));
    run_for(crowd, in_ms(options_.warm_up));
    const Cpu cpu_before = Cpu::of(stack_);
    const auto begin = Clock::now();
    const std::int64_t before = answers_;
    run_for(crowd, in_ms(options_.seconds));
    const std::int64_t counted = answers_ - before;
    const auto end = Clock::now();
    const Cpu cpu_after = Cpu::of(stack_);
    crowd.stop();
    for (const auto& worker : workers_) {
      if (!worker->ran_dry()) continue;
      throw std::runtime_error("a worker had nothing to do (" + std::string(name_of(*worker->ran_dry())) +
                               "): post more tasks with --tasks");
    }
    Measured measured;
    measured.answers_per_second = static_cast<double>(counted) / std::chrono::duration<double>(end - begin).count();
    auto latencies = latencies_between(begin, end);
    measured.line = {{"answers", counted},
                     {"answers_per_second", std::llround(measured.answers_per_second)},
                     {"p50_ms", in_ms_of(latencies, 0.5)},
                     {"p99_ms", in_ms_of(latencies, 0.99)},
                     {"cpu_us_per_answer", cpu_per_answer(cpu_before, cpu_after, counted)},
                     {"broker_kib", stack_.resident_kib()}};
    return measured;
  }

 private:
  [[nodiscard]] std::vector<stack::Latency> latencies_between(Clock::time_point begin, Clock::time_point end) const {
    std::vector<stack::Latency> latencies;
    for (const auto& worker : workers_) {
      for (const auto& one : worker->measured()) {
        if (one.at >= begin && one.at < end) latencies.push_back(one.latency);
      }
    }
    return latencies;
  }
  static double in_ms_of(std::vector<stack::Latency>& latencies, double share) {
    return stack::rounded(static_cast<double>(stack::percentile(latencies, share).count()) / 1000);
  }

  Stack& stack_;
  const Options& options_;
  std::vector<ProjectId> projects_;
  std::atomic<std::int64_t> answers_{0};
  std::vector<std::unique_ptr<stack::LoadWorker>> workers_;
  std::vector<stack::Crowd::Place> places_;
  Clock::time_point starts_at_{};
};

// What the disk does in the same minute: the time of one write of a page that is made durable, the median.
double fdatasync_ms(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "fdatasync";
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write " + path.string());
  const std::vector<char> page(8192, 'x');
  std::vector<stack::Latency> took;
  for (int i = 0; i < 400; ++i) {
    const auto begin = Clock::now();
    const bool written = pwrite(file, page.data(), page.size(), 0) == std::ssize(page) && fdatasync(file) == 0;
    if (!written) throw std::runtime_error("cannot write " + path.string());
    took.push_back(std::chrono::duration_cast<stack::Latency>(Clock::now() - begin));
  }
  close(file);
  return stack::rounded(static_cast<double>(stack::percentile(took, 0.5).count()) / 1000);
}

// How long a commit took, by the broker's last word: of the last thousand, so of the last measurement. `name`:
// median_us or p99_us.
double commit_ms(const std::filesystem::path& log, const std::string& name) {
  std::ifstream file(log);
  std::string line;
  double ms = 0;
  while (std::getline(file, line)) {
    const auto at = line.find(' ' + name + '=');
    if (at != std::string::npos && line.find("event=commits") != std::string::npos)
      ms = std::stod(line.substr(at + name.size() + 2)) / 1000;
  }
  return stack::rounded(ms);
}

void print_text(const Json& line) {
  const auto figures = [](const Json& of) {
    std::cout << of["answers_per_second"] << " answers a second, acknowledged after " << of["p50_ms"] << " ms (p99 "
              << of["p99_ms"] << " ms)\n  CPU of an answer, in us:";
    for (const auto& [part, us] : of["cpu_us_per_answer"].items()) std::cout << ' ' << part << ' ' << us;
    std::cout << '\n';
  };
  std::cout << line["clients"] << " clients, " << line["batch"] << " answers a message, " << line["projects"]
            << " project(s); one fdatasync takes " << line["fdatasync_ms"] << " ms, a commit of the last measurement "
            << line["commit_ms"] << " ms\nclosed loop: ";
  figures(line);
  if (line.contains("open_loop")) {
    std::cout << "open loop:   ";
    figures(line["open_loop"]);
  }
}

void run(const Options& options) {
  Stack stack(options);
  const auto people = stack.workers(options.clients);
  Json line{{"figure", "end_to_end"},
            {"clients", options.clients},
            {"batch", options.batch},
            {"projects", options.projects},
            {"fdatasync_ms", fdatasync_ms(stack.folder())}};
  const Measured closed = Measurement(stack, options, people).run();
  line.update(closed.line);
  if (options.open_loop > 0) {
    Measurement open(stack, options, people);
    open.at_rate(closed.answers_per_second * options.open_loop);
    line["open_loop"] = open.run().line;
  }
  stack.stop();
  line["commit_ms"] = commit_ms(stack.log(), "median_us");
  line["commit_p99_ms"] = commit_ms(stack.log(), "p99_us");
  if (options.json) {
    std::cout << line.dump() << std::endl;
  } else {
    print_text(line);
  }
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--clients", options.clients, "Workers, each with a connection of its own")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--batch", options.batch, "Answers in one message")->check(CLI::Range(1, 100));
  app.add_option("--projects", options.projects, "That the work is spread over")->check(CLI::Range(1, 100'000));
  app.add_option("--seconds", options.seconds, "Of each measurement")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--warm-up", options.warm_up, "Seconds before each measurement")->check(CLI::Range(0.0, 3600.0));
  app.add_option("--open-loop", options.open_loop,
                 "Measures a second time, with answers sent on schedule at this share of the throughput")
      ->check(CLI::Range(0.01, 2.0));
  app.add_option("--threads", options.threads, "That serve the clients")->check(CLI::Range(1, 64));
  app.add_option("--theta", options.theta, "Answers are weighed by skill; without it they are counted")
      ->check(CLI::Range(0.5, 0.999999));
  app.add_option("--tasks", options.tasks, "Posted for each measurement, over all projects")
      ->check(CLI::Range(1, 100'000'000));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures a broker end to end.", "tally-bench-end-to-end");
  add_options(app, options);
  return stack::bench_main(app, options, argc, argv, [&] { run(options); });
}
