#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/net/client.h"
#include "schemas/messages.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/people.h"
#include "tools/stack/project_run.h"
#include "tools/stack/temporary_folder.h"

// A real broker with its own database in a folder of its own, and people who speak to it over real sockets.
namespace tally::e2e {

// Where the programs are that were built with this test.
[[nodiscard]] inline std::filesystem::path program(const std::string& name) {
  const char* folder = std::getenv("TALLY_BIN_DIR");
  return std::filesystem::path(folder == nullptr ? "build/asan-ubsan/bin" : folder) / name;
}

[[nodiscard]] inline ProjectSpec small_spec() {
  ProjectSpec spec;
  spec.title = "Birds";
  spec.instructions = "Say which bird it is.";
  spec.item_template = "${text}";
  spec.columns = {{"text", ColumnKind::text}};
  spec.form = {{"bird", "choice", "Which bird?", true, {"robin", "wren"}, {}}};
  spec.reward = Micros{10'000};
  spec.redundancy = {3, 5, 2};
  return spec;
}

[[nodiscard]] inline std::vector<Item> numbered_items(std::size_t count) {
  std::vector<Item> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back({{"Item " + std::to_string(i + 1)}, std::nullopt});
  return items;
}

class Market {
 public:
  // `data`: the broker's folder, where that is not one of its own. `log`: likewise.
  explicit Market(std::vector<std::string> arguments = {}, const std::filesystem::path& data = {},
                  const std::filesystem::path& log = {})
      : folder("tally-e2e-"), broker(config(folder.path(), std::move(arguments), data, log)) {
    broker.start();
    admin = std::make_unique<stack::Admin>(network, stack::join(network, broker.invitation(), "Ada"));
    requester = admin->enrol(Role::requester, std::vector<std::string>{"Rita"}).at(0);
    admin->deposit(requester.account, Micros{100'000'000});
    rita = std::make_unique<net::BrokerClient>(network, requester.config, Duration{60'000});
  }

  // Workers, each with a client.
  void enrol_workers(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("Worker " + std::to_string(i + 1));
    for (stack::Person& person : admin->enrol(Role::worker, names)) {
      workers.push_back(std::make_unique<net::BrokerClient>(network, person.config, Duration{60'000}));
      people.push_back(std::move(person));
    }
  }

  ProjectId post(const ProjectSpec& spec, const std::vector<Item>& items) {
    return stack::post_project(*rita, spec, items, 0);
  }

  // Everybody answers all they are given, by what `answer` says of the worker and the item.
  template <class Answer>
  void work(ProjectId project, const Answer& answer) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
      Tasks got = stack::must(*workers[i], Pull{project, 100, {}, 0});
      if (got.tasks.empty()) continue;
      Submit submit;
      for (const TaskOffer& task : got.tasks)
        submit.answers.push_back({task.assignment, {{"bird", {answer(i, task)}}}});
      for (const SubmitOutcome& outcome : stack::must(*workers[i], submit).outcomes) {
        if (!outcome.accepted) throw std::runtime_error("an answer was refused: " + outcome.detail);
      }
    }
  }

  // All that the broker has logged, of every start.
  [[nodiscard]] std::string log() const {
    std::ifstream in(log_file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::filesystem::path log_file() const { return folder.path() / "broker.log"; }

  stack::TemporaryFolder folder;
  net::Network network;
  stack::BrokerProcess broker;
  std::unique_ptr<stack::Admin> admin;
  stack::Person requester;
  std::unique_ptr<net::BrokerClient> rita;
  std::vector<stack::Person> people;
  std::vector<std::unique_ptr<net::BrokerClient>> workers;

 private:
  static stack::BrokerConfig config(const std::filesystem::path& folder, std::vector<std::string> arguments,
                                    const std::filesystem::path& data, const std::filesystem::path& log) {
    arguments.emplace_back("--unsafe-fast");
    stack::BrokerConfig config;
    config.program = program("tally-broker");
    config.data = data.empty() ? folder / "data" : data;
    config.log = log.empty() ? folder / "broker.log" : log;
    config.arguments = std::move(arguments);
    return config;
  }
};

}  // namespace tally::e2e
