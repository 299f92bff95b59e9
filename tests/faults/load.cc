#include "tests/faults/load.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/faults/scale.h"
#include "tools/stack/project_run.h"

// libpqxx 6.4 leaks the result of the statement that finds its connection lost: 2 KB a loss.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }

namespace tally::faults {
namespace {

constexpr std::chrono::seconds patience{90};
constexpr Duration resend_after{2'000};  // A reply that was lost with the broker is asked for again soon.

// All that one account has ever earned, wherever the money is by now.
Micros earned(e2e::Market& market, const stack::Person& person) {
  net::BrokerClient client(market.network, person.config, Duration{60'000});
  const EarningsPage page = stack::must(client, Earnings{});
  return page.wallet + page.on_the_way + page.paid_out;
}

struct Books {
  std::set<AssignmentId> stored;
  std::int64_t paid = 0;  // Answers.
  std::int64_t second_answers = 0;
  Micros on_accounts;
};

Books read_books_once(const Audited& audited) {
  Books books;
  stack::for_each_result(*audited.market.rita, audited.project, [&](const ResultRow& row) {
    std::set<AccountId> workers;
    for (const AnswerRow& answer : row.given) {
      books.second_answers += workers.insert(answer.worker).second ? 0 : 1;
      books.second_answers += books.stored.insert(answer.assignment).second ? 0 : 1;
      books.paid += answer.paid.value > 0 ? 1 : 0;
    }
  });
  for (const stack::Person& person : audited.market.people) books.on_accounts += earned(audited.market, person);
  return books;
}

// Results and accounts are read one after the other, and what the workers sent last is still being committed when they
// have stopped: read until it stands still.
Books read_books(const Audited& audited) {
  Books books = read_books_once(audited);
  for (;;) {
    Books again = read_books_once(audited);
    const bool stands = again.stored == books.stored && again.paid == books.paid;
    books = std::move(again);
    if (stands) return books;
  }
}

// The last lines of a broker's log, and how often each kind of line is there: what is said again and again is why.
std::string told_by(const std::string& name, const std::filesystem::path& log) {
  constexpr std::size_t last_lines = 25;
  std::deque<std::string> last;
  std::map<std::string, std::int64_t> times;
  std::ifstream in(log, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const std::size_t event = line.find("event=");
    if (event != std::string::npos) ++times[line.substr(event, line.find(' ', event) - event)];
    last.push_back(std::move(line));
    if (last.size() > last_lines) last.pop_front();
  }
  std::ostringstream out;
  out << "what " << name << " has logged:";
  for (const auto& [event, count] : times) out << ' ' << event << " (" << count << ')';
  out << '\n';
  for (const std::string& line : last) out << "  " << line << '\n';
  return out.str();
}

}  // namespace

ProjectSpec loaded_spec() {
  ProjectSpec spec = e2e::small_spec();
  spec.redundancy = {3, 5, 2};
  spec.lease = Duration{600'000};
  spec.reward = Micros{100};  // So that one deposit is enough for any number of answers.
  return spec;
}

ProjectId staff(e2e::Market& market, std::size_t workers, const ProjectSpec& spec) {
  market.enrol_workers(workers);
  return market.post(spec, e2e::numbered_items(scaled(10'000U, 40'000U)));
}

Load::Load(const net::Network& network, ProjectId project, const std::vector<stack::Person>& workers, unsigned seed,
           Witnesses witnesses)
    : witnesses_(std::move(witnesses)) {
  std::vector<stack::Crowd::Place> places;
  for (const stack::Person& person : workers) {
    workers_.push_back(std::make_unique<SteadyWorker>(SteadyWorker::Config{project, seed++, &heard_}));
    net::ConversationConfig config = person.config;
    config.resend_after = resend_after;
    config.reconnect_after_max = Duration{500};
    places.push_back({workers_.back().get(), std::move(config)});
  }
  crowd_ = std::make_unique<stack::Crowd>(network, places, 1);
}

void Load::reach(std::int64_t more, const std::function<void()>& look) const {
  const std::int64_t wanted = heard_.acknowledged + more;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (heard_.acknowledged < wanted) {
    look();
    if (crowd_->is_over() || std::chrono::steady_clock::now() >= until) {
      FAIL(heard_.acknowledged << " answers are acknowledged, " << wanted << " are waited for; "
                               << (crowd_->is_over() ? "the workers have stopped\n" : "nobody gets on\n")
                               << testimony());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::string Load::testimony() const {
  std::ostringstream out;
  out << heard_.without_tasks << " replies without a task, " << heard_.refusals << " refusals\n";
  if (witnesses_.state) out << witnesses_.state() << '\n';
  const std::filesystem::path kept =
      std::filesystem::temp_directory_path() / ("tally-faults-failed-" + std::to_string(getpid()));
  std::error_code trouble;  // What cannot be kept is told all the same.
  std::filesystem::create_directories(kept, trouble);
  for (const auto& [name, log] : witnesses_.logs) {
    const std::filesystem::path copy = kept / (name + ".log");
    std::filesystem::copy_file(log, copy, std::filesystem::copy_options::overwrite_existing, trouble);
    out << told_by(name, log) << "  all of it: " << copy.string() << '\n';
  }
  return out.str();
}

std::set<AssignmentId> Load::stop() {
  crowd_->stop();
  std::set<AssignmentId> all;
  for (const auto& worker : workers_) {
    for (const AssignmentId id : worker->acknowledged()) {
      INFO("acknowledged twice to a worker who handed it in once");
      CHECK(all.insert(id).second);
    }
  }
  return all;
}

std::vector<stack::Latency> Load::latencies() const {
  std::vector<stack::Latency> all;
  for (const auto& worker : workers_) all.insert(all.end(), worker->latencies().begin(), worker->latencies().end());
  return all;
}

Counts check_books(const Audited& audited, const std::set<AssignmentId>& acknowledged) {
  e2e::Market& market = audited.market;
  Counts counts;
  counts.acknowledged = std::ssize(acknowledged);
  const Books books = read_books(audited);
  counts.stored = std::ssize(books.stored);
  counts.paid = books.paid;
  counts.lost = std::count_if(acknowledged.begin(), acknowledged.end(),
                              [&](AssignmentId id) { return !books.stored.contains(id); });
  const Micros reward = loaded_spec().reward;
  counts.paid_twice = (books.on_accounts.value - counts.paid * reward.value) / reward.value;

  CHECK(books.second_answers == 0);
  CHECK(counts.lost == 0);
  CHECK(counts.stored >= counts.acknowledged);
  CHECK(books.on_accounts == Micros{counts.paid * reward.value});
  CHECK(stack::audit(market.admin->client()) == "clean");
  tell(audited.fault, "acknowledged " + std::to_string(counts.acknowledged) + ", stored " +
                          std::to_string(counts.stored) + ", lost " + std::to_string(counts.lost) + ", paid " +
                          std::to_string(counts.paid) + ", paid twice " + std::to_string(counts.paid_twice) + ", " +
                          audited.what + " " + std::to_string(audited.times));
  return counts;
}

void tell(int fault, const std::string& line) {
  const std::string whole = "fault " + std::to_string(fault) + ": " + line + "\n";
  std::cout << whole << std::flush;
  // scripts/faults puts the lines of all its programs together.
  if (const char* file = std::getenv("TALLY_FAULTS_COUNTS")) std::ofstream(file, std::ios::app) << whole;
}

}  // namespace tally::faults
