// What workers and admins read: earnings and accounts.
#include <algorithm>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "tests/broker/storage/reads_support.h"
#include "tests/broker/storage/stage.h"

namespace tally::storage {

using namespace testing;

TEST_CASE("a worker's earnings are in one place at a time, from the escrow to the bank") {
  ProjectSpec spec = core::simple_spec();
  spec.redundancy = {2, 2, 2};
  Stage stage;
  stage.acknowledged("ann", SetPayoutAddress{"DE00 1234"});
  const ProjectId project = stage.open(spec, 3);
  stage.post(project, 1, 3);
  stage.commit();
  const AccountId ann = stage.workers["ann"];
  const auto earned = [&] { return stage.get(ann, worker_role, Earnings{}); };
  const auto whole = [&](const EarningsPage& page) { return page.wallet + page.on_the_way + page.paid_out; };

  std::vector<TaskOffer> of_ann;
  for (const std::string who : {"ann", "ben"}) {
    const auto tasks = stage.pull(who, project);
    if (who == "ann") of_ann = tasks;
    for (std::size_t i = 0; i < 2; ++i) {
      static_cast<void>(stage.world.pass(Duration{5}));
      stage.answer(who, tasks.at(i).assignment, bird("other"));
    }
  }
  stage.commit();
  EarningsPage page = earned();
  CHECK(page.payout_address == "DE00 1234");
  CHECK(whole(page) == Micros{20'000});
  CHECK(page.rows.size() == 2);

  const auto never_lost = [&] { CHECK(whole(earned()) == Micros{20'000}); };
  static_cast<void>(stage.world.pass(Duration{61'000}));
  stage.commit(never_lost);
  page = earned();
  CHECK(page.wallet == Micros{20'000});
  CHECK(page.on_the_way == Micros{0});
  const std::int64_t home = account_part_of(ann).value;
  static_cast<void>(stage.world.get<PayoutFile>(stage.world.admin, ExportPayouts{"run", home, Micros{1}}));
  stage.commit(never_lost);
  static_cast<void>(stage.world.get<PayoutFile>(stage.world.admin, SettlePayouts{"run", home}));
  stage.commit(never_lost);
  CHECK(earned().paid_out == Micros{20'000});

  Bonus bonus;
  bonus.key = "well done";
  bonus.assignment = of_ann.at(0).assignment;
  bonus.amount = Micros{7};
  stage.acknowledged("req", bonus);
  std::vector<Micros> seen;
  stage.commit([&] { seen.push_back(whole(earned())); });
  CHECK(seen.back() == Micros{20'007});
  CHECK(seen.front() == Micros{20'007});

  stage.answer("ann", of_ann.at(2).assignment, bird("bunting"));
  stage.acknowledged(
      stage.world.admin,
      Reverse{{of_ann.at(1).assignment.part,
               std::stoi(testing::query_one("SELECT transfer_no FROM tally.payouts WHERE assignment_no = " +
                                            std::to_string(of_ann.at(1).assignment.no)))},
              "a robot"});
  stage.commit();
  const auto rows = same_in_any_pages(stage, ann, worker_role, Earnings{});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].assignment == of_ann.at(2).assignment);
  CHECK(rows[0].state == PayState::waiting);
  CHECK(rows[0].amount == Micros{10'000});
  CHECK(rows[0].project == project);
  CHECK(rows[1].state == PayState::reversed);
  CHECK(rows[1].reason == "a robot");
  CHECK(rows[2].state == PayState::paid);
  CHECK(rows[2].at_ms < rows[1].at_ms);
  CHECK(earned().answers_waiting == 1);

  // What was reversed is not paid, in no list.
  const ResultRow task = stage.rows(stage.requester, Role::requester, results_of(project, true)).at(1);
  CHECK(task.cost == Micros{12'000 + 2'000});
  CHECK(task.given.at(0).paid == Micros{0});
  CHECK(stage.get(stage.requester, Role::requester, GetStatus{project}).paid == Micros{30'000});
  CHECK(stage.rows(stage.workers["cem"], worker_role, Earnings{}).empty());
}

TEST_CASE("a page of unpaid answers looks at a bounded number of answers, and the list is whole all the same") {
  Stage stage;
  const ProjectId project = stage.open(core::simple_spec(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  const AccountId ann = stage.workers["ann"];
  const std::string part = std::to_string(part_of(project, 1).value);
  query("INSERT INTO tally.answers SELECT " + part + ", n, n, " + std::to_string(ann.value) +
        ", '\\x90', '\\x00', n, 0, NULL FROM generate_series(1, 5000) n RETURNING 1");
  query("INSERT INTO tally.pay_decisions SELECT " + part +
        ", n, CASE WHEN n IN (3, 4000) THEN 'unpaid' ELSE 'paid' END, '', 0, 0 FROM generate_series(1, 5000) n "
        "RETURNING 1");
  Earnings request;
  request.unpaid_only = true;
  EarningsPage page = stage.get(ann, worker_role, request);
  CHECK(page.rows.size() == 1);
  request.after = page.next;
  page = stage.get(ann, worker_role, request);
  CHECK(page.rows.empty());
  CHECK_FALSE(page.next.empty());
  const auto rows = same_in_any_pages(stage, ann, worker_role, [] {
    Earnings whole;
    whole.unpaid_only = true;
    return whole;
  }());
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].assignment.no == 4000);
  CHECK(rows[1].assignment.no == 3);
}

TEST_CASE("an admin lists the accounts by number, all or of one role") {
  Stage stage;
  stage.acknowledged(stage.world.admin, Suspend{stage.workers["ben"], true, "spam"});
  Invite invite;
  invite.key = "not yet";
  invite.display_name = "Zoë";
  const AccountId invited = stage.world.get<Invited>(stage.world.admin, invite).account;
  stage.commit();
  const auto all = same_in_any_pages(stage, stage.admin, Role::admin, ListAccounts{});
  CHECK(all.size() == 10);  // The house and the first admin too.
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const AccountRow& a, const AccountRow& b) { return a.account < b.account; }));
  ListAccounts of_role;
  of_role.role = Role::worker;
  const auto workers = same_in_any_pages(stage, stage.admin, Role::admin, of_role);
  CHECK(workers.size() == 6);
  const auto find = [&](AccountId id) {
    return *std::find_if(all.begin(), all.end(), [&](const AccountRow& row) { return row.account == id; });
  };
  CHECK(find(stage.workers["ben"]).suspended);
  CHECK(find(stage.workers["ben"]).display_name == "ben");
  CHECK_FALSE(find(stage.workers["ann"]).suspended);
  CHECK(find(stage.workers["ann"]).enrolled);
  CHECK_FALSE(find(invited).enrolled);
  CHECK(find(invited).display_name == "Zoë");
  CHECK(find(stage.requester).wallet == Micros{100'000'000});
  CHECK(find(stage.requester).role == Role::requester);
  erase(account_part_of(invited), "display_name");
  const auto after = stage.rows(stage.admin, Role::admin, of_role);
  REQUIRE(after.size() == 6);
  CHECK(std::any_of(after.begin(), after.end(),
                    [&](const AccountRow& row) { return row.account == invited && row.display_name.empty(); }));
}

}  // namespace tally::storage
