// Requests that nobody honest would send, and moments that nobody chooses.
#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

struct Stage : Market {
  using Market::Market;

  // Announced: its items may ask for so many answers together.
  ProjectId open(std::int64_t items, std::int64_t answers_max) { return announce(simple_spec(), items, answers_max); }
  Reply post(ProjectId project, std::int64_t item, std::int32_t answers) {
    const std::string picture = "picture " + std::to_string(item);
    return world.ask("req", PostItems{project, item, {{{picture}, answers}}}).at(0);
  }
};

Limits small_parts(std::int64_t part_size) {
  Limits limits;
  limits.part_size = part_size;
  return limits;
}

}  // namespace

TEST_CASE("items that together ask for more than was reserved are refused, also while the count is under way") {
  Stage stage;
  const ProjectId project = stage.open(10, 10);
  stage.world.hold_deliveries = true;
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 5)));
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 2, 5)));
  const Reply third = stage.post(project, 3, 5);
  REQUIRE(std::holds_alternative<Refused>(third));
  CHECK(std::get<Refused>(third).code == RefusalCode::items_invalid);
}

TEST_CASE("parts that together ask for more than was reserved end as cancelled, and the money goes home") {
  Stage stage(small_parts(1));
  const ProjectId project = stage.open(3, 3);
  stage.world.hold_deliveries = true;
  for (const std::int64_t item : {1, 2, 3}) {
    CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, item, 2)));
  }
  stage.world.release_deliveries();
  CHECK(stage.world.core.find(control_part_of(project))->control().state == ProjectState::cancelled);
  CHECK(stage.world.wallet(stage.requester) == Market::deposited);
  CHECK(stage.world.total_of(Fund::transit) == Micros{0});
}

TEST_CASE("mail that comes by in the wrong order is received in the order in which it was sent") {
  Stage stage(small_parts(1));
  const ProjectId project = stage.open(2, 2);
  stage.world.hold_deliveries = true;
  for (const std::int64_t item : {1, 2}) {
    CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, item, 1)));
  }
  // The parts' counts arrive; funds and then the order to close are on their way together.
  stage.world.release_deliveries();
  CHECK(stage.world.core.find(control_part_of(project))->control().state == ProjectState::open);
  stage.world.hold_deliveries = true;
  static_cast<void>(stage.world.get<Acknowledged>("req", ChangeProject{project, ProjectAction::cancel}));
  stage.world.release_deliveries();
  CHECK(stage.world.core.find(part_of(project, 1))->tasks().state == PartState::done);
  CHECK(stage.world.wallet(stage.requester) == Market::deposited);
  CHECK(stage.world.sum() == Micros{0});
}

TEST_CASE("a project with more items than it can have parts for is refused") {
  Stage stage(small_parts(1));
  OpenProject open;
  open.key = "too many parts";
  open.spec = simple_spec();
  open.spec.reward = Micros{0};
  open.items = parts_per_project;
  CHECK(stage.world.refused("req", open) == RefusalCode::items_invalid);
}

TEST_CASE("a pull that names no project finds work behind any number of projects that have none") {
  Limits limits;
  limits.projects_per_pull_max = 4;
  Stage stage(limits);
  static_cast<void>(stage.world.enrol("ann", Role::worker));
  for (int i = 0; i < 10; ++i) static_cast<void>(stage.open(1, 1));  // Announced, never posted.
  const ProjectId project = stage.open(1, 1);
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
  const auto tasks = stage.world.get<Tasks>("ann", Pull{{}, 1, {}, 0});
  REQUIRE(tasks.tasks.size() == 1);
  CHECK(tasks.tasks[0].project == project);
}

TEST_CASE("a waiting pull of an account that was suspended meanwhile gets no task") {
  Stage stage;
  const AccountId ann = stage.world.enrol("ann", Role::worker);
  CHECK(stage.world.ask("ann", Pull{{}, 1, {}, 60'000}).empty());
  static_cast<void>(stage.world.get<Acknowledged>(stage.world.admin, Suspend{ann, true, "rude"}));
  const ProjectId project = stage.open(1, 1);
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
  CHECK(stage.world.core.waiting_pulls() == 0);
  CHECK(stage.world.core.find(part_of(project, 1))->tasks().assignments.empty());
}

TEST_CASE("item numbers at the ends of 64 bits are unknown items") {
  Stage stage;
  static_cast<void>(stage.world.enrol("ann", Role::worker));
  OpenProject open;
  open.key = "by item";
  open.spec = simple_spec();
  open.spec.pull_by_item = true;
  open.items = 1;
  const ProjectId project = stage.world.get<ProjectOpened>("req", open).project;
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
  const auto tasks = stage.world.get<Tasks>("ann", Pull{project, 4, {INT64_MIN, 0, 2, INT64_MAX}, 0});
  CHECK(tasks.items == std::vector<ItemState>(4, ItemState::unknown));
}

TEST_CASE("a skip is taken back only so often, and not past the bounds of a worker") {
  Stage stage;
  static_cast<void>(stage.world.enrol("ann", Role::worker));
  const ProjectId project = stage.open(1, 1);
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
  AssignmentId held = stage.world.get<Tasks>("ann", Pull{project, 1, {}, 0}).tasks.at(0).assignment;
  for (int i = 0; i < 4; ++i) {
    static_cast<void>(stage.world.get<Acknowledged>("ann", HandBack{held, HandBackHow::skipped}));
    held = stage.world.get<Tasks>("ann", TakeBackSkip{held}).tasks.at(0).assignment;
  }
  static_cast<void>(stage.world.get<Acknowledged>("ann", HandBack{held, HandBackHow::skipped}));
  CHECK(stage.world.refused("ann", TakeBackSkip{held}) == RefusalCode::not_skipped);
}

TEST_CASE("one account cannot fill the room for waiting pulls") {
  Limits limits;
  limits.waiting_pulls_per_account_max = 2;
  Stage stage(limits);
  static_cast<void>(stage.world.enrol("ann", Role::worker));
  static_cast<void>(stage.world.enrol("bob", Role::worker));
  const Pull pull{{}, 1, {}, 60'000};
  CHECK(stage.world.ask("ann", pull).empty());
  const std::uint64_t second = stage.world.next_request + 1;
  CHECK(stage.world.ask("ann", pull).empty());
  CHECK(stage.world.refused("ann", pull) == RefusalCode::busy);
  // One that is sent again takes its own place; others wait as before.
  CHECK(stage.world.send("ann", pull, second).empty());
  CHECK(stage.world.ask("bob", pull).empty());
  CHECK(stage.world.core.waiting_pulls() == 3);
  static_cast<void>(stage.world.pass(Duration{60'001}));
  CHECK(stage.world.core.waiting_pulls() == 0);
  CHECK(stage.world.ask("ann", pull).empty());
}

TEST_CASE("messages that wait for a part are bounded by client, by part and in all, and are answered once it is read") {
  Limits limits;
  limits.parked_per_key_max = 2;
  limits.parked_per_part_max = 3;
  limits.parked_max = 4;
  Stage stage(limits);
  const std::vector<std::string> names{"ann", "bob", "cyd"};
  for (const std::string& name : names) static_cast<void>(stage.world.enrol(name, Role::worker));
  std::vector<AssignmentId> held;
  for (int i = 0; i < 2; ++i) {
    const ProjectId project = stage.open(1, 1);
    CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
    held.push_back(stage.world.get<Tasks>("ann", Pull{project, 1, {}, 0}).tasks.at(0).assignment);
  }
  // Twice: what was answered makes room again.
  for (int round = 0; round < 2; ++round) {
    INFO(round);
    stage.world.hold_loads = true;
    for (const AssignmentId& lease : held) stage.world.core.drop(lease.part);
    const auto ask = [&](const std::string& name, const AssignmentId& lease) {
      return stage.world.ask(name, HandBack{lease, HandBackHow::returned});
    };
    const auto is_busy = [](const std::vector<Reply>& replies) {
      return replies.size() == 1 && std::get<Refused>(replies[0]).code == RefusalCode::busy;
    };
    CHECK(ask("bob", held[0]).empty());
    CHECK(ask("bob", held[0]).empty());
    CHECK(is_busy(ask("bob", held[1])));  // By client.
    CHECK(ask("cyd", held[0]).empty());
    CHECK(is_busy(ask("cyd", held[0])));  // By part.
    CHECK(ask("cyd", held[1]).empty());
    CHECK(is_busy(ask("ann", held[1])));  // In all.
    const std::vector<Reply> replies = stage.world.release_loads();
    REQUIRE(replies.size() == 4);
    for (const Reply& reply : replies) CHECK(std::holds_alternative<Refused>(reply));  // Ann's, not theirs.
  }
}

TEST_CASE("money is deposited for requesters only") {
  Stage stage;
  const AccountId ann = stage.world.enrol("ann", Role::worker);
  Deposit deposit;
  deposit.key = "for a worker";
  deposit.account = ann;
  deposit.amount = Market::deposited;
  CHECK(stage.world.refused(stage.world.admin, deposit) == RefusalCode::role_not_allowed);
  CHECK(stage.world.wallet(ann) == Micros{0});
}

TEST_CASE("a message that waited for a part also waits for the account it came from") {
  Stage stage;
  const AccountId ann = stage.world.enrol("ann", Role::worker);
  const ProjectId project = stage.open(1, 1);
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 1)));
  const AssignmentId lease = stage.world.get<Tasks>("ann", Pull{project, 1, {}, 0}).tasks.at(0).assignment;
  stage.world.hold_loads = true;
  stage.world.core.drop(lease.part);
  CHECK(stage.world.ask("ann", HandBack{lease, HandBackHow::returned}).empty());
  stage.world.core.drop(account_part_of(ann));
  CHECK(stage.world.release_loads().empty());
  const std::vector<Reply> replies = stage.world.load(account_part_of(ann));
  REQUIRE(replies.size() == 1);
  CHECK(std::holds_alternative<Acknowledged>(replies[0]));
}

TEST_CASE("a hopeless task is found behind any number of tasks that nobody has looked at") {
  Stage stage(small_parts(4096));
  const std::int64_t items = 1'500;  // More than one look sees.
  static_cast<void>(stage.world.enrol("ann", Role::worker));
  OpenProject open;
  open.key = "by item";
  open.spec = simple_spec();
  open.spec.redundancy = {2, 2, 2};
  open.spec.pull_by_item = true;
  open.items = items;
  const ProjectId project = stage.world.get<ProjectOpened>("req", open).project;
  for (std::int64_t item = 1; item <= items; ++item) {
    CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, item, 2)));
  }
  const auto tasks = stage.world.get<Tasks>("ann", Pull{project, 1, {items}, 0});
  Submit submit;
  submit.answers.push_back({tasks.tasks.at(0).assignment, {{"bird", {"other"}}}});
  CHECK(stage.world.get<Submitted>("ann", submit).outcomes.at(0).accepted);
  const auto state = [&] {
    return stage.world.core.find(part_of(project, 1))->tasks().find_task(static_cast<std::int32_t>(items))->state;
  };
  const Duration patience = open.spec.patience;
  static_cast<void>(stage.world.pass(Duration{patience.ms + 1}));
  CHECK(state() == TaskState::open);
  static_cast<void>(stage.world.pass(Duration{5'001}));
  CHECK(state() == TaskState::undecided);
}

TEST_CASE("a payout run holds those who said where to be paid, and looking at it changes nothing") {
  Stage stage;
  std::vector<AccountId> ids;
  for (const std::string name : {"ann", "bob"}) ids.push_back(stage.world.enrol(name, Role::worker));
  const ProjectId project = stage.open(1, 2);
  CHECK(std::holds_alternative<ItemsPosted>(stage.post(project, 1, 2)));
  for (const std::string name : {"ann", "bob"}) {
    const auto tasks = stage.world.get<Tasks>(name, Pull{project, 1, {}, 0});
    Submit submit;
    submit.answers.push_back({tasks.tasks.at(0).assignment, {{"bird", {"other"}}}});
    CHECK(stage.world.get<Submitted>(name, submit).outcomes.at(0).accepted);
  }
  CHECK(stage.world.wallet(ids[0]) == Micros{10'000});
  CHECK(stage.world.wallet(ids[1]) == Micros{10'000});
  static_cast<void>(stage.world.get<Acknowledged>("ann", SetPayoutAddress{"DE00 1234"}));
  static_cast<void>(stage.world.get<Acknowledged>("bob", SetPayoutAddress{"DE00 5678"}));
  static_cast<void>(stage.world.get<Acknowledged>("bob", SetPayoutAddress{""}));
  const auto run_of = [&](AccountId account) {
    return stage.world.get<PayoutFile>(stage.world.admin,
                                       ExportPayouts{"run", account_part_of(account).value, Micros{1}});
  };
  const auto settle = [&](AccountId account, bool look) {
    return stage.world.get<PayoutFile>(stage.world.admin, SettlePayouts{"run", account_part_of(account).value, look});
  };
  CHECK(stage.world.refused(stage.world.admin, SettlePayouts{"run", account_part_of(ids[0]).value, true}) ==
        RefusalCode::transfer_not_found);
  const PayoutFile of_ann = run_of(ids[0]);
  CHECK(std::count_if(of_ann.rows.begin(), of_ann.rows.end(),
                      [&](const PayoutRow& row) { return row.account == ids[0]; }) == 1);
  const PayoutFile of_bob = run_of(ids[1]);
  CHECK(std::count_if(of_bob.rows.begin(), of_bob.rows.end(),
                      [&](const PayoutRow& row) { return row.account == ids[1]; }) == 0);
  CHECK(of_bob.without_address == 1);
  CHECK(stage.world.wallet(ids[0]) == Micros{0});
  CHECK(stage.world.wallet(ids[1]) == Micros{10'000});
  CHECK_FALSE(settle(ids[0], true).settled);
  CHECK(stage.world.total_of(Fund::payable) == Micros{10'000});
  CHECK(settle(ids[0], false).settled);
  CHECK(settle(ids[0], true).settled);
  CHECK(stage.world.total_of(Fund::payable) == Micros{0});
  CHECK(stage.world.sum() == Micros{0});
}

}  // namespace tally::core
