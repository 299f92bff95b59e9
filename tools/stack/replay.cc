#include "tools/stack/replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <stdexcept>
#include <sys/types.h>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/aggregation/skill.h"
#include "common/forms/form.h"
#include "common/net/client.h"
#include "schemas/messages.h"
#include "tools/stack/best_coverage.h"
#include "tools/stack/broker_process.h"
#include "tools/stack/crowd.h"
#include "tools/stack/people.h"
#include "tools/stack/project_run.h"
#include "tools/stack/recorded_worker.h"
#include "tools/stack/temporary_folder.h"

namespace tally::stack {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Longer than any replay: an answer is never late, so the answers that are stored are those that the verdict saw.
constexpr Duration lease{24LL * 3'600'000};

std::vector<std::int32_t> answers_by_task(const RecordedSet& set) {
  std::vector<std::int32_t> counts(set.tasks.size());
  for (const RecordedAnswer& answer : set.answers) ++counts[answer.task];
  return counts;
}

std::int32_t most_answers(const RecordedSet& set) {
  const auto counts = answers_by_task(set);
  return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

ProjectSpec spec_of(const ReplayConfig& config, const RecordedSet& set, const FieldSpec& field) {
  ProjectSpec spec;
  spec.title = "Replay of " + set.name;
  spec.instructions = "Recorded answers are handed in again.";
  spec.item_template = "${task}";
  spec.columns = {{"task"}};
  spec.form = {field};
  spec.reward = config.reward;
  spec.redundancy = config.redundancy;
  if (config.max_all) spec.redundancy.max = std::max(spec.redundancy.min, most_answers(set));
  // The items carry their own numbers of answers; the most frequent answer wins, however few gave it.
  if (config.all) spec.redundancy = {1, redundancy_max, 1};
  spec.lease = lease;
  spec.pull_by_item = true;
  return spec;
}

std::vector<Item> items_of(const RecordedSet& set, bool all, const ReplayRules& rules) {
  const auto counts = answers_by_task(set);
  std::vector<Item> items;
  for (std::size_t i = 0; i < set.tasks.size(); ++i) {
    Item item{{set.tasks[i]}, all ? std::optional(counts[i]) : std::nullopt, {}};
    if (rules.gold.contains(i)) item.gold.emplace(rules.field.name, *ballot_of(rules.field, *set.truth[i]));
    items.push_back(std::move(item));
  }
  return items;
}

// Drawn by the seed, of those whose truth the field can take.
std::set<std::size_t> gold_of(const RecordedSet& set, const FieldSpec& field, std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < set.tasks.size(); ++i) {
    if (set.truth[i] && ballot_of(field, *set.truth[i])) known.push_back(i);
  }
  std::mt19937_64 random(seed);
  std::shuffle(known.begin(), known.end(), random);
  if (count > known.size()) {
    throw std::runtime_error("only " + std::to_string(known.size()) +
                             " tasks of this set have a known truth: ask for less --gold");
  }
  return {known.begin(), known.begin() + static_cast<std::ptrdiff_t>(count)};
}

// In which order the answers are handed in: by the seed, those to gold tasks within the first half, because what they
// tell is of use to all others.
std::vector<std::size_t> order_of(const RecordedSet& set, const std::set<std::size_t>& gold, std::uint64_t seed) {
  std::vector<std::size_t> order(set.answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(seed);
  std::shuffle(order.begin(), order.end(), random);
  if (gold.empty()) return order;
  std::vector<std::pair<std::size_t, std::size_t>> turns;
  for (std::size_t i = 0; i < order.size(); ++i) {
    turns.emplace_back(gold.contains(set.answers[order[i]].task) ? i : 2 * i, order[i]);
  }
  std::stable_sort(turns.begin(), turns.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::transform(turns.begin(), turns.end(), order.begin(), [](const auto& turn) { return turn.second; });
  return order;
}

// Says when to kill: at random places among the answers, so that it comes to so many kills however fast the machine is,
// and a moment later, so that not only the time just after an answer is tried.
class Reaper {
 public:
  Reaper(std::int64_t times, std::int64_t answers, std::uint64_t seed) : random_(seed) {
    // Not among the last, so that the work is not over before.
    for (std::int64_t i = 0; i < times; ++i) places_.push_back(up_to(answers * 7 / 10));
    std::sort(places_.begin(), places_.end(), std::greater<>());
  }
  [[nodiscard]] bool is_due(std::int64_t answers) {
    if (places_.empty() || answers < places_.back()) return false;
    if (!at_) at_ = Clock::now() + milliseconds(up_to(20));
    return Clock::now() >= *at_;
  }
  void killed() {
    places_.pop_back();
    at_.reset();
  }
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(up_to(static_cast<std::int64_t>(count) - 1)); }

 private:
  std::int64_t up_to(std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(0, most)(random_); }

  std::mt19937_64 random_;
  std::vector<std::int64_t> places_;  // The next one last.
  std::optional<Clock::time_point> at_;
};

// Under way at a time, of answers that are handed in in order.
constexpr std::size_t turns_ahead_max = 64;

class Replay {
 public:
  Replay(const ReplayConfig& config, const RecordedSet& set, const FieldSpec& field, std::ostream& progress,
         const std::atomic<bool>& interrupted)
      : config_(config),
        set_(set),
        progress_(progress),
        interrupted_(interrupted),
        folder_("tally-replay"),
        broker_({.program = config.broker,
                 .data = config.data.empty() ? folder_.path() / "data" : config.data,
                 .log = folder_.path() / "broker.log"}) {
    if (config.keep) folder_.keep();
    rules_.field = field;
    rules_.all = config.all;
    rules_.redundancy = spec_of(config, set, field).redundancy;
    rules_.reward = config.reward;
    rules_.gold = gold_of(set, field, config.gold, config.seed);
    report_.set = set.name;
    const bool is_weighed = rules_.redundancy.is_by_skill() && forms::labels_of(field) > 0;
    report_.method = is_weighed ? aggregation::skill_method : forms::default_method(field);
    report_.workers = std::ssize(set.workers);
    report_.repeated = set.repeated;
    report_.accuracy_single = accuracy_of_single_answers(set, field);
  }

  ReplayReport run() {
    broker_.start();
    if (broker_.invitation().empty()) {
      throw std::runtime_error("the broker's folder is not new: it gave no invitation for its first admin");
    }
    Admin admin(network_, join(network_, broker_.invitation(), "first admin"));
    const std::vector<std::string> names{"replay"};
    const Person requester = admin.enrol(Role::requester, names).front();
    net::BrokerClient client(network_, requester.config);
    const ProjectId project = post(admin, requester, client);
    hand_out(admin, project);
    end(client, project);
    check(client, project);
    report_.audit = audit(admin.client());
    broker_.stop();
    if (config_.keep) progress_ << "kept: " << folder_.path().string() << "\n";
    return report_;
  }

 private:
  ProjectId post(Admin& admin, const Person& requester, net::BrokerClient& client) {
    const ProjectSpec spec = spec_of(config_, set_, rules_.field);
    const auto items = items_of(set_, config_.all, rules_);
    std::int64_t answers_max = std::ssize(items) * spec.redundancy.max;
    if (config_.all) answers_max = std::ssize(set_.answers);
    rules_.fee = fee_on(config_.reward, must(client, Hello{"replay"}).fee_ppm);
    const auto cost = times(config_.reward + rules_.fee, answers_max);
    if (!cost) throw std::runtime_error("the reward is too large");
    admin.deposit(requester.account, *cost);
    progress_ << "posting " << items.size() << " tasks, at most " << answers_max << " answers\n" << std::flush;
    return post_project(client, spec, items, config_.all ? answers_max : 0);
  }

  void hand_out(Admin& admin, ProjectId project) {
    progress_ << "enrolling " << set_.workers.size() << " workers\n" << std::flush;
    const auto people = admin.enrol(Role::worker, set_.workers);
    const Welcome welcome = must(admin.client(), Hello{"replay"});
    auto workers = make_workers(project, welcome);
    std::vector<Crowd::Place> places;
    for (std::size_t i = 0; i < people.size(); ++i) {
      rules_.workers.emplace(people[i].account, i);
      places.push_back({workers[i].get(), people[i].config});
    }
    const auto begin = Clock::now();
    Crowd crowd(network_, places, config_.threads);
    watch(crowd, begin);
    crowd.stop();
    report_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (const auto& worker : workers) acknowledged_.push_back(worker->acknowledged());
  }

  std::vector<std::unique_ptr<RecordedWorker>> make_workers(ProjectId project, const Welcome& welcome) {
    std::vector<RecordedWorker::Config> configs(set_.workers.size());
    const std::vector<std::size_t> order = order_of(set_, rules_.gold, config_.seed);
    for (std::size_t turn = 0; turn < order.size(); ++turn) {
      const RecordedAnswer& answer = set_.answers[order[turn]];
      RecordedWorker::Config& worker = configs[answer.worker];
      const auto item = static_cast<std::int64_t>(answer.task) + 1;
      worker.labels.emplace(item, answer.label);
      worker.order.push_back(item);
      if (config_.in_order) worker.turn_of.push_back(turn);
    }
    turns_.emplace(order.size(), turns_ahead_max);
    std::vector<std::unique_ptr<RecordedWorker>> workers;
    for (RecordedWorker::Config& worker : configs) {
      worker.project = project;
      worker.field = rules_.field.name;
      worker.tasks_in_hand_max = std::min(config_.tasks_in_hand_max, welcome.leases_per_worker_max);
      worker.answers_per_message_max = welcome.submits_per_message_max;
      worker.answers = &answers_;
      if (config_.in_order) worker.turns = &*turns_;
      workers.push_back(std::make_unique<RecordedWorker>(std::move(worker)));
    }
    return workers;
  }

  // Tells how it goes, and kills what is to be killed, until every worker is done.
  void watch(const Crowd& crowd, Clock::time_point begin) {
    const std::int64_t answers =
        config_.all ? std::ssize(set_.answers) : std::ssize(set_.tasks) * config_.redundancy.min;
    Reaper broker_reaper(config_.broker_kills, answers, config_.seed);
    Reaper postgres_reaper(config_.postgres_kills, answers, config_.seed + 1);
    auto tell_at = begin;
    while (!crowd.is_over()) {
      if (interrupted_) throw std::runtime_error("interrupted");
      const auto now = Clock::now();
      if (now - begin > milliseconds(config_.time_max_ms)) {
        throw std::runtime_error("the workers were not done in time, with " + std::to_string(answers_) + " answers\n" +
                                 broker_.end_of_log());
      }
      if (!broker_.is_running()) throw std::runtime_error("the broker ended by itself\n" + broker_.end_of_log());
      if (broker_reaper.is_due(answers_)) kill_broker(broker_reaper);
      if (postgres_reaper.is_due(answers_)) kill_postgres(postgres_reaper);
      if (now >= tell_at) {
        progress_ << answers_ << " answers\n" << std::flush;
        tell_at = now + milliseconds(2000);
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  void kill_broker(Reaper& reaper) {
    progress_ << "kill -9 of the broker\n" << std::flush;
    broker_.kill();
    ++report_.broker_kills;
    broker_.start();
    reaper.killed();
  }

  // The whole of PostgreSQL, or one of its processes, which makes it restart all the others.
  void kill_postgres(Reaper& reaper) {
    const auto postmaster = broker_.postmaster();
    if (!postmaster) return;  // It is being started again.
    reaper.killed();
    std::vector<pid_t> choice = children_of(*postmaster);
    choice.resize(choice.size() + std::max<std::size_t>(1, choice.size()), *postmaster);
    const pid_t victim = choice[reaper.pick(choice.size())];
    progress_ << "kill -9 of " << (victim == *postmaster ? "PostgreSQL" : "a process of PostgreSQL") << "\n"
              << std::flush;
    ::kill(victim, SIGKILL);
    ++report_.postgres_kills;
  }

  // Tasks for which too few answers were recorded are still open: they end undecided.
  void end(net::BrokerClient& client, ProjectId project) {
    const auto is_over = [](const ProjectStatus& status) {
      return status.row.closed == status.row.items &&
             (status.row.state == ProjectState::ended || status.row.state == ProjectState::cancelled);
    };
    const ProjectStatus status = must(client, GetStatus{project});
    if (status.row.closed < status.row.items) {
      static_cast<void>(must(client, ChangeProject{project, ProjectAction::end}));
    }
    static_cast<void>(wait_for_status(client, project, is_over, Duration{60'000}));
  }

  void check(net::BrokerClient& client, ProjectId project) {
    progress_ << "checking verdicts, payments and the audit\n" << std::flush;
    ReplayCheck check(set_, rules_);
    for_each_result(client, project, [&](const ResultRow& row) { check.take(row); });
    for (std::size_t i = 0; i < acknowledged_.size(); ++i) {
      check.take_acknowledged(i, acknowledged_[i]);
      report_.acknowledged += std::ssize(acknowledged_[i]);
    }
    report_.findings = check.finish();
    report_.gold = std::ssize(rules_.gold);
    report_.asked_ppm = config_.redundancy.confidence_ppm;
    if (report_.asked_ppm == 0) return;
    const double asked = static_cast<double>(report_.asked_ppm) / 1e6;
    report_.coverage_best = best_coverage(set_, rules_.field, asked, rules_.gold);
  }

  const ReplayConfig& config_;
  const RecordedSet& set_;
  std::ostream& progress_;
  const std::atomic<bool>& interrupted_;
  TemporaryFolder folder_;
  BrokerProcess broker_;
  net::Network network_;
  ReplayRules rules_;
  ReplayReport report_;
  std::atomic<std::int64_t> answers_{0};
  std::optional<Turns> turns_;
  std::vector<std::vector<AcknowledgedAnswer>> acknowledged_;  // By worker.
};

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : rounded(static_cast<double>(part) / static_cast<double>(whole));
}

double mean_claim(const ClaimBin& bin) {
  return bin.tasks == 0 ? 0 : static_cast<double>(bin.claimed_ppm) / 1e6 / static_cast<double>(bin.tasks);
}

// What a confidence was asked for comes to: of the tasks that are no gold.
nlohmann::ordered_json claims_json(const ReplayReport& report) {
  const Findings& found = report.findings;
  const std::int64_t tasks = found.tasks - report.gold;
  return {{"asked", rounded(static_cast<double>(report.asked_ppm) / 1e6)},
          {"gold", report.gold},
          {"gold_right", found.gold_right},
          {"audited", found.audited},
          {"answers_beyond", found.answers_beyond},
          {"coverage", share(found.settled - found.gold_settled, tasks)},
          {"coverage_best", rounded(report.coverage_best)},
          {"claimed", rounded(mean_claim(found.of_settled))},
          {"right", share(found.of_settled.right, found.of_settled.tasks)},
          {"settled_with_truth", found.of_settled.tasks}};
}

// Nothing of numbers and texts.
nlohmann::ordered_json f1_json(const Findings& found) {
  if (found.hits.empty()) return nullptr;
  std::vector<LabelHits> labels;
  for (const auto& [label, hits] : found.hits) labels.push_back(hits);
  return rounded(f1_of_hits(labels));
}

}  // namespace

ReplayReport replay(const ReplayConfig& config, const RecordedSet& set, const FieldSpec& field, std::ostream& progress,
                    const std::atomic<bool>& interrupted) {
  const std::int32_t most = most_answers(set);
  if ((config.all || config.max_all) && most > redundancy_max) {
    throw std::runtime_error("a task of this set has " + std::to_string(most) + " answers; at most " +
                             std::to_string(redundancy_max) + " can be bought: name a --max, or use --workers-max");
  }
  return Replay(config, set, field, progress, interrupted).run();
}

std::string to_json(const ReplayReport& report) {
  const Findings& found = report.findings;
  nlohmann::ordered_json json{
      {"set", report.set},
      {"method", report.method},
      {"tasks", found.with_truth},
      {"answers_per_task", share(found.answers, found.tasks)},
      {"accuracy", share(found.right, found.with_truth)},
      {"f1", f1_json(found)},
      {"seconds", rounded(report.seconds)},
      {"tasks_all", found.tasks},
      {"settled", found.settled},
      {"best_guesses", found.best_guesses},
      {"undecided", found.undecided},
      {"answers", found.answers},
      {"acknowledged", report.acknowledged},
      {"repeated_dropped", report.repeated},
      {"workers", report.workers},
      {"answers_per_second", rounded(static_cast<double>(found.answers) / std::max(report.seconds, 1e-3))},
      {"accuracy_single", rounded(report.accuracy_single)},
      {"paid_micros", found.paid.value},
      {"cost_micros", found.cost.value},
      {"broker_kills", report.broker_kills},
      {"postgres_kills", report.postgres_kills},
      {"wrong", found.wrong_count},
      {"audit", report.audit}};
  for (const ClaimBin& bin : found.bins) {
    if (bin.tasks == 0) continue;
    json["bins"].push_back({{"from", rounded(static_cast<double>(bin.from_ppm) / 1e6)},
                            {"tasks", bin.tasks},
                            {"claimed", rounded(mean_claim(bin))},
                            {"right", bin.right}});
  }
  if (report.asked_ppm > 0) json["claims"] = claims_json(report);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tally::stack
