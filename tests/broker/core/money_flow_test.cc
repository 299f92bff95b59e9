#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

// A posted project and three workers.
struct Batch : Market {
  explicit Batch(const ProjectSpec& spec = simple_spec(), std::int64_t items = 2, const Limits& limits = {})
      : Market(limits), project(open(spec, items)) {}

  std::vector<TaskOffer> pull(const std::string& key, std::int64_t count = 10) {
    return Market::pull(key, project, count).tasks;
  }
  SubmitOutcome answer(const std::string& key, AssignmentId assignment, const std::string& bird) {
    return Market::answer(key, assignment, {{"bird", {bird}}});
  }
  [[nodiscard]] PartId first_part() const { return part_of(project, 1); }

  AccountId ann = worker("ann");
  AccountId ben = worker("ben");
  AccountId cem = worker("cem");
  ProjectId project;
};

}  // namespace

TEST_CASE("a batch is settled by votes, those who agree are paid, and the rest of the reserve goes home") {
  Batch market;
  World& world = market.world;
  CHECK(world.wallet(market.requester) == Micros{100'000'000 - 2LL * 5 * 12'000});
  for (const std::string key : {"ann", "ben", "cem"}) {
    for (const TaskOffer& task : market.pull(key)) {
      const bool wrong = key == "cem" && task.item_no == 1;
      CHECK(market.answer(key, task.assignment, wrong ? "other" : "bunting").accepted);
    }
  }
  CHECK(world.wallet(market.ann) == Micros{20'000});
  CHECK(world.wallet(market.ben) == Micros{20'000});
  CHECK(world.wallet(market.cem) == Micros{10'000});
  CHECK(world.wallet(house_account) == Micros{5LL * 2'000});
  CHECK(world.wallet(market.requester) == Micros{100'000'000 - 5LL * 12'000});
  CHECK(world.sum() == Micros{0});
  CHECK(world.total_of(Fund::transit) == Micros{0});
  CHECK(world.total_of(Fund::escrow) == Micros{0});
  CHECK(world.core.find(control_part_of(market.project))->control().state == ProjectState::ended);
}

TEST_CASE("a part that came to its end stays in memory until its mail has arrived: no refund is left behind") {
  Batch market;
  market.world.drop_idle = true;
  for (const std::string key : {"ann", "ben", "cem"}) {
    for (const TaskOffer& task : market.pull(key)) CHECK(market.answer(key, task.assignment, "bunting").accepted);
  }
  CHECK(market.world.wallet(market.requester) == Micros{100'000'000 - 6LL * 12'000});
  CHECK(market.world.core.find(market.first_part()) == nullptr);
  // Nor does the project's own part, which leaves when the wallet has the refund.
  CHECK(market.world.core.find(control_part_of(market.project)) == nullptr);
}

TEST_CASE("posting is refused with what is missing when the wallet cannot cover the worst case") {
  Batch market;
  OpenProject open;
  open.key = "too dear";
  open.spec = simple_spec();
  open.spec.reward = Micros{50'000'000};
  open.items = 1;
  const auto refused = market.world.get<Refused>("req", open);
  CHECK(refused.code == RefusalCode::balance_too_low);
  CHECK(refused.detail.find("200.12 is missing") != std::string::npos);
}

TEST_CASE("a project without a deadline is not extended, and the refusal says what to do instead") {
  Batch market;
  Extend extend;
  extend.key = "later";
  extend.project = market.project;
  extend.deadline_ms = 4'000'000'000'000;
  const auto refused = market.world.get<Refused>("req", extend);
  CHECK(refused.code == RefusalCode::deadline_invalid);
  CHECK(refused.detail.find("end the project when it should close") != std::string::npos);
}

TEST_CASE("the same answer again is acknowledged again and paid once; another answer is refused") {
  Batch market;
  const auto tasks = market.pull("ann", 1);
  REQUIRE(tasks.size() == 1);
  for (int i = 0; i < 10; ++i) CHECK(market.answer("ann", tasks[0].assignment, "bunting").accepted);
  const SubmitOutcome other = market.answer("ann", tasks[0].assignment, "other");
  CHECK_FALSE(other.accepted);
  CHECK(other.refusal == RefusalCode::already_answered_differently);
  CHECK(market.world.core.find(market.first_part())->tasks().answers == 1);
}

TEST_CASE("nobody answers someone else's assignment, or one that does not exist") {
  Batch market;
  const auto tasks = market.pull("ann", 1);
  CHECK(market.answer("ben", tasks.at(0).assignment, "bunting").refusal == RefusalCode::not_yours);
  CHECK(market.answer("ben", {market.first_part(), 999}, "bunting").refusal == RefusalCode::assignment_not_found);
  CHECK(market.answer("ben", {part_of(ProjectId{999}, 1), 1}, "bunting").refusal == RefusalCode::assignment_not_found);
}

TEST_CASE("a pull sent again gets the same leases, and a worker never gets a task twice") {
  Batch market;
  Pull pull;
  pull.count = 1;
  const auto first = std::get<Tasks>(market.world.send("ann", pull, 77).at(0)).tasks;
  const auto again = std::get<Tasks>(market.world.send("ann", pull, 77).at(0)).tasks;
  REQUIRE(first.size() == 1);
  REQUIRE(again.size() == 1);
  CHECK(first[0].assignment == again[0].assignment);
  HandBack skip;
  skip.assignment = first[0].assignment;
  static_cast<void>(market.world.get<Acknowledged>("ann", skip));
  const auto rest = market.pull("ann");
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].task != first[0].task);
  const auto back = market.world.get<Tasks>("ann", TakeBackSkip{first[0].assignment}).tasks;
  REQUIRE(back.size() == 1);
  CHECK(back[0].task == first[0].task);
}

TEST_CASE("a late answer is welcome while its place was not given to another") {
  Batch market(simple_spec(), 1);
  const auto ann = market.pull("ann");
  static_cast<void>(market.world.pass(Duration{11LL * 60'000}));
  CHECK(market.answer("ann", ann.at(0).assignment, "bunting").accepted);

  const auto ben = market.pull("ben");
  static_cast<void>(market.world.pass(Duration{11LL * 60'000}));
  static_cast<void>(market.pull("cem"));
  static_cast<void>(market.world.enrol("dan", Role::worker));
  static_cast<void>(market.pull("dan"));
  CHECK(market.answer("ben", ben.at(0).assignment, "bunting").refusal == RefusalCode::lease_expired);
}

TEST_CASE("a pull waits for work and is answered when a place comes free") {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  Batch market(spec, 1);
  const auto ann = market.pull("ann");
  Pull waiting;
  waiting.project = market.project;
  waiting.wait_ms = 60'000;
  CHECK(market.world.ask("ben", waiting).empty());
  HandBack back;
  back.assignment = ann.at(0).assignment;
  back.how = HandBackHow::returned;
  const auto replies = market.world.ask("ann", back);
  REQUIRE(replies.size() == 2);
  CHECK(std::get<Tasks>(replies[1]).tasks.size() == 1);
}

TEST_CASE("a cancelled project closes its tasks as undecided, pays what was answered and refunds the rest") {
  Batch market;
  const auto tasks = market.pull("ann");
  CHECK(market.answer("ann", tasks.at(0).assignment, "bunting").accepted);
  static_cast<void>(market.world.get<Acknowledged>("req", ChangeProject{market.project, ProjectAction::cancel}));
  // The other lease is still open: it can be handed in, and is paid.
  CHECK(market.answer("ann", tasks.at(1).assignment, "bunting").accepted);
  CHECK(market.world.wallet(market.ann) == Micros{20'000});
  CHECK(market.world.wallet(market.requester) == Micros{100'000'000 - 2LL * 12'000});
  CHECK(market.world.sum() == Micros{0});
}

TEST_CASE("roles are checked for every message, and a suspended account can do nothing") {
  Batch market;
  CHECK(market.world.refused("ann", OpenProject{}) == RefusalCode::role_not_allowed);
  CHECK(market.world.refused("req", Deposit{}) == RefusalCode::role_not_allowed);
  CHECK(market.world.refused("req", Pull{}) == RefusalCode::role_not_allowed);
  CHECK(market.world.refused("stranger", Hello{}) == RefusalCode::not_enrolled);
  static_cast<void>(market.world.get<Acknowledged>(market.world.admin, Suspend{market.ann, true, "spam"}));
  CHECK(market.world.refused("ann", Pull{}) == RefusalCode::account_suspended);
}

TEST_CASE("a deposit under the same key is made once, and another input under it is refused") {
  Batch market;
  Deposit deposit;
  deposit.key = "second";
  deposit.account = market.requester;
  deposit.amount = Micros{5};
  const auto first = market.world.get<Deposited>(market.world.admin, deposit);
  const auto again = market.world.get<Deposited>(market.world.admin, deposit);
  CHECK(first.transfer == again.transfer);
  CHECK(first.wallet == again.wallet);
  deposit.amount = Micros{6};
  CHECK(market.world.refused(market.world.admin, deposit) == RefusalCode::key_reused);
  deposit.key = "third";
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX}) {
    deposit.amount = Micros{amount};
    deposit.key += 'x';
    CHECK(market.world.refused(market.world.admin, deposit) == RefusalCode::amount_invalid);
  }
}

TEST_CASE("a payout that was swept already is taken back from the wallet, and what is missing becomes a debt") {
  Batch market(simple_spec(), 1);
  for (const std::string key : {"ann", "ben", "cem"}) {
    CHECK(market.answer(key, market.pull(key).at(0).assignment, "bunting").accepted);
  }
  static_cast<void>(market.world.get<Acknowledged>("ann", SetPayoutAddress{"DE00 1234"}));
  static_cast<void>(market.world.get<PayoutFile>(market.world.admin,
                                                 ExportPayouts{"run", account_part_of(market.ann).value, Micros{1}}));
  static_cast<void>(
      market.world.get<PayoutFile>(market.world.admin, SettlePayouts{"run", account_part_of(market.ann).value}));
  const auto& part = *market.world.core.find(market.first_part());
  const auto& assignments = part.tasks().assignments;
  const auto of_ann = std::find_if(assignments.begin(), assignments.end(),
                                   [&](const Assignment& assignment) { return assignment.worker == market.ann; });
  const Micros before = market.world.wallet(market.requester);
  const TransferId payout{part.id, of_ann->payout};
  static_cast<void>(market.world.get<Acknowledged>(market.world.admin, Reverse{payout, "fraud"}));
  static_cast<void>(market.world.get<Acknowledged>(market.world.admin, Reverse{payout, "fraud"}));
  CHECK(market.world.wallet(market.requester) == before + Micros{10'000});
  CHECK(market.world.total_of(Fund::receivable) == Micros{-10'000});
  CHECK(market.world.sum() == Micros{0});
}

TEST_CASE("a mail that was stored is not stored again when its receiver is dropped before its sender knows") {
  Batch market;
  World& world = market.world;
  world.hold_forgets = true;
  for (const std::string key : {"ann", "ben", "cem"}) {
    for (const TaskOffer& task : market.pull(key)) CHECK(market.answer(key, task.assignment, "bunting").accepted);
  }
  for (const PartId id : world.core.loaded()) world.reload(id);
  for (const PartId id : world.core.loaded()) world.reload(id);
  world.release_forgets();
  for (const auto& [id, records] : world.journal) {
    for (const Record& record : records) {
      const auto* received = std::get_if<MailReceived>(&record);
      if (received != nullptr) CHECK(world.times_received(id, received->from, received->no) == 1);
    }
    CHECK(world.core.find(id)->postbox.outbox.empty());
  }
  CHECK(world.wallet(market.ann) == Micros{20'000});
  CHECK(world.total_of(Fund::transit) == Micros{0});
  CHECK(world.sum() == Micros{0});
}

TEST_CASE("what is rebuilt from the records is what was in memory, and money adds up after every step") {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return random() % n; };
    Limits limits;
    limits.part_size = 4;
    ProjectSpec spec = simple_spec();
    spec.redundancy = {2, 4, 2};
    Batch market(spec, 10, limits);
    const std::vector<std::string> workers{"ann", "ben", "cem"};
    const std::vector<std::string> birds{"bunting", "grosbeak", "other"};
    std::vector<std::pair<std::string, AssignmentId>> leases;
    for (int step = 0; step < 150; ++step) {
      const std::string& key = workers[below(3)];
      switch (below(6)) {
        case 0:
        case 1:
          for (const TaskOffer& task : market.pull(key, 1 + below(3))) leases.emplace_back(key, task.assignment);
          break;
        case 2:
        case 3:
          if (!leases.empty()) {
            const auto& [who, assignment] = leases[below(static_cast<unsigned>(leases.size()))];
            static_cast<void>(market.answer(who, assignment, birds[below(3)]));
          }
          break;
        case 4:
          static_cast<void>(market.world.pass(Duration{static_cast<std::int64_t>(below(400'000))}));
          break;
        default: {
          // Any part may be dropped at any time: nobody notices.
          const auto parts = market.world.core.loaded();
          market.world.reload(parts[below(static_cast<unsigned>(parts.size()))]);
        }
      }
      REQUIRE(market.world.sum() == Micros{0});
      for (const PartId id : market.world.core.loaded()) {
        const Part& part = *market.world.core.find(id);
        Part again = empty_part(id);
        for (const Record& record : market.world.journal.at(id)) fold(again, record);
        REQUIRE(again.ledger.balances == part.ledger.balances);
        REQUIRE(again.postbox.next_no == part.postbox.next_no);
        const Part snapshot = part_from(id, image_of(part));
        if (!is_task_part(id)) continue;
        REQUIRE(snapshot.tasks().with_places == part.tasks().with_places);
        REQUIRE(snapshot.tasks().due == part.tasks().due);
        REQUIRE(again.tasks().with_places == part.tasks().with_places);
        REQUIRE(again.tasks().paid == part.tasks().paid);
        for (const Task& task : part.tasks().tasks) REQUIRE(task.answered + task.live <= task.max);
      }
    }
  }
}

}  // namespace tally::core
