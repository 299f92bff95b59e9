// Fault 15: the broker dies while money goes home: while a project ends or is cancelled, while earnings are swept, and
// while another start of it reads all of that. Escrow comes back exactly once.
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/e2e/background.h"
#include "tests/e2e/raw_client.h"
#include "tests/faults/load.h"
#include "tests/faults/scale.h"

namespace tally::faults {
namespace {

using Clock = std::chrono::steady_clock;

// A moment that chance chooses, no later than `most` from now.
void let_pass_up_to(std::mt19937& dice, std::chrono::microseconds most) {
  const auto until =
      Clock::now() + std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(dice));
  while (Clock::now() < until) {
  }
}

bool all_money_is_home(const ProjectStatus& status) {
  const bool is_over = status.row.state == ProjectState::ended || status.row.state == ProjectState::cancelled;
  return is_over && status.held == Micros{0};
}

ProjectSpec paid_at_once() {
  ProjectSpec spec = e2e::small_spec();
  spec.pay = PayPolicy::all;
  spec.redundancy = {1, 1, 1};
  return spec;
}

// A broker that is killed while it starts, again and again. The market's own does not run.
void die_while_starting(const e2e::Market& market, std::mt19937& dice, int times, std::chrono::milliseconds most) {
  const std::string command = e2e::quoted(e2e::program("tally-broker")) +
                              " --unsafe-fast --port 0 --enrolment-port 0 " + "--data " +
                              e2e::quoted(market.folder.path() / "data");
  for (int i = 0; i < times; ++i) {
    e2e::Background broker(command);
    let_pass_up_to(dice, most);
    broker.kill();
  }
}

}  // namespace

TEST_CASE("a broker that dies while projects close, or while it starts again, gives escrow back exactly once",
          "[fault-15]") {
  constexpr std::int64_t items = 8;
  e2e::Market market;
  market.enrol_workers(1);
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  std::mt19937 dice(seed);
  zmq::context_t context{1};
  const int deaths = scaled(5, 80);
  Micros spent;
  int starts_cut_off = 0;
  const Micros at_first = stack::settled_wallet(*market.rita);
  for (int i = 0; i < deaths; ++i) {
    const ProjectId project = market.post(paid_at_once(), e2e::numbered_items(items));
    const std::int64_t answers = std::uniform_int_distribution<std::int64_t>(0, items)(dice);
    const Tasks got = stack::must(*market.workers[0], Pull{project, items, {}, 0});
    REQUIRE(std::ssize(got.tasks) == items);
    Submit submit;
    for (std::int64_t j = 0; j < answers; ++j) {
      submit.answers.push_back({got.tasks[static_cast<std::size_t>(j)].assignment, {{"bird", {"robin"}}}});
    }
    // Both are sent, and no reply is waited for.
    e2e::RawClient worker(context, market.people[0].config, market.people[0].config.port);
    e2e::RawClient requester(context, market.requester.config, market.requester.config.port);
    requester.ask(1, GetBalance{});
    static_cast<void>(requester.hear(1));
    worker.ask(1, Earnings{});
    static_cast<void>(worker.hear(1));
    if (answers > 0) worker.ask(2, submit);
    requester.ask(2, ChangeProject{project, i % 2 == 0 ? ProjectAction::cancel : ProjectAction::end});
    let_pass_up_to(dice, std::chrono::milliseconds(12));
    market.broker.kill();
    const int cut_off = i % 2;
    die_while_starting(market, dice, cut_off, std::chrono::milliseconds(1'200));
    starts_cut_off += cut_off;
    market.broker.start();

    // The same again, by those who heard nothing. What was under way may still be handed in.
    if (answers > 0) {
      for (const SubmitOutcome& outcome : stack::must(*market.workers[0], submit).outcomes) CHECK(outcome.accepted);
    }
    static_cast<void>(market.rita->ask(ChangeProject{project, ProjectAction::cancel}));
    for (std::size_t j = static_cast<std::size_t>(answers); j < got.tasks.size(); ++j) {
      static_cast<void>(market.workers[0]->ask(HandBack{got.tasks[j].assignment, HandBackHow::returned}));
    }
    const ProjectStatus status = stack::wait_for_status(*market.rita, project, all_money_is_home, Duration{60'000});
    CHECK(status.paid == Micros{10'000 * answers});
    CHECK(status.fees == Micros{2'000 * answers});
    CHECK(status.refunded == Micros{12'000 * (items - answers)});
    spent += Micros{12'000 * answers};
    CHECK(stack::settled_wallet(*market.rita) == at_first - spent);
  }
  CHECK(stack::audit(market.admin->client()) == "clean");
  tell(15, std::to_string(deaths) + " deaths while a project closed, " + std::to_string(starts_cut_off) +
               " starts cut off, escrow lost 0, escrow returned twice 0, paid twice 0");
}

TEST_CASE("a first start that is cut off anywhere, its migrations among it, is finished by the next", "[fault-15]") {
  const unsigned seed = Catch::rngSeed();
  INFO("--rng-seed " << seed);
  std::mt19937 dice(seed);
  const int folders = scaled(1, 15);
  int cut_off = 0;
  for (int i = 0; i < folders; ++i) {
    const stack::TemporaryFolder folder("tally-faults-");
    stack::BrokerConfig config;
    config.program = e2e::program("tally-broker");
    config.data = folder.path() / "data";
    config.log = folder.path() / "broker.log";
    config.arguments = {"--unsafe-fast"};
    for (int j = 0; j < 3; ++j, ++cut_off) {
      e2e::Background broker(e2e::quoted(config.program) + " --unsafe-fast --port 0 --enrolment-port 0 --data " +
                             e2e::quoted(config.data));
      let_pass_up_to(dice, std::chrono::milliseconds(1'500));
      broker.kill();
    }
    stack::BrokerProcess broker(config);
    broker.start();
    CHECK(broker.is_running());
    broker.stop();
  }
  tell(15, std::to_string(cut_off) + " first starts cut off, finished by the next: all");
}

}  // namespace tally::faults
