#include "tools/stack/demo.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <memory>
#include <ostream>
#include <random>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

#include "common/cli/progress_bar.h"
#include "common/cli/table.h"
#include "common/project/items_csv.h"
#include "tools/stack/crowd.h"
#include "tools/stack/project_run.h"
#include "tools/stack/simulated_worker.h"

namespace tally::stack {
namespace {

using std::chrono::milliseconds;
constexpr std::size_t spammers = 2;
constexpr milliseconds look_every{100};
constexpr Duration settled_max{30'000};  // For money to reach wallets.

// One simulated person's head. The same seed makes the same mistakes, though not on the same tasks: which tasks a
// person gets is a matter of who is quicker.
class Mind {
 public:
  Mind(WorkerKind kind, const DemoConfig& config, const FieldSpec& field, std::uint64_t seed)
      : kind_(std::move(kind)), config_(config), field_(field), random_(seed) {}

  AnswerValues answer(const TaskOffer& offer) {
    const auto truth = config_.truth.find(offer.values.empty() ? "" : offer.values.front());
    const bool knows = truth != config_.truth.end() && below(100) < static_cast<std::uint64_t>(kind_.right_percent);
    std::string value = knows ? truth->second : field_.options[below(field_.options.size())];
    const bool guessed_right = !knows && kind_.right_percent > 0 && truth != config_.truth.end();
    while (guessed_right && value == truth->second) value = field_.options[below(field_.options.size())];
    return {{field_.name, {value}}};
  }

  Duration thinks() {
    const double average = static_cast<double>(kind_.thinks_ms);
    const double ms = std::uniform_real_distribution<double>(average / 2, average * 3 / 2)(random_);
    return Duration{config_.pace <= 0 ? 0 : std::llround(ms / config_.pace)};
  }

 private:
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }

  WorkerKind kind_;
  const DemoConfig& config_;
  const FieldSpec& field_;
  std::mt19937_64 random_;
};

std::vector<std::string> names_of(const std::vector<WorkerKind>& kinds) {
  std::map<std::string, int> numbers;
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const WorkerKind& kind : kinds) names.push_back(kind.name + " " + std::to_string(++numbers[kind.name]));
  return names;
}

ProjectRow newest_project(net::BrokerClient& requester) {
  const auto page = must(requester, ListProjects{});
  if (page.rows.empty()) throw std::runtime_error("the requester has no project; post one first");
  return page.rows.front();
}

// Until every task is closed.
void watch(const Crowd& crowd, net::BrokerClient& requester, ProjectId project, std::ostream& progress,
           const std::atomic<bool>& interrupted) {
  ProjectStatus status = must(requester, GetStatus{project});
  cli::ProgressBar bar(progress, cli::progress_look(STDERR_FILENO), "tasks settled", status.row.items, cli::steady_now);
  while (status.row.closed < status.row.items) {
    if (interrupted || crowd.is_over()) break;
    std::this_thread::sleep_for(look_every);
    status = must(requester, GetStatus{project});
    bar.update(status.row.closed);
  }
  bar.finish();
  if (interrupted) throw std::runtime_error("interrupted");
}

std::string percent(std::int64_t part, std::int64_t whole) {
  const auto tenths = whole == 0 ? 0 : std::llround(1000.0 * static_cast<double>(part) / static_cast<double>(whole));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string amount(Micros micros, const std::string& currency) { return to_text(micros) + " " + currency; }

}  // namespace

std::vector<WorkerKind> demo_workers(std::size_t count) {
  const WorkerKind careful{"careful", 95, 240};
  const WorkerKind hasty{"hasty", 75, 160};
  const WorkerKind spammer{"spammer", 0, 120};
  std::vector<WorkerKind> kinds;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + spammers >= count) {
      kinds.push_back(spammer);
    } else {
      kinds.push_back(i % 2 == 0 ? careful : hasty);
    }
  }
  return kinds;
}

Result<std::map<std::string, std::string>, std::string> load_truth(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Unexpected{file.string() + " cannot be read"};
  auto reader = project::ItemsReader::open(in);
  if (!reader) return Unexpected{to_text(reader.error(), file.string())};
  if (reader->header().size() != 2) return Unexpected{file.string() + ": there must be two columns: item and answer"};
  std::map<std::string, std::string> truth;
  for (;;) {
    auto row = reader->next();
    if (!row) return Unexpected{to_text(row.error(), file.string())};
    if (!row.value()) return truth;
    auto& values = (*row)->item.values;
    truth[values[0]] = std::move(values[1]);
  }
}

void run_demo(const DemoConfig& config, const Person& admin_person, const Person& requester_person, std::ostream& out,
              std::ostream& progress, const std::atomic<bool>& interrupted) {
  const net::Network network;
  Admin admin(network, admin_person);
  net::BrokerClient requester(network, requester_person.config);
  const ProjectId project = newest_project(requester).project;
  const ProjectSpec spec = must(requester, DescribeProject{project}).spec;
  if (spec.form.empty() || spec.form.front().options.empty())
    throw std::runtime_error("the first field has no options");

  const auto kinds = demo_workers(config.workers);
  const auto names = names_of(kinds);
  const auto people = admin.enrol(Role::worker, names);
  DemoTotals totals;
  std::vector<std::unique_ptr<Mind>> minds;
  std::vector<std::unique_ptr<SimulatedWorker>> workers;
  std::vector<Crowd::Place> places;
  for (std::size_t i = 0; i < people.size(); ++i) {
    totals.workers[people[i].account].name = names[i];
    Mind* mind = minds.emplace_back(std::make_unique<Mind>(kinds[i], config, spec.form.front(), config.seed + i)).get();
    workers.push_back(std::make_unique<SimulatedWorker>(
        SimulatedWorker::Config{.project = project,
                                .answer = [mind](const TaskOffer& offer) { return mind->answer(offer); },
                                .thinks = [mind] { return mind->thinks(); }}));
    places.push_back({workers.back().get(), people[i].config});
  }
  {
    Crowd crowd(network, places, config.threads);
    watch(crowd, requester, project, progress, interrupted);
    crowd.stop();
  }
  const auto is_over = [](const ProjectStatus& status) { return status.row.state == ProjectState::ended; };
  static_cast<void>(wait_for_status(requester, project, is_over, settled_max));
  for_each_result(requester, project, [&](const ResultRow& row) { totals.take(row, config.truth); });
  const Welcome welcome = must(requester, Hello{"demo"});
  totals.single_cost = times(spec.reward + fee_on(spec.reward, welcome.fee_ppm), totals.tasks).value_or(Micros{});
  out << report_of(totals, welcome.currency);
}

void DemoTotals::take(const ResultRow& row, const std::map<std::string, std::string>& truth) {
  ++tasks;
  cost += row.cost;
  const auto known = truth.find(row.values.empty() ? "" : row.values.front());
  const auto is_right = [&](const std::string& value) { return known != truth.end() && known->second == value; };
  if (row.state == TaskState::settled && !row.judged.empty()) {
    ++settled;
    if (is_right(row.judged.front().value)) ++right;
  }
  const AnswerRow* first = nullptr;
  for (const AnswerRow& answer : row.given) {
    if (first == nullptr || answer.assignment < first->assignment) first = &answer;
    const bool agrees = !answer.values.empty() && !answer.values.begin()->second.empty() &&
                        is_right(answer.values.begin()->second.front());
    WorkerTotal& worker = workers[answer.worker];
    ++answers;
    ++worker.answers;
    worker.right += agrees ? 1 : 0;
    worker.paid_answers += answer.paid.value > 0 ? 1 : 0;
    worker.earned += answer.paid;
    paid += answer.paid;
  }
  if (first != nullptr && !first->values.empty() && is_right(first->values.begin()->second.front())) ++first_right;
}

std::string report_of(const DemoTotals& totals, const std::string& currency) {
  using cli::Align;
  const auto text_of = [](std::int64_t number) { return std::to_string(number); };
  cli::Table quality({{""}, {"right", Align::right}, {"answers bought", Align::right}, {"cost", Align::right}});
  const double each = totals.answers == 0 ? 0 : static_cast<double>(totals.answers) / static_cast<double>(totals.tasks);
  quality.row({"by vote, as many answers as it takes", percent(totals.right, totals.tasks), text_of(totals.answers),
               amount(totals.cost, currency)});
  quality.row({"a single answer a task", percent(totals.first_right, totals.tasks), text_of(totals.tasks),
               amount(totals.single_cost, currency)});

  std::vector<const WorkerTotal*> by_earnings;
  for (const auto& [account, worker] : totals.workers) by_earnings.push_back(&worker);
  std::stable_sort(by_earnings.begin(), by_earnings.end(),
                   [](const auto* a, const auto* b) { return a->earned > b->earned; });
  cli::Table earned({{"worker"},
                     {"answers", Align::right},
                     {"right", Align::right},
                     {"paid for", Align::right},
                     {"earned", Align::right}});
  for (const WorkerTotal* worker : by_earnings) {
    earned.row({worker->name, text_of(worker->answers), percent(worker->right, worker->answers),
                text_of(worker->paid_answers), amount(worker->earned, currency)});
  }
  return quality.to_text() + "\n" + text_of(totals.settled) + " of " + text_of(totals.tasks) + " tasks settled, " +
         text_of(totals.tasks - totals.settled) + " undecided; " + std::to_string(each).substr(0, 4) +
         " answers a task. Workers got " + amount(totals.paid, currency) + ", the platform " +
         amount(totals.cost - totals.paid, currency) + ".\n\n" + earned.to_text();
}

}  // namespace tally::stack
