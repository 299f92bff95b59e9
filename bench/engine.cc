// tally-bench-engine: what the broker's parts cost by themselves, with no client and no socket. The real core decides
// answers of a crowd, the real group builder makes groups of them, and the real store writes them to a PostgreSQL of
// its own at full durability: the limit that this schema sets. One line of JSON. docs/performance.md says what it
// means.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "broker/core/core.h"
#include "broker/group_builder.h"
#include "broker/storage/connection.h"
#include "broker/storage/embedded.h"
#include "broker/storage/store.h"
#include "common/cli/arguments.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/cpu.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using Json = nlohmann::ordered_json;

struct Options {
  std::size_t clients = 1000;
  std::int64_t batch = 1;
  std::size_t projects = 1;
  std::int64_t group = 1000;  // Answers in one transaction.
  std::int64_t answers = 100'000;
  double theta = 0;  // Answers are weighed by skill.
  bool without_database = false;
  std::string sql;
};

// A core with what a loop does around it: each command's effects join the open group; mail and parts come at once.
class Machine {
 public:
  Machine() : core_(limits()) {
    for (std::int64_t no = 0; no < account_parts; ++no) {
      core::PartLoaded none;
      none.part = PartId{no};
      apply({}, none);
    }
    admin_ = "admin";
    ask(admin_, Join{std::get<Invited>(apply({}, core::Bootstrap{}).at(0)).line});
  }
  static core::Limits limits() {
    core::Limits limits;
    limits.leases_per_worker_max = 1000;
    return limits;
  }

  std::vector<Reply> ask(const std::string& key, Request request) {
    ++requests_;
    return apply({requests_, requests_, key}, std::move(request));
  }
  void enrol(const std::string& key, Role role) {
    Invite invite;
    invite.key = "invite " + key;
    invite.role = role;
    invite.display_name = key;
    const auto invited = std::get<Invited>(ask(admin_, invite).at(0));
    ask(key, Join{invited.line});
    if (role == Role::requester) {
      ask(admin_, Deposit{"deposit " + key, invited.account, Micros{1'000'000'000'000'000}, "bench"});
    }
  }
  ProjectId post(const std::string& by, const ProjectSpec& spec, std::int64_t items) {
    OpenProject open;
    open.key = "project " + std::to_string(requests_);
    open.spec = spec;
    open.items = items;
    const ProjectId project = std::get<ProjectOpened>(ask(by, open).at(0)).project;
    constexpr std::int64_t run = 1024;
    for (std::int64_t first = 1; first <= items; first += run) {
      PostItems post{project, first, {}};
      for (std::int64_t i = first; i < std::min(first + run, items + 1); ++i) {
        post.items.push_back(stack::bench_item(i));
      }
      static_cast<void>(std::get<ItemsPosted>(ask(by, post).at(0)));
    }
    return project;
  }
  storage::Group take_group() { return builder_.close(core_, now_); }
  [[nodiscard]] bool has_group() const { return !builder_.empty(); }

 private:
  std::vector<Reply> apply(const core::Peer& from, core::Command first) {
    std::vector<Reply> replies;
    std::deque<std::pair<core::Peer, core::Command>> queue;
    queue.emplace_back(from, std::move(first));
    while (!queue.empty()) {
      core::Input input;
      now_.ms += 1;
      input.at = now_;
      input.entropy = {requests_ * 0x9e3779b97f4a7c15U, static_cast<std::uint64_t>(now_.ms) * 3U, 1, 2};
      input.from = queue.front().first;
      input.body_digest = sha256(std::to_string(now_.ms));
      input.command = std::move(queue.front().second);
      queue.pop_front();
      core::Effects effects = core_.apply(input);
      builder_.add(effects);
      for (core::OutgoingReply& reply : effects.replies) replies.push_back(std::move(reply.reply));
      effects.load.insert(effects.load.end(), effects.load_in_between.begin(), effects.load_in_between.end());
      for (const PartId part : effects.load) {
        core::PartLoaded none;
        none.part = part;
        queue.emplace_back(core::Peer{}, none);
      }
      for (const auto& mail : effects.deliver) queue.emplace_back(core::Peer{}, mail);
      for (const auto& mail : effects.forget) queue.emplace_back(core::Peer{}, mail);
    }
    return replies;
  }

  core::Core core_;
  broker::GroupBuilder builder_;
  Time now_{1'800'000'000'000};
  std::uint64_t requests_ = 0;
  std::string admin_;
};

struct Measured {
  stack::CpuTime decide, build, commit;
  double commit_seconds = 0;
  std::int64_t answers = 0, groups = 0, journal_bytes = 0, records = 0;
};

class Run {
 public:
  Run(const Options& options, Machine& machine) : options_(options), machine_(machine) {
    machine_.enrol("requester", Role::requester);
    const auto items = (options.answers + static_cast<std::int64_t>(options.clients) * options.batch * 4) / 3 /
                           static_cast<std::int64_t>(options.projects) +
                       10;
    for (std::size_t i = 0; i < options.projects; ++i)
      projects_.push_back(
          machine_.post("requester", stack::bench_spec({3, 3, 2, std::llround(options.theta * 1e6)}), items));
    for (std::size_t i = 0; i < options.clients; ++i) {
      const std::string key = "worker " + std::to_string(i);
      machine_.enrol(key, Role::worker);
      Pull pull;
      pull.project = projects_[i % projects_.size()];
      pull.count = options.batch;
      hands_.push_back({key, std::get<Tasks>(machine_.ask(key, pull).at(0)).tasks});
    }
  }

  // The answers of the next group: each client in turn.
  std::int64_t decide() {
    std::int64_t answers = 0;
    while (answers < options_.group) {
      Hand& hand = hands_[next_];
      Submit submit;
      for (const TaskOffer& offer : hand.tasks) submit.answers.push_back({offer.assignment, stack::bench_answer()});
      submit.next = options_.batch;
      submit.project = projects_[next_ % projects_.size()];
      const auto submitted = std::get<Submitted>(machine_.ask(hand.key, std::move(submit)).at(0));
      answers += std::ssize(submitted.outcomes);
      for (const auto& outcome : submitted.outcomes) {
        if (!outcome.accepted) throw std::runtime_error("an answer was refused: " + outcome.detail);
      }
      if (submitted.tasks.empty()) throw std::runtime_error("the tasks ran out");
      hand.tasks = submitted.tasks;
      next_ = (next_ + 1) % hands_.size();
    }
    return answers;
  }

 private:
  struct Hand {
    std::string key;
    std::vector<TaskOffer> tasks;
  };
  const Options& options_;
  Machine& machine_;
  std::vector<ProjectId> projects_;
  std::vector<Hand> hands_;
  std::size_t next_ = 0;
};

int run(const Options& options) {
  const stack::TemporaryFolder folder("tally-bench");
  std::optional<storage::EmbeddedCluster> cluster;
  std::optional<storage::Store> store;
  const std::atomic<bool> stop{false};
  if (!options.without_database) {
    storage::EmbeddedConfig config;
    config.folder = folder.path() / "postgres";
    cluster.emplace(config);
    if (!options.sql.empty()) {
      storage::Connection owner(cluster->owner_connection(), storage::Use::migration, {});
      pqxx::nontransaction(owner.get()).exec(options.sql);
    }
    storage::StoreConfig of_store;
    of_store.connection = cluster->connection();
    of_store.broker_id = "bench";
    store.emplace(of_store, stop);
  }
  Machine machine;
  Run crowd(options, machine);
  const auto commit = [&](const storage::Group& group) {
    if (store && store->commit(group) != storage::CommitOutcome::stored)
      throw std::runtime_error("a group was not stored");
  };
  commit(machine.take_group());
  // Once, so that statements are planned and pages are there.
  for (int i = 0; i < 3; ++i) {
    crowd.decide();
    commit(machine.take_group());
  }
  Measured m;
  double postgres = stack::cpu_of_postgres(cluster ? folder.path() / "postgres" : "");
  while (m.answers < options.answers) {
    const auto decide = stack::CpuTime::of_thread();
    m.answers += crowd.decide();
    m.decide += stack::CpuTime::of_thread() - decide;
    const auto build = stack::CpuTime::of_thread();
    const storage::Group group = machine.take_group();
    m.build += stack::CpuTime::of_thread() - build;
    for (const auto& part : group.parts) {
      m.journal_bytes += std::ssize(part.encoded);
      m.records += std::ssize(part.records);
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto cpu = stack::CpuTime::of_thread();
    commit(group);
    m.commit += stack::CpuTime::of_thread() - cpu;
    m.commit_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ++m.groups;
  }
  postgres = stack::cpu_of_postgres(cluster ? folder.path() / "postgres" : "") - postgres;
  const auto us = [&](double seconds) { return std::round(seconds * 1e8 / static_cast<double>(m.answers)) / 100; };
  Json line{{"figure", "engine"},
            {"clients", options.clients},
            {"batch", options.batch},
            {"projects", options.projects},
            {"answers_per_group", m.answers / m.groups},
            {"answers", m.answers},
            {"decide_us", us(m.decide.seconds)},
            {"build_us", us(m.build.seconds)},
            {"commit_us", us(m.commit.seconds)},
            {"postgres_us", us(postgres)},
            {"records_per_answer", static_cast<double>(m.records) / static_cast<double>(m.answers)},
            {"journal_bytes_per_answer", m.journal_bytes / m.answers},
            {"commit_ms", std::round(m.commit_seconds * 1e5 / static_cast<double>(m.groups)) / 100},
            {"answers_per_second_of_database",
             std::llround(static_cast<double>(m.answers) / std::max(m.commit_seconds, 1e-9))}};
  std::cout << line.dump() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures the core, the group builder and the database by themselves.", "tally-bench-engine");
  cli::set_help(app);
  app.add_option("--clients", options.clients, "Workers")->check(CLI::Range(1, 100'000));
  app.add_option("--batch", options.batch, "Answers in one message")->check(CLI::Range(1, 100));
  app.add_option("--projects", options.projects, "The work is spread over")->check(CLI::Range(1, 10'000));
  app.add_option("--group", options.group, "Answers in one transaction")->check(CLI::Range(1, 100'000));
  app.add_option("--answers", options.answers, "In all")->check(CLI::Range(1, 100'000'000));
  app.add_option("--theta", options.theta, "Answers are weighed by skill; without it they are counted")
      ->check(CLI::Range(0.5, 0.999999));
  app.add_option("--sql", options.sql, "Run first, by the owner of the database: what would another schema cost?");
  app.add_flag("--without-database", options.without_database, "Only the core and the group builder");
  if (const auto code = cli::parse(app, argc, argv)) return *code;
  try {
    return run(options);
  } catch (const std::exception& wrong) {
    std::cerr << "tally-bench-engine: " << wrong.what() << "\n";
    return 1;
  }
}
