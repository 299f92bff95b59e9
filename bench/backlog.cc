// tally-bench-backlog: what a backlog costs. Posts so many tasks to a broker with its own PostgreSQL, answers a share
// of every part, lets a few workers work, and starts the broker again. One line of JSON; docs/performance.md says what
// the figures mean, scripts/bench runs it.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/net/conversation_set.h"
#include "tools/stack/bench_main.h"
#include "tools/stack/bench_project.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/cpu.h"
#include "tools/stack/crowd.h"
#include "tools/stack/measuring.h"
#include "tools/stack/people.h"
#include "tools/stack/temporary_folder.h"

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Json = nlohmann::ordered_json;

struct Options : stack::BenchOptions {
  std::int64_t tasks = 10'000;
  std::int64_t projects = 1;
  double answered = 0;  // Share of the tasks of every part.
  bool half_answered = false;
  std::size_t workers = 10;
  double seconds = 5;
};

// ---- Posting --------------------------------------------------------------------------------------------------------

constexpr std::size_t messages_at_a_time = 16;
constexpr std::int64_t items_per_message = 1000;
constexpr std::size_t requesters_max = 8;  // One client's messages are bounded; many small projects are many messages.
constexpr Duration patience{120'000};

struct Posted {
  ProjectId project;
  std::int64_t items = 0;
  std::int64_t part_size = 0;
};

// One requester, who streams projects: several messages on their way at a time.
class Poster {
 public:
  Poster(const net::Network& network, const net::ConversationConfig& config, std::deque<std::int64_t> sizes)
      : conversation_(network, config), to_open_(std::move(sizes)) {
    send_more();
  }

  [[nodiscard]] bool is_done() const { return to_open_.empty() && to_post_.empty() && under_way_.empty(); }
  [[nodiscard]] net::Conversation& conversation() { return conversation_; }
  [[nodiscard]] const std::vector<Posted>& projects() const { return projects_; }

  void take_replies() {
    while (const auto arrived = conversation_.take()) take(*arrived);
    send_more();
  }

 private:
  struct Message {
    std::size_t project = 0;  // In projects_.
    std::int64_t first = 0;   // 0: the message that opens it.
    std::int64_t count = 0;
  };

  void take(const net::Conversation::Arrived& arrived) {
    const Message message = under_way_.at(arrived.request_id);
    under_way_.erase(arrived.request_id);
    if (!arrived.reply) {
      // One before it was put off.
      if (arrived.reply.error().code != RefusalCode::items_out_of_order) {
        stack::throw_refusal("a posting", arrived.reply.error());
      }
      return send(message);
    }
    const auto* opened = std::get_if<ProjectOpened>(&arrived.reply.value());
    if (opened == nullptr) return;
    Posted& posted = projects_[message.project];
    posted.project = opened->project;
    posted.part_size = opened->part_size;
    to_post_.push_back({message.project, 1, posted.items});
  }

  void send_more() {
    while (under_way_.size() < messages_at_a_time) {
      if (!to_post_.empty()) {
        send(cut(to_post_.front()));
        if (to_post_.front().count == 0) to_post_.pop_front();
      } else if (!to_open_.empty()) {
        projects_.push_back({{}, to_open_.front(), 0});
        to_open_.pop_front();
        send({projects_.size() - 1, 0, 0});
      } else {
        return;
      }
    }
  }

  // The next message of what is to be posted.
  Message cut(Message& left) {
    const std::int64_t part_size = projects_[left.project].part_size;
    const std::int64_t end_of_part = ((left.first - 1) / part_size + 1) * part_size;
    const Message message{left.project, left.first,
                          std::min({left.count, items_per_message, end_of_part - left.first + 1})};
    left.first += message.count;
    left.count -= message.count;
    return message;
  }

  void send(const Message& message) {
    const Posted& posted = projects_[message.project];
    if (message.first == 0) {
      ProjectSpec spec = stack::bench_spec({1, 1, 1});
      spec.pull_by_item = true;
      under_way_[conversation_.send(OpenProject{stack::random_key(), std::move(spec), posted.items, 0})] = message;
      return;
    }
    PostItems post{posted.project, message.first, {}};
    for (std::int64_t i = 0; i < message.count; ++i) post.items.push_back(stack::bench_item(message.first + i));
    under_way_[conversation_.send(post)] = message;
  }

  net::Conversation conversation_;
  std::deque<std::int64_t> to_open_;  // By items.
  std::deque<Message> to_post_;
  std::map<std::uint64_t, Message> under_way_;
  std::vector<Posted> projects_;
};

template <class Client>
void run_until_done(std::vector<std::unique_ptr<Client>>& clients) {
  net::ConversationSet set;
  for (std::size_t i = 0; i < clients.size(); ++i) set.add(i, clients[i]->conversation());
  while (std::any_of(clients.begin(), clients.end(), [](const auto& client) { return !client->is_done(); })) {
    stack::check_interrupted();
    for (const std::size_t i : set.wait(milliseconds(100))) clients[i]->take_replies();
  }
}

std::vector<Posted> post(const net::Network& network, const std::vector<stack::Person>& requesters,
                         const Options& options) {
  std::vector<std::deque<std::int64_t>> shares(requesters.size());
  for (std::int64_t i = 0; i < options.projects; ++i) {
    const std::int64_t items = options.tasks * (i + 1) / options.projects - options.tasks * i / options.projects;
    shares[static_cast<std::size_t>(i) % shares.size()].push_back(items);
  }
  std::vector<std::unique_ptr<Poster>> posters;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    posters.push_back(std::make_unique<Poster>(network, requesters[i].config, shares[i]));
  }
  run_until_done(posters);
  std::vector<Posted> projects;
  for (const auto& poster : posters) {
    projects.insert(projects.end(), poster->projects().begin(), poster->projects().end());
  }
  return projects;
}

// ---- Answering a share of every part --------------------------------------------------------------------------------

constexpr std::int64_t answers_per_message = 100;

// Items of one part, by their numbers in the project.
struct Stretch {
  ProjectId project;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

std::deque<Stretch> to_answer(const std::vector<Posted>& projects, double share) {
  std::deque<Stretch> stretches;
  for (const Posted& posted : projects) {
    for (std::int64_t first = 1; first <= posted.items; first += posted.part_size) {
      const std::int64_t size = std::min(posted.part_size, posted.items - first + 1);
      const auto count = static_cast<std::int64_t>(share * static_cast<double>(size));
      if (count > 0) stretches.push_back({posted.project, first, count});
    }
  }
  return stretches;
}

// A worker who asks for the items of a stretch and answers them, a hundred a message.
class Answerer {
 public:
  Answerer(const net::Network& network, const net::ConversationConfig& config, std::deque<Stretch>& stretches,
           std::int64_t& answers)
      : conversation_(network, config), stretches_(stretches), answers_(answers) {
    pull();
  }
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] net::Conversation& conversation() { return conversation_; }

  void take_replies() {
    while (const auto arrived = conversation_.take()) {
      if (!arrived->reply) stack::throw_refusal("answering", arrived->reply.error());
      if (const auto* tasks = std::get_if<Tasks>(&arrived->reply.value())) {
        submit(*tasks);
      } else {
        answers_ += std::ssize(std::get<Submitted>(arrived->reply.value()).outcomes);
        pull();
      }
    }
  }

 private:
  void pull() {
    if (mine_.count == 0 && stretches_.empty()) {
      is_done_ = true;
      return;
    }
    if (mine_.count == 0) {
      mine_ = stretches_.front();
      stretches_.pop_front();
    }
    Pull pull{.project = mine_.project, .count = answers_per_message};
    while (mine_.count > 0 && std::ssize(pull.items) < answers_per_message) {
      pull.items.push_back(mine_.first++);
      --mine_.count;
    }
    conversation_.send(pull);
  }
  void submit(const Tasks& tasks) {
    Submit submit;
    for (const TaskOffer& task : tasks.tasks) submit.answers.push_back({task.assignment, stack::bench_answer()});
    if (submit.answers.empty()) throw std::runtime_error("a part that was posted is not open");
    conversation_.send(submit);
  }

  net::Conversation conversation_;
  std::deque<Stretch>& stretches_;  // What nobody has begun.
  std::int64_t& answers_;
  Stretch mine_;
  bool is_done_ = false;
};

// ---- Working on it --------------------------------------------------------------------------------------------------

// One client: asks for a task, hands in its answer, one after the other, and times both.
class TimedWorker : public stack::Member {
 public:
  void begin(net::Conversation& conversation) override { pull(conversation); }
  void take(net::Conversation& conversation, const net::Conversation::Arrived& arrived) override {
    if (!arrived.reply) stack::throw_refusal("a worker's request", arrived.reply.error());
    const auto took = std::chrono::duration<double, std::milli>(Clock::now() - began_).count();
    const auto* tasks = std::get_if<Tasks>(&arrived.reply.value());
    if (tasks == nullptr) {
      submits_ms.push_back(took);
      return pull(conversation);
    }
    if (tasks->tasks.empty()) return pull(conversation);  // It has waited at the broker.
    pulls_ms.push_back(took);
    began_ = Clock::now();
    conversation.send(Submit{{{tasks->tasks.front().assignment, stack::bench_answer()}}, 0, {}});
  }
  [[nodiscard]] bool is_done() const override { return false; }

  std::vector<double> pulls_ms, submits_ms;

 private:
  void pull(net::Conversation& conversation) {
    began_ = Clock::now();
    conversation.send(Pull{.count = 1, .wait_ms = 1000});
  }

  Clock::time_point began_;
};

void work(const net::Network& network, const std::vector<stack::Person>& people, const Options& options, Json& line) {
  std::vector<std::unique_ptr<TimedWorker>> workers;
  std::vector<stack::Crowd::Place> places;
  for (const auto& person : people) {
    workers.push_back(std::make_unique<TimedWorker>());
    places.push_back({workers.back().get(), person.config});
  }
  const auto begin = Clock::now();
  stack::Crowd crowd(network, places, 1);
  while (stack::seconds_since(begin) < options.seconds && !crowd.is_over()) {
    stack::check_interrupted();
    std::this_thread::sleep_for(milliseconds(10));
  }
  crowd.stop();
  const double seconds = stack::seconds_since(begin);
  std::vector<double> pulls;
  std::vector<double> submits;
  for (const auto& worker : workers) {
    pulls.insert(pulls.end(), worker->pulls_ms.begin(), worker->pulls_ms.end());
    submits.insert(submits.end(), worker->submits_ms.begin(), worker->submits_ms.end());
  }
  line["workers"] = people.size();
  line["tasks_per_second"] = std::llround(static_cast<double>(submits.size()) / seconds);
  line["pull_p50_ms"] = stack::share_of(pulls, 0.5);
  line["pull_p99_ms"] = stack::share_of(pulls, 0.99);
  line["submit_p50_ms"] = stack::share_of(submits, 0.5);
  line["submit_p99_ms"] = stack::share_of(submits, 0.99);
}

// ---- All of it ------------------------------------------------------------------------------------------------------

std::int64_t bytes_below(const std::filesystem::path& folder) {
  std::int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::error_code gone;  // The database deletes files meanwhile.
    const auto size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

// CPU seconds since the last time it was asked, of the broker's threads and of its database.
class Cpu {
 public:
  explicit Cpu(const stack::BrokerProcess& broker) : broker_(broker) { static_cast<void>(since_last()); }
  Json since_last() {
    const stack::BrokerCpu broker = stack::cpu_of_broker(broker_.pid());
    const double postgres = stack::cpu_of_postgres(broker_.postmaster().value_or(0));
    Json since{{"loop", stack::rounded(broker.loop - broker_before_.loop)},
               {"sockets", stack::rounded(broker.sockets - broker_before_.sockets)},
               {"others", stack::rounded(broker.others - broker_before_.others)},
               {"postgres", stack::rounded(postgres - postgres_before_)}};
    broker_before_ = broker;
    postgres_before_ = postgres;
    return since;
  }

 private:
  const stack::BrokerProcess& broker_;
  stack::BrokerCpu broker_before_;
  double postgres_before_ = 0;
};

// Until the broker has nothing to do of itself: parts are opened, earnings sent.
double settle(const stack::BrokerProcess& broker) {
  const auto begin = Clock::now();
  const auto used = [&] {
    const stack::BrokerCpu cpu = stack::cpu_of_broker(broker.pid());
    return cpu.loop + cpu.sockets + cpu.others;
  };
  while (stack::seconds_since(begin) < 120) {
    stack::check_interrupted();
    const double before = used();
    std::this_thread::sleep_for(milliseconds(500));
    if (used() - before < 0.025) break;
  }
  return stack::seconds_since(begin);
}

void measure(const Options& options) {
  const stack::TemporaryFolder folder("tally-bench");
  stack::BrokerProcess broker(
      {.program = options.broker, .data = folder.path() / "data", .log = folder.path() / "broker.log"});
  broker.start();
  const net::Network network;
  Json line{{"figure", "backlog"}, {"tasks", options.tasks}, {"projects", options.projects}};
  std::vector<stack::Person> people;
  {
    stack::Admin admin(network, stack::join(network, broker.invitation(), "first admin"));
    const std::size_t count = std::min<std::size_t>(requesters_max, static_cast<std::size_t>(options.projects));
    const auto requesters = admin.enrol(Role::requester, stack::numbered("requester", count));
    for (const auto& requester : requesters) admin.deposit(requester.account, Micros{1'000'000'000'000});
    people = admin.enrol(Role::worker, stack::numbered("worker", options.workers));
    line["empty_kib"] = broker.resident_kib();

    Cpu cpu(broker);
    auto begin = Clock::now();
    const std::vector<Posted> projects = post(network, requesters, options);
    const double seconds = stack::seconds_since(begin);
    line["post_seconds"] = stack::rounded(seconds);
    line["items_per_second"] = std::llround(static_cast<double>(options.tasks) / seconds);
    line["post_cpu_seconds"] = cpu.since_last();
    line["posted_kib"] = broker.resident_kib();
    line["open_seconds"] = stack::rounded(settle(broker));
    if (options.answered > 0) {
      std::deque<Stretch> stretches = to_answer(projects, options.answered);
      std::int64_t answers = 0;
      begin = Clock::now();
      std::vector<std::unique_ptr<Answerer>> answerers;
      answerers.reserve(people.size());
      for (const auto& person : people) {
        answerers.push_back(std::make_unique<Answerer>(network, person.config, stretches, answers));
      }
      run_until_done(answerers);
      line["answers"] = answers;
      line["answers_per_second"] = std::llround(static_cast<double>(answers) / stack::seconds_since(begin));
      line["answered_kib"] = broker.resident_kib();
      line["settle_seconds"] = stack::rounded(settle(broker));
    }
  }
  Cpu cpu(broker);
  work(network, people, options, line);
  line["work_cpu_seconds"] = cpu.since_last();
  line["working_kib"] = broker.resident_kib();
  line["peak_kib"] = stack::peak_kib(broker.pid());
  line["database_mib"] = bytes_below(folder.path() / "data") >> 20;

  broker.stop();
  const auto begin = Clock::now();
  broker.start();
  line["restart_ready_seconds"] = stack::rounded(stack::seconds_since(begin));
  net::BrokerClient worker(network, people.front().config);
  const Tasks first = stack::must(worker, Pull{.count = 1, .wait_ms = 30'000});
  if (first.tasks.empty()) throw std::runtime_error("no task was handed out after the restart");
  line["restart_first_task_seconds"] = stack::rounded(stack::seconds_since(begin));
  line["restart_kib"] = broker.resident_kib();
  line["restart_settle_seconds"] = stack::rounded(settle(broker));
  line["restart_peak_kib"] = stack::peak_kib(broker.pid());
  broker.stop();
  std::cout << line.dump() << std::endl;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--tasks", options.tasks, "How many are posted")->check(CLI::Range(1, 100'000'000));
  app.add_option("--projects", options.projects, "In so many projects of one size")->check(CLI::Range(1, 1'000'000));
  app.add_option("--answered", options.answered, "Share of every part's tasks that is answered before the measurement")
      ->check(CLI::Range(0.0, 0.99));
  app.add_flag("--half-answered", options.half_answered, "The same as --answered 0.5");
  app.add_option("--workers", options.workers, "Clients that work on it")->check(CLI::Range(1, 1'000));
  app.add_option("--seconds", options.seconds, "They do so long")->check(CLI::Range(0.1, 3600.0));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures what a backlog of tasks costs.", "tally-bench-backlog");
  add_options(app, options);
  return stack::bench_main(app, options, argc, argv, [&] {
    if (options.half_answered) options.answered = 0.5;
    options.projects = std::min(options.projects, options.tasks);
    measure(options);
  });
}
