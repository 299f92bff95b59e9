// tally-bench-connections: what connections cost a broker, idle, at work, and when all come back after a restart. One
// line of JSON for each number of connections. docs/performance.md says what the figures mean; scripts/bench runs it.
//
// One process has too few file descriptors for ten thousand connections, so processes of this same program hold them;
// they are told what to do by lines on their standard input, and answer each with a line.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/base/digest.h"
#include "common/net/keys.h"
#include "tools/stack/bench_main.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/held_connections.h"
#include "tools/stack/measuring.h"
#include "tools/stack/people.h"
#include "tools/stack/project_run.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

struct Options : stack::BenchOptions {
  std::vector<std::size_t> connections{1, 100, 1000};
  double seconds = 3;
  double answers_per_second = 1000;  // Of all connections together, at work.
  std::filesystem::path hold;        // Not empty: a process that holds the connections in this file.
};

// ---- A process that holds connections -------------------------------------------------------------------------------

constexpr std::size_t connections_of_process_max = 2'500;

void write_people(const std::filesystem::path& path, const std::vector<net::ConversationConfig>& people) {
  std::ofstream file(path);
  for (const auto& person : people) {
    file << person.host << ' ' << person.port << ' ' << hex_of(person.server_key) << ' '
         << hex_of(person.keys.public_key) << ' ' << hex_of(person.keys.secret_key) << '\n';
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string key_of(const std::string& hex) {
  auto key = net::key_from_hex(hex);
  if (!key) throw std::runtime_error("a key that is none: " + hex);
  return *std::move(key);
}

std::vector<net::ConversationConfig> read_people(const std::filesystem::path& path) {
  std::vector<net::ConversationConfig> people;
  std::ifstream file(path);
  std::string server_key;
  std::string public_key;
  std::string secret_key;
  for (net::ConversationConfig person; file >> person.host >> person.port >> server_key >> public_key >> secret_key;) {
    person.server_key = key_of(server_key);
    person.keys = {key_of(public_key), key_of(secret_key)};
    people.push_back(person);
  }
  return people;
}

// Until its standard input ends.
void hold(const Options& options) {
  const net::Network network;
  stack::HeldConnections held(network, read_people(options.hold));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string word;
    std::int64_t number = 0;
    words >> word >> number;
    if (word == "greeted") held.wait_until_greeted();
    if (word == "greet") held.greet();
    if (word == "work") held.work_every(Duration{number});
    std::cout << held.answers() << std::endl;
  }
}

class HoldingProcess {
 public:
  HoldingProcess(const std::filesystem::path& program, const std::filesystem::path& people) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const std::string path = people.string();
    const std::array<const char*, 4> arguments{program.c_str(), "--hold", path.c_str(), nullptr};
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("cannot start another process");
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      execv(arguments[0], const_cast<char* const*>(arguments.data()));
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = fdopen(in[1], "w");
    from_ = fdopen(out[0], "r");
  }
  ~HoldingProcess() {
    std::fclose(to_);
    std::fclose(from_);
    waitpid(pid_, nullptr, 0);
  }
  HoldingProcess(const HoldingProcess&) = delete;
  HoldingProcess& operator=(const HoldingProcess&) = delete;

  void say(const std::string& line) {
    std::fputs((line + "\n").c_str(), to_);
    std::fflush(to_);
  }
  // The answers that its connections have given so far.
  std::int64_t hear() {
    std::array<char, 64> line{};
    if (std::fgets(line.data(), line.size(), from_) == nullptr) {
      throw std::runtime_error("a process that holds connections has ended");
    }
    return std::strtoll(line.data(), nullptr, 10);
  }

 private:
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

// All connections, over as many processes as it takes.
class Holders {
 public:
  Holders(const std::filesystem::path& folder, const std::vector<stack::Person>& people) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe");
    for (std::size_t first = 0; first < people.size(); first += connections_of_process_max) {
      std::vector<net::ConversationConfig> share;
      for (std::size_t i = first; i < std::min(people.size(), first + connections_of_process_max); ++i) {
        share.push_back(people[i].config);
      }
      const auto path = folder / ("connections-" + std::to_string(first));
      write_people(path, share);
      processes_.push_back(std::make_unique<HoldingProcess>(program, path));
    }
  }
  // Says it to all, and returns when all have done it: the answers given so far.
  std::int64_t tell(const std::string& line) {
    for (const auto& process : processes_) process->say(line);
    std::int64_t answers = 0;
    for (const auto& process : processes_) answers += process->hear();
    return answers;
  }

 private:
  std::vector<std::unique_ptr<HoldingProcess>> processes_;
};

// ---- The worker beside them -----------------------------------------------------------------------------------------

// Takes a task and hands in its answer, again and again, in a thread of its own.
class HonestWorker {
 public:
  HonestWorker(const net::Network& network, const net::ConversationConfig& config)
      : thread_([this, &network, config] { run(network, config); }) {}
  ~HonestWorker() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  HonestWorker(const HonestWorker&) = delete;
  HonestWorker& operator=(const HonestWorker&) = delete;

  // Milliseconds that each request took; rethrows what went wrong.
  std::vector<double> stop() {
    stopping_ = true;
    thread_.join();
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(took_ms_);
  }
  [[nodiscard]] std::int64_t requests() const { return requests_; }

 private:
  void run(const net::Network& network, const net::ConversationConfig& config) {
    try {
      net::BrokerClient client(network, config, Duration{120'000});
      while (!stopping_) {
        const Tasks tasks = timed(client, Pull{.count = 1, .wait_ms = 1000});
        for (const TaskOffer& task : tasks.tasks) {
          static_cast<void>(timed(client, Submit{{{task.assignment, stack::bench_answer()}}, 0, {}}));
        }
      }
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }
  template <class M>
  typename M::Reply timed(net::BrokerClient& client, M message) {
    const auto begin = Clock::now();
    auto reply = stack::must(client, std::move(message));
    took_ms_.push_back(stack::seconds_since(begin) * 1000);
    ++requests_;
    return reply;
  }

  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> requests_{0};
  std::vector<double> took_ms_;
  std::exception_ptr thrown_;
  std::thread thread_;  // Last: it uses the others.
};

// ---- All of it ------------------------------------------------------------------------------------------------------

void let_pass(double seconds) {
  const auto begin = Clock::now();
  while (stack::seconds_since(begin) < seconds) {
    stack::check_interrupted();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void put(Json& line, const std::string& name, std::vector<double> took_ms) {
  line[name + "_p50_ms"] = stack::share_of(took_ms, 0.5);
  line[name + "_p99_ms"] = stack::share_of(took_ms, 0.99);
}

std::vector<Item> items(std::int64_t count) {
  std::vector<Item> made;
  for (std::int64_t i = 0; i < count; ++i) made.push_back(stack::bench_item(i));
  return made;
}

// How long after the broker is back the worker is served, and all connections are.
void measure_restart(stack::BrokerProcess& broker, Holders& holders, const net::Network& network,
                     const stack::Person& honest, Json& line) {
  HonestWorker worker(network, honest.config);
  while (worker.requests() == 0) let_pass(0.01);
  broker.stop();
  static_cast<void>(holders.tell("greet"));
  broker.start();
  const auto begin = Clock::now();
  const std::int64_t before = worker.requests();
  // In a thread, because the worker is watched meanwhile.
  std::atomic<bool> all_back{false};
  std::thread waiting([&] {
    static_cast<void>(holders.tell("greeted"));
    all_back = true;
  });
  double served = 0;
  while (!all_back || served == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (served == 0 && worker.requests() > before) served = stack::seconds_since(begin);
  }
  waiting.join();
  line["restart_worker_served_seconds"] = stack::rounded(served);
  line["restart_all_back_seconds"] = stack::rounded(stack::seconds_since(begin));
  std::vector<double> took_ms = worker.stop();
  // The one that was under way when the broker ended is told of above.
  std::erase_if(took_ms, [&](double ms) { return ms >= served * 1000; });
  put(line, "restart_worker", std::move(took_ms));
}

void measure(const Options& options, std::size_t count) {
  const stack::TemporaryFolder folder("tally-bench");
  stack::BrokerProcess broker(
      {.program = options.broker, .data = folder.path() / "data", .log = folder.path() / "broker.log"});
  broker.start();
  const net::Network network;
  std::vector<stack::Person> people;
  {
    stack::Admin admin(network, stack::join(network, broker.invitation(), "first admin"));
    const auto requester = admin.enrol(Role::requester, stack::numbered("requester", 1)).front();
    admin.deposit(requester.account, Micros{1'000'000'000'000});
    net::BrokerClient client(network, requester.config);
    static_cast<void>(stack::post_project(client, stack::bench_spec({1, 1, 1}), items(500'000), 0));
    people = admin.enrol(Role::worker, stack::numbered("worker", count + 1));
  }
  const stack::Person honest = people.back();
  people.pop_back();
  let_pass(6);  // What was needed to make all this leaves the broker's memory.
  const std::int64_t without_kib = broker.resident_kib();
  Json line{{"figure", "connections"}, {"connections", count}};
  const auto per_connection = [&](std::int64_t kib) {
    return stack::rounded(static_cast<double>(kib - without_kib) / static_cast<double>(count));
  };

  auto begin = Clock::now();
  Holders holders(folder.path(), people);
  static_cast<void>(holders.tell("greeted"));
  line["connect_seconds"] = stack::rounded(stack::seconds_since(begin));
  line["idle_kib_each"] = per_connection(broker.resident_kib());
  {
    HonestWorker worker(network, honest.config);
    let_pass(options.seconds);
    put(line, "idle_worker", worker.stop());
  }
  const auto pace_ms = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(1000 * static_cast<double>(count) / options.answers_per_second));
  const std::int64_t before = holders.tell("work " + std::to_string(pace_ms));
  begin = Clock::now();
  {
    HonestWorker worker(network, honest.config);
    let_pass(std::max(options.seconds, 2 * static_cast<double>(pace_ms) / 1000));
    put(line, "busy_worker", worker.stop());
  }
  const auto answers = static_cast<double>(holders.tell("work 0") - before);
  line["busy_answers_per_second"] = std::llround(answers / stack::seconds_since(begin));
  line["busy_kib_each"] = per_connection(broker.resident_kib());
  measure_restart(broker, holders, network, honest, line);
  std::cout << line.dump() << std::endl;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--connections", options.connections, "Numbers of connections to measure with")
      ->delimiter(',')
      ->check(CLI::Range(1, 15'000));
  app.add_option("--seconds", options.seconds, "Of each measurement")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--answers-per-second", options.answers_per_second, "Of all connections together, at work")
      ->check(CLI::Range(1.0, 100'000.0));
  app.add_option("--hold", options.hold)->group("");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures what connections cost a broker.", "tally-bench-connections");
  add_options(app, options);
  return stack::bench_main(app, options, argc, argv, [&] {
    if (!options.hold.empty()) return hold(options);
    for (const std::size_t count : options.connections) measure(options, count);
  });
}
