// Projects that pay what their requester approves.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

ProjectSpec paying_by(PayPolicy pay) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.pay = pay;
  spec.review_delay = hour;
  return spec;
}

// A project of so many tasks, and one answer to it that waits for review.
struct Answered {
  explicit Answered(std::int64_t items = 1, PayPolicy pay = PayPolicy::review)
      : project(market.open(paying_by(pay), items)), answer(market.work("ann", project)) {}

  void judge(bool approve) { market.done("req", Review{answer, approve, approve ? "" : "this is no bird"}); }
  [[nodiscard]] PayState pay() const { return market.assignment(answer).pay; }
  [[nodiscard]] PartState part() const { return market.tasks(project).state; }

  Market market;
  AccountId ann = market.worker("ann");
  ProjectId project;
  AssignmentId answer;
};

}  // namespace

TEST_CASE("an answer that nobody judged in time is approved by itself: paid, swept, and the part is done") {
  Answered answered;
  World& world = answered.market.world;
  CHECK(answered.part() == PartState::settled);
  answered.market.pass(just_before(hour));
  CHECK(answered.pay() == PayState::review);
  CHECK(world.wallet(answered.ann) == Micros{0});
  answered.market.pass(moment);
  CHECK(answered.pay() == PayState::paid);
  CHECK(answered.part() == PartState::done);
  CHECK(answered.market.control(answered.project).state == ProjectState::ended);
  CHECK(world.wallet(answered.ann) == Micros{10'000});
  CHECK(world.wallet(house_account) == Micros{2'000});
  CHECK(answered.market.spent() == Micros{12'000});
  CHECK(world.sum() == Micros{0});
}

TEST_CASE("an approved answer is paid at once, and once") {
  Answered answered;
  answered.judge(true);
  answered.judge(true);
  CHECK(answered.pay() == PayState::paid);
  CHECK(answered.part() == PartState::done);
  CHECK(answered.market.world.wallet(answered.ann) == Micros{10'000});
  CHECK(answered.market.spent() == Micros{12'000});
}

TEST_CASE("a payout is one record; only an answer that was decided otherwise before has a decision beside it") {
  const PayPolicy policy = GENERATE(PayPolicy::all, PayPolicy::agreeing, PayPolicy::review);
  Answered answered(1, policy);
  const PartId part = answered.answer.part;
  const World& world = answered.market.world;
  if (policy == PayPolicy::review) answered.judge(true);
  const auto payouts = world.records_of<PayoutPosted>(part);
  REQUIRE(payouts.size() == 1);
  CHECK(payouts[0].assignment == answered.answer.no);
  CHECK(payouts[0].owner == answered.market.requester);
  CHECK(payouts[0].worker == answered.ann);
  CHECK(payouts[0].amount == Micros{10'000});
  CHECK(payouts[0].fee == Micros{2'000});
  CHECK(answered.market.assignment(answered.answer).payout == payouts[0].no);
  std::vector<PayState> decided;
  for (const PayDecided& record : world.records_of<PayDecided>(part)) decided.push_back(record.state);
  const std::vector<PayState> reviewed{PayState::review, PayState::paid};
  CHECK(decided == (policy == PayPolicy::review ? reviewed : std::vector<PayState>{}));
  // A transfer of its part like the others: their numbers have no gap.
  std::set<std::int32_t> numbers{payouts[0].no};
  for (const TransferPosted& transfer : world.records_of<TransferPosted>(part)) numbers.insert(transfer.no);
  CHECK(*numbers.rbegin() == std::ssize(numbers));
  CHECK(world.sum() == Micros{0});
}

TEST_CASE("a rejected answer stays unpaid however much time passes, and its money goes home") {
  Answered answered;
  answered.judge(false);
  answered.judge(false);
  CHECK(answered.part() == PartState::done);
  answered.market.pass(two_hours);
  CHECK(answered.pay() == PayState::unpaid);
  CHECK(answered.market.pay_reason(answered.answer) == "rejected");
  CHECK(answered.market.world.wallet(answered.ann) == Micros{0});
  CHECK(answered.market.spent() == Micros{0});
}

TEST_CASE("the requester's reason for a rejection is kept as content, and is in no record") {
  std::vector<std::string> reasons;
  Market market({}, [&](World&, const Effects& effects) {
    for (const NewContent& content : effects.contents) {
      if (content.kind == ContentKind::rejection) reasons.push_back(std::get<std::string>(content.body));
    }
  });
  static_cast<void>(market.worker("ann"));
  const AssignmentId answer = market.work("ann", market.open(paying_by(PayPolicy::review), 1));
  market.done("req", Review{answer, false, "this is no bird"});
  CHECK(reasons == std::vector<std::string>{"this is no bird"});
  CHECK(market.pay_reason(answer) == "rejected");
}

TEST_CASE("a judgement stands: the other one later is refused") {
  const bool approved = GENERATE(true, false);
  Answered answered;
  answered.judge(approved);
  const Micros spent = answered.market.spent();
  CHECK(answered.market.world.refused("req", Review{answered.answer, !approved, "on second thought"}) ==
        RefusalCode::not_under_review);
  CHECK(answered.pay() == (approved ? PayState::paid : PayState::unpaid));
  CHECK(answered.market.spent() == spent);
}

TEST_CASE("what was approved by the passing of time can be approved again, and not rejected") {
  Answered answered;
  answered.market.pass(hour);
  answered.judge(true);
  CHECK(answered.market.world.refused("req", Review{answered.answer, false, "too late"}) ==
        RefusalCode::not_under_review);
  CHECK(answered.market.spent() == Micros{12'000});
}

TEST_CASE("approved pay reaches the wallet while other tasks of the part are open") {
  Answered answered(2);
  answered.judge(true);
  answered.market.pass(Limits{}.sweep_every);
  CHECK(answered.part() == PartState::open);
  CHECK(answered.market.world.wallet(answered.ann) == Micros{10'000});
}

// Tasks with one answer each; some workers, each of whom hands in one.
struct Earners {
  static constexpr Duration step{20};

  Earners(const Limits& limits, std::int64_t tasks, const std::vector<std::string>& names) : market(limits) {
    ProjectSpec spec = simple_spec();
    spec.redundancy = {1, 1, 1};
    project = market.open(spec, tasks);
    for (const std::string& name : names) {
      workers.push_back(market.worker(name));
      static_cast<void>(market.work(name, project));
    }
  }
  [[nodiscard]] std::ptrdiff_t paid() {
    return std::count_if(workers.begin(), workers.end(),
                         [&](AccountId worker) { return market.world.wallet(worker) == Micros{10'000}; });
  }

  Market market;
  ProjectId project;
  std::vector<AccountId> workers;
};

Limits two_balances_a_step() {
  Limits limits;
  limits.balances_per_sweep = 2;
  return limits;
}

TEST_CASE("what many earned goes to their wallets a few at a time, so that one group is not all of it") {
  Earners earners(two_balances_a_step(), 8, {"ann", "ben", "cem", "dan", "eve", "fay"});
  earners.market.pass(Limits{}.sweep_every);
  CHECK(earners.paid() == 1);  // And the house's fees.
  earners.market.pass(Earners::step);
  CHECK(earners.paid() == 4);  // One more than before, as there are more to come.
  earners.market.pass(Earners::step);
  CHECK(earners.paid() == 6);
  // The next time is a whole interval later.
  static_cast<void>(earners.market.work("ann", earners.project));
  earners.market.pass(Earners::step);
  CHECK(earners.market.world.wallet(earners.workers[0]) == Micros{10'000});
}

TEST_CASE("a part whose workers are many is done when the last of them has what was earned") {
  Earners earners(two_balances_a_step(), 7, {"ann", "ben", "cem", "dan", "eve", "fay", "gil"});
  const auto state = [&] { return earners.market.tasks(earners.project).state; };
  CHECK(state() == PartState::settled);
  CHECK(earners.paid() == 1);
  SECTION("in steps") {
    earners.market.pass(Earners::step);
    CHECK(state() == PartState::settled);
    earners.market.pass(Earners::step);
    earners.market.pass(Earners::step);
    CHECK(state() == PartState::done);
    CHECK(earners.paid() == 7);
  }
  SECTION("after it was read again in between") {
    earners.market.world.reload(part_of(earners.project, 1));
    for (int i = 0; i < 4; ++i) earners.market.pass(Earners::step);
    CHECK(state() == PartState::done);
    CHECK(earners.paid() == 7);
  }
}

TEST_CASE("an answer of a cancelled project is judged like any other, and the part waits for that") {
  Answered answered(2);
  answered.market.change(answered.project, ProjectAction::cancel);
  CHECK(answered.part() == PartState::settled);
  CHECK(answered.market.spent() == Micros{12'000LL * 2});
  answered.judge(true);
  CHECK(answered.part() == PartState::done);
  CHECK(answered.market.spent() == Micros{12'000});
  CHECK(answered.market.world.wallet(answered.ann) == Micros{10'000});
}

TEST_CASE("only answers under review are judged, and only by the requester whose project it is") {
  Answered answered(2);
  World& world = answered.market.world;
  static_cast<void>(world.enrol("other", Role::requester));
  static_cast<void>(answered.market.worker("ben"));
  CHECK(world.refused("other", Review{answered.answer, true, ""}) == RefusalCode::not_yours);
  CHECK(world.refused("req", Review{{answered.answer.part, 999}, true, ""}) == RefusalCode::assignment_not_found);
  const AssignmentId live = answered.market.lease("ben", answered.project);
  CHECK(world.refused("req", Review{live, true, ""}) == RefusalCode::not_under_review);
  CHECK(answered.pay() == PayState::review);

  Answered agreeing(1, PayPolicy::agreeing);
  CHECK(agreeing.pay() == PayState::paid);
  CHECK(agreeing.market.world.refused("req", Review{agreeing.answer, true, ""}) == RefusalCode::not_under_review);
}

}  // namespace tally::core
