// Answers that come twice, from the wrong person, too late, or for money that cannot be.
#include <algorithm>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/e2e/shared_market.h"

namespace tally::e2e {
namespace {

// Every answer is paid at once, and one settles its task.
ProjectSpec single_spec() {
  ProjectSpec spec = small_spec();
  spec.pay = PayPolicy::all;
  spec.redundancy = {1, 1, 1};
  return spec;
}

SubmittedAnswer robin(const TaskOffer& task) { return {task.assignment, {{"bird", {"robin"}}}}; }

SubmitOutcome submit(net::BrokerClient& client, const SubmittedAnswer& answer) {
  return stack::must(client, Submit{{answer}, 0, {}}).outcomes.at(0);
}

std::string refusal_of(const SubmitOutcome& outcome) {
  if (outcome.accepted || !outcome.refusal) return "accepted";
  CHECK_FALSE(outcome.detail.empty());
  return std::string(name_of(*outcome.refusal));
}

TaskOffer pull_one(net::BrokerClient& client, ProjectId project, std::int64_t wait_ms = 0) {
  const Tasks got = stack::must(client, Pull{project, 1, {}, wait_ms});
  REQUIRE(got.tasks.size() == 1);
  return got.tasks[0];
}

bool is_over(const ProjectStatus& status) { return status.row.state == ProjectState::ended; }

// What one account has earned, wherever the money is by now.
Micros earned(net::BrokerClient& client) {
  const EarningsPage page = stack::must(client, Earnings{});
  return page.wallet + page.on_the_way;
}

std::string audit(Market& market) { return stack::audit(market.admin->client()); }

// Works until there is nothing left; the assignments it was given.
std::vector<AssignmentId> work_off(net::BrokerClient& client, ProjectId project) {
  std::vector<AssignmentId> had;
  for (int rounds = 0; rounds < 100; ++rounds) {
    const Tasks got = stack::must(client, Pull{project, 3, {}, 0});
    if (got.tasks.empty() && got.no_work != NoWork::tasks_loading) break;
    Submit answers;
    for (const TaskOffer& task : got.tasks) {
      had.push_back(task.assignment);
      answers.answers.push_back(robin(task));
    }
    static_cast<void>(stack::must(client, answers));
  }
  return had;
}

}  // namespace

TEST_CASE("two clients under one key share one worker's tasks: no task is given or paid twice", "[fault-6]") {
  Market& market = shared_market();
  const stack::Person person = new_worker(market);
  const auto one = client_of(market, person);
  const auto other = client_of(market, person);
  const ProjectId project = market.post(single_spec(), numbered_items(30));

  std::vector<AssignmentId> had_other;
  std::thread beside([&] { had_other = work_off(*other, project); });
  std::vector<AssignmentId> had = work_off(*one, project);
  beside.join();
  had.insert(had.end(), had_other.begin(), had_other.end());
  CHECK(had.size() == 30);
  CHECK(std::set<AssignmentId>(had.begin(), had.end()).size() == 30);
  const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(status.row.answers == 30);
  CHECK(status.paid == Micros{30 * 10'000LL});

  // What one of them was given, the other may hand in; and not in another way a second time.
  const ProjectId second = market.post(single_spec(), numbered_items(1));
  const TaskOffer task = pull_one(*one, second);
  CHECK(submit(*other, robin(task)).accepted);
  CHECK(submit(*one, robin(task)).accepted);
  CHECK(refusal_of(submit(*one, {task.assignment, {{"bird", {"wren"}}}})) == "already_answered_differently");
  CHECK(earned(*one) == Micros{31 * 10'000LL});
  CHECK(audit(market) == "clean");
}

TEST_CASE("an answer that is sent ten times is acknowledged ten times and paid once", "[fault-6]") {
  Market& market = shared_market();
  const stack::Person person = new_worker(market);
  const auto worker = client_of(market, person);
  const ProjectId project = market.post(single_spec(), numbered_items(1));
  const SubmittedAnswer answer = robin(pull_one(*worker, project));
  for (int i = 0; i < 10; ++i) {
    const SubmitOutcome outcome = submit(*worker, answer);
    CHECK(outcome.accepted);
    CHECK(outcome.paid == Micros{10'000});
  }
  // And ten times in one message.
  const Submitted all = stack::must(*worker, Submit{std::vector<SubmittedAnswer>(10, answer), 0, {}});
  CHECK(std::all_of(all.outcomes.begin(), all.outcomes.end(), [](const auto& outcome) { return outcome.accepted; }));
  CHECK(stack::must(*worker, Earnings{}).rows.size() == 1);
  CHECK(earned(*worker) == Micros{10'000});
  const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_over, Duration{60'000});
  CHECK(status.row.answers == 1);
  CHECK(status.paid == Micros{10'000});
  CHECK(audit(market) == "clean");
}

TEST_CASE("an answer to someone else's assignment is refused, and its owner can still give theirs", "[fault-9]") {
  Market& market = shared_market();
  const auto ann = client_of(market, new_worker(market));
  const auto bob = client_of(market, new_worker(market));
  const ProjectId project = market.post(single_spec(), numbered_items(1));
  const TaskOffer task = pull_one(*ann, project);
  CHECK(refusal_of(submit(*bob, robin(task))) == "not_yours");
  AssignmentId nobodys = task.assignment;
  nobodys.no += 1000;
  CHECK(refusal_of(submit(*bob, {nobodys, {{"bird", {"robin"}}}})) == "assignment_not_found");
  const auto no_id = bob->ask(Submit{{{AssignmentId{}, {{"bird", {"robin"}}}}}, 0, {}});
  REQUIRE_FALSE(no_id);
  CHECK(no_id.error().code == RefusalCode::malformed);
  CHECK(earned(*bob) == Micros{0});
  CHECK(refusal_of(submit(*ann, {task.assignment, {{"bird", {"eagle"}}}})) == "answer_invalid");
  CHECK(submit(*ann, robin(task)).accepted);
  CHECK(earned(*ann) == Micros{10'000});
  CHECK(audit(market) == "clean");
}

TEST_CASE("a late answer is refused once its place belongs to another, who is paid", "[fault-6]") {
  Market& market = shared_market();
  const auto ann = client_of(market, new_worker(market));
  const auto bob = client_of(market, new_worker(market));
  ProjectSpec spec = single_spec();
  spec.lease = Duration{1000};
  const ProjectId project = market.post(spec, numbered_items(1));
  const TaskOffer anns = pull_one(*ann, project);
  // Waits at the broker until Ann's lease has run out.
  const TaskOffer bobs = pull_one(*bob, project, 30'000);
  CHECK(bobs.task == anns.task);
  CHECK(bobs.assignment != anns.assignment);
  CHECK(refusal_of(submit(*ann, robin(anns))) == "lease_expired");
  CHECK(submit(*bob, robin(bobs)).accepted);
  CHECK(refusal_of(submit(*ann, robin(anns))) == "task_closed");
  CHECK(earned(*ann) == Micros{0});
  CHECK(earned(*bob) == Micros{10'000});
  CHECK(audit(market) == "clean");
}

TEST_CASE("a cancelled project takes what was under way and no more, and gives the rest of the money back") {
  Market& market = shared_market();
  const auto ann = client_of(market, new_worker(market));
  const auto bob = client_of(market, new_worker(market));
  const Micros before = stack::settled_wallet(*market.rita);
  ProjectSpec spec = single_spec();
  spec.lease = Duration{2000};
  const ProjectId project = market.post(spec, numbered_items(3));
  const TaskOffer in_time = pull_one(*ann, project);
  const TaskOffer too_late = pull_one(*bob, project);
  static_cast<void>(stack::must(*market.rita, ChangeProject{project, ProjectAction::cancel}));
  // An open lease may still be handed in, and is paid.
  CHECK(submit(*ann, robin(in_time)).accepted);
  CHECK(stack::must(*bob, Pull{project, 1, {}, 0}).tasks.empty());
  // The last lease runs out: then all money is home.
  const auto is_home = [](const ProjectStatus& status) { return status.leased == 0 && status.held == Micros{0}; };
  const ProjectStatus status = stack::wait_for_status(*market.rita, project, is_home, Duration{60'000});
  CHECK(status.row.state == ProjectState::cancelled);
  CHECK(refusal_of(submit(*bob, robin(too_late))) == "task_closed");
  CHECK(submit(*ann, robin(in_time)).accepted);
  CHECK(earned(*ann) == Micros{10'000});
  CHECK(earned(*bob) == Micros{0});
  CHECK(stack::settled_wallet(*market.rita) == before - Micros{12'000});
  CHECK(audit(market) == "clean");
}

TEST_CASE("amounts that are no money are refused by name, and the wallet stays as it was") {
  Market& market = shared_market();
  const Micros before = stack::settled_wallet(*market.rita);
  const auto open = [&](Micros reward, std::int64_t items = 1) {
    ProjectSpec spec = single_spec();
    spec.reward = reward;
    const auto opened = market.rita->ask(OpenProject{stack::random_key(), spec, items, 0});
    REQUIRE_FALSE(opened);
    CHECK_FALSE(opened.error().detail.empty());
    return std::string(name_of(opened.error().code)) + ": " + opened.error().detail;
  };
  CHECK_THAT(open(Micros{0}), Catch::StartsWith("spec_invalid: reward"));
  CHECK_THAT(open(Micros{-10'000}), Catch::StartsWith("spec_invalid: reward"));
  CHECK_THAT(open(Micros{INT64_MIN}), Catch::StartsWith("spec_invalid: reward"));
  CHECK_THAT(open(Micros{INT64_MAX}), Catch::StartsWith("spec_invalid: reward"));
  CHECK_THAT(open(amount_max), Catch::Contains("_"));
  CHECK_THAT(open(Micros{1'000'000'000}), Catch::StartsWith("balance_too_low: "));

  const auto deposit = [&](Micros amount) {
    const auto done =
        market.admin->client().ask(Deposit{stack::random_key(), market.requester.account, amount, "wrong"});
    return done ? "done" : std::string(name_of(done.error().code));
  };
  CHECK(deposit(Micros{0}) == "amount_invalid");
  CHECK(deposit(Micros{-1}) == "amount_invalid");
  CHECK(deposit(Micros{INT64_MAX}) == "amount_invalid");
  CHECK(stack::settled_wallet(*market.rita) == before);
  CHECK(audit(market) == "clean");
}

}  // namespace tally::e2e
