// The main job over real sockets and a real database: posted, handed out, settled by votes, paid, and provable.
#include <catch2/catch.hpp>

#include "tests/e2e/market.h"
#include "tests/support/comes_true.h"

namespace tally::e2e {
namespace {

bool is_over(const ProjectStatus& status) { return status.row.state == ProjectState::ended; }

}  // namespace

TEST_CASE("a batch is handed out, settled and paid, the rest of the money goes home, and the audit is clean") {
  Market market;
  market.enrol_workers(4);
  const ProjectId project = market.post(small_spec(), numbered_items(10));
  // The third of them is wrong about every item; the fourth comes when all is settled.
  market.work(project, [](std::size_t worker, const TaskOffer& task) {
    REQUIRE(task.values == std::vector<std::string>{"Item " + std::to_string(task.item_no.value())});
    return worker == 2 ? "wren" : "robin";
  });
  const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(status.settled == 10);
  CHECK(status.row.answers == 30);
  CHECK(status.paid == Micros{20 * 10'000LL});
  CHECK(status.fees == Micros{20 * 2'000LL});
  CHECK(status.held == Micros{0});
  stack::for_each_result(*market.rita, project, [](const ResultRow& row) {
    REQUIRE(row.judged.size() == 1);
    CHECK(row.judged[0].value == "robin");
    CHECK(row.answers == 3);
  });
  CHECK(stack::settled_wallet(*market.rita) == Micros{100'000'000 - 20 * 12'000LL});
  CHECK(test::comes_true([&] { return stack::must(*market.workers[0], Earnings{}).wallet == Micros{100'000}; }));
  const EarningsPage wrong = stack::must(*market.workers[2], Earnings{});
  CHECK(wrong.wallet == Micros{0});
  REQUIRE(wrong.rows.size() == 10);
  CHECK(wrong.rows[0].reason == "disagrees_on:bird");
  CHECK(stack::audit(market.admin->client()) == "clean");
  market.broker.stop();
}

TEST_CASE("what was acknowledged is there after the broker is killed, and nothing is done twice", "[fault-1]") {
  Market market;
  market.enrol_workers(3);
  const ProjectId project = market.post(small_spec(), numbered_items(6));
  net::BrokerClient& first = *market.workers[0];
  const Tasks tasks = stack::must(first, Pull{project, 6, {}, 0});
  REQUIRE(tasks.tasks.size() == 6);
  const SubmittedAnswer answer{tasks.tasks[0].assignment, {{"bird", {"robin"}}}};
  CHECK(stack::must(first, Submit{{answer}, 0, {}}).outcomes[0].accepted);
  market.broker.kill();
  market.broker.start();
  // The same client, which reconnects by itself: the answer again is acknowledged again, the leases still stand.
  CHECK(stack::must(first, Submit{{answer}, 0, {}}).outcomes[0].accepted);
  Submit rest;
  for (std::size_t i = 1; i < 6; ++i) rest.answers.push_back({tasks.tasks[i].assignment, {{"bird", {"robin"}}}});
  for (const SubmitOutcome& outcome : stack::must(first, rest).outcomes) CHECK(outcome.accepted);
  market.work(project, [](std::size_t, const TaskOffer&) { return "robin"; });
  const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(status.settled == 6);
  CHECK(status.row.answers == 18);
  CHECK(stack::audit(market.admin->client()) == "clean");
}

}  // namespace tally::e2e
