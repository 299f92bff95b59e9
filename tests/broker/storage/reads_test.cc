#include <algorithm>

#include <catch2/catch.hpp>

#include "broker/storage/connection.h"
#include "broker/storage/read_statements.h"
#include "common/codec/messages_codec.h"
#include "tests/broker/storage/stage.h"

using namespace tally;
using namespace tally::storage;
using tally::storage::testing::cluster;
using tally::storage::testing::keep_going;
using tally::storage::testing::query;
using tally::storage::testing::Stage;

namespace {

constexpr Role worker_role = Role::worker;

// Which bird, and in one's own words why; how many, and where.
ProjectSpec birds() {
  ProjectSpec spec = core::simple_spec();
  spec.form.push_back({"why", "text", "Why?", false, {}, {}});
  spec.form.push_back({"count", "number", "How many?", false, {}, {}});
  spec.form.push_back({"where", "choices", "Where?", false, {"left", "middle", "right"}, {}});
  return spec;
}

AnswerValues bird(const std::string& name) { return {{"bird", {name}}}; }
AnswerValues bird(const std::string& name, const std::string& why) { return {{"bird", {name}}, {"why", {why}}}; }

core::Limits small_parts(std::int64_t size) {
  core::Limits limits;
  limits.part_size = size;
  return limits;
}

GetResults results_of(ProjectId project, bool answers = false) {
  GetResults request;
  request.project = project;
  request.answers = answers;
  return request;
}

template <class Row>
std::string json(const Row& row, auto page) {
  page.rows = {row};
  return codec::to_json(Reply(page)).dump();
}

// The whole list is the same, however it is cut into pages.
template <class Request>
auto same_in_any_pages(Stage& stage, AccountId who, Role role, Request request) {
  request.limit = 1000;
  const auto at_once = stage.rows(who, role, request);
  for (const std::int64_t limit : {1, 2, 3}) {
    request.limit = limit;
    const auto in_pages = stage.rows(who, role, request);
    REQUIRE(in_pages.size() == at_once.size());
    for (std::size_t i = 0; i < at_once.size(); ++i) {
      CHECK(json(in_pages[i], typename Request::Reply{}) == json(at_once[i], typename Request::Reply{}));
    }
  }
  return at_once;
}

void erase(PartId part, const std::string& kind) {
  query("UPDATE tally.contents SET body = NULL WHERE kind = '" + kind +
        "' AND part_id = " + std::to_string(part.value) + " RETURNING 1");
}

}  // namespace

TEST_CASE("a project's money and its requester's add up after every transaction, whatever is under way") {
  ProjectSpec spec = birds();
  spec.redundancy = {2, 3, 2};
  const bool is_swept = GENERATE(false, true);
  Stage stage(small_parts(2));
  stage.commit();
  const ProjectId project = stage.open(spec, 5);
  const auto adds_up = [&] {
    const Balance balance = stage.get(stage.requester, Role::requester, GetBalance{});
    const auto reply = stage.ask(stage.requester, Role::requester, GetStatus{project});
    const Micros whole{100'000'000};
    if (!reply) {
      CHECK(reply.error().code == RefusalCode::project_not_found);
      CHECK(balance.wallet + balance.reserved + balance.under_way == whole);
      return;
    }
    const auto& status = std::get<ProjectStatus>(*reply);
    CHECK(status.paid + status.fees + status.refunded + status.held == status.reserved);
    CHECK(balance.wallet >= Micros{0});
    // A payout that is taken from a worker's wallet is in neither of the requester's while that is asked for.
    const Micros left = whole - status.paid - status.fees;
    const Micros seen = balance.wallet + balance.reserved + balance.under_way;
    const std::string claims = testing::query_one("SELECT count(*) FROM tally.outbox WHERE name = 'take_back'");
    if (claims == "0") CHECK(seen == left);
    CHECK(seen <= left);
  };
  stage.commit(adds_up);
  CHECK(stage.get(stage.requester, Role::requester, GetBalance{}).reserved == Micros{5LL * 3 * 12'000});
  stage.post(project, 1, 2);
  stage.commit(adds_up);
  CHECK(stage.get(stage.requester, Role::requester, GetStatus{project}).posted == 2);
  stage.post(project, 3, 2);
  stage.post(project, 5, 1);
  stage.commit(adds_up);

  std::vector<AssignmentId> of_ann;
  for (const std::string who : {"ann", "ben"}) {
    for (const TaskOffer& task : stage.pull(who, project)) {
      if (who == "ann") of_ann.push_back(task.assignment);
      if (task.item_no < 5)
        stage.answer(who, task.assignment, bird(task.item_no == 1 && who == "ben" ? "other" : "bunting"));
    }
  }
  stage.commit(adds_up);
  ProjectStatus status = stage.get(stage.requester, Role::requester, GetStatus{project});
  CHECK(status.row.state == ProjectState::open);
  CHECK(status.row.answers == 8);
  CHECK(status.settled == 3);
  CHECK(status.row.closed == 3);
  CHECK(status.leased == 2);
  CHECK(status.reserved == Micros{5LL * 3 * 12'000});
  CHECK(status.paid == Micros{6LL * 10'000});
  CHECK(status.fees == Micros{6LL * 2'000});
  CHECK(status.refunded == Micros{0});
  CHECK(status.now_ms == stage.world.now.ms);

  // The payout for item 2 is still where it was earned, unless it was swept meanwhile; that for item 3 is of a part
  // that is done.
  if (is_swept) {
    static_cast<void>(stage.world.pass(Duration{61'000}));
    stage.commit(adds_up);
  }
  for (const std::size_t item : {std::size_t{1}, std::size_t{2}}) {
    const PartId part = of_ann.at(item).part;
    const std::string no =
        testing::query_one("SELECT transfer_no FROM tally.payouts WHERE part_id = " + std::to_string(part.value) +
                           " AND assignment_no = " + std::to_string(of_ann.at(item).no));
    stage.acknowledged(stage.world.admin, Reverse{{part, std::stoi(no)}, "fraud"});
    stage.commit(adds_up);
  }
  status = stage.get(stage.requester, Role::requester, GetStatus{project});
  CHECK(status.paid == Micros{4LL * 10'000});
  CHECK(status.fees == Micros{6LL * 2'000});

  stage.acknowledged("req", ChangeProject{project, ProjectAction::end});
  stage.commit(adds_up);
  for (const std::string who : {"ann", "ben"}) {
    const auto of = stage.get(stage.workers[who], worker_role, Earnings{});
    CHECK(of.answers_waiting == 0);
  }
  stage.answer("ann", of_ann.at(4), bird("bunting"));
  static_cast<void>(stage.world.pass(Duration{11LL * 60'000}));
  static_cast<void>(stage.world.pass(Duration{61'000}));
  stage.commit(adds_up);
  status = stage.get(stage.requester, Role::requester, GetStatus{project});
  CHECK(status.row.state == ProjectState::ended);
  CHECK(status.held == Micros{0});
  CHECK(status.undecided == 2);
  CHECK(status.leased == 0);
  const Balance balance = stage.get(stage.requester, Role::requester, GetBalance{});
  CHECK(balance.reserved == Micros{0});
  CHECK(balance.under_way == Micros{0});
  CHECK(balance.wallet == stage.world.wallet(stage.requester));
}

TEST_CASE("results show each task as it stands: values, verdict, votes, answers and cost") {
  ProjectSpec spec = birds();
  spec.redundancy = {2, 3, 2};
  Stage stage(small_parts(2));
  const ProjectId project = stage.open(spec, 5);
  stage.post(project, 1, 2);
  stage.post(project, 3, 2);
  stage.post(project, 5, 1);
  const auto ann = stage.pull("ann", project);
  const auto ben = stage.pull("ben", project);
  AnswerValues whole = bird("bunting", "A Red  Breast");
  whole["count"] = {"2.50"};
  whole["where"] = {"right", "left"};
  AnswerValues alike = bird("bunting", "a red breast");
  alike["count"] = {"2.5"};
  alike["where"] = {"left", "right"};
  stage.answer("ben", ben.at(0).assignment, whole);
  stage.answer("ann", ann.at(0).assignment, alike);
  stage.answer("ann", ann.at(1).assignment, bird("bunting"));
  stage.answer("ben", ben.at(1).assignment, bird("grosbeak"));
  stage.answer("ann", ann.at(2).assignment, bird("bunting"));
  stage.answer("ben", ben.at(2).assignment, bird("other"));
  const auto cem = stage.pull("cem", project);
  stage.answer("cem", cem.at(0).assignment, bird("other"));
  stage.answer("cem", cem.at(1).assignment, bird("bunting"));
  stage.answer("ann", ann.at(3).assignment, bird("bunting"));
  stage.commit();

  const auto rows = same_in_any_pages(stage, stage.requester, Role::requester, results_of(project, true));
  REQUIRE(rows.size() == 5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].item_no == static_cast<std::int64_t>(i) + 1);
    CHECK(rows[i].values == std::vector<std::string>{"picture " + std::to_string(i + 1)});
  }
  CHECK(rows[0].task == TaskId{part_of(project, 1), 1});
  CHECK(rows[3].task == TaskId{part_of(project, 2), 2});

  const ResultRow& settled = rows[0];
  CHECK(settled.state == TaskState::settled);
  CHECK(settled.reason.empty());
  CHECK(settled.answers == 2);
  CHECK(settled.cost == Micros{2LL * 12'000});
  REQUIRE(settled.judged.size() == 4);
  CHECK(settled.judged[0].field == "bird");
  CHECK(settled.judged[0].settled);
  CHECK(settled.judged[0].value == "bunting");
  CHECK(settled.judged[0].method == "plurality");
  CHECK(settled.judged[0].confidence_ppm == 1'000'000);
  REQUIRE(settled.judged[0].votes.size() == 1);
  CHECK(settled.judged[0].votes[0].value == "bunting");
  CHECK(settled.judged[0].votes[0].count == 2);
  // Ann leased first, so her words stand for all that compare as equal.
  CHECK(settled.judged[1].value == "a red breast");
  CHECK(settled.judged[1].votes.at(0).value == "a red breast");
  CHECK(settled.judged[1].votes.at(0).count == 2);
  CHECK(settled.judged[2].value == "2.5");
  CHECK(settled.judged[3].value == "left; right");
  REQUIRE(settled.given.size() == 2);
  CHECK(settled.given[1].assignment == ben.at(0).assignment);
  CHECK(settled.given[1].worker == stage.workers["ben"]);
  CHECK(settled.given[1].values == whole);
  CHECK(settled.given[1].state == PayState::paid);
  CHECK(settled.given[1].paid == Micros{10'000});
  CHECK(settled.given[1].at_ms == stage.world.now.ms);

  const ResultRow& undecided = rows[1];
  CHECK(undecided.state == TaskState::undecided);
  CHECK(undecided.reason == "max_reached");
  CHECK(undecided.cost == Micros{3LL * 12'000});
  CHECK_FALSE(undecided.judged.at(0).settled);
  CHECK(undecided.judged[0].value.empty());
  CHECK(undecided.judged[0].votes.size() == 3);

  const ResultRow& outvoted = rows[2];
  CHECK(outvoted.judged.at(0).votes.at(0).value == "bunting");
  CHECK(outvoted.judged[0].votes[0].count == 2);
  CHECK(outvoted.judged[0].votes.at(1).value == "other");
  CHECK(outvoted.judged[0].confidence_ppm == 666'666);
  CHECK(outvoted.cost == Micros{2LL * 12'000});
  CHECK(outvoted.given.at(1).state == PayState::unpaid);
  CHECK(outvoted.given[1].reason == "disagrees_on:bird");
  CHECK(outvoted.given[1].paid == Micros{0});

  CHECK(rows[3].state == TaskState::open);
  CHECK(rows[3].judged.empty());
  CHECK(rows[3].answers == 1);
  CHECK(rows[3].given.at(0).state == PayState::waiting);
  CHECK(rows[3].cost == Micros{0});
  CHECK(rows[4].answers == 0);

  // Without the answers the rest is the same, the words of free text included.
  const auto bare = stage.rows(stage.admin, Role::admin, results_of(project));
  REQUIRE(bare.size() == 5);
  CHECK(bare[0].given.empty());
  CHECK(bare[0].judged[1].value == "a red breast");
  CHECK(bare[0].cost == settled.cost);

  SECTION("what was erased is shown as empty") {
    erase(part_of(project, 1), "item");
    query("UPDATE tally.answers SET body = NULL WHERE part_id = " + std::to_string(part_of(project, 1).value) +
          " RETURNING 1");
    const auto erased = stage.rows(stage.requester, Role::requester, results_of(project, true));
    REQUIRE(erased.size() == 5);
    CHECK(erased[0].values == std::vector<std::string>{""});
    CHECK(erased[0].judged.at(0).value == "bunting");
    CHECK(erased[0].judged.at(1).value.empty());
    CHECK(erased[0].given.at(0).values.empty());
    CHECK(erased[2].values == std::vector<std::string>{"picture 3"});
  }
  SECTION("the words of another who agrees are shown where the first are erased") {
    query("UPDATE tally.answers SET body = NULL WHERE assignment_no = " + std::to_string(ann.at(0).assignment.no) +
          " AND part_id = " + std::to_string(part_of(project, 1).value) + " RETURNING 1");
    CHECK(stage.rows(stage.requester, Role::requester, results_of(project)).at(0).judged.at(1).value ==
          "A Red  Breast");
  }
  SECTION("a page ends before it grows past a frame, and holds one row at least") {
    for (const std::int64_t bytes : {1, 1400, 2500}) {
      stage.reads_config.frame_bytes_max = bytes;
      stage.reads.reset();
      GetResults request = results_of(project, true);
      request.limit = 1000;
      const auto page = stage.get(stage.requester, Role::requester, request);
      CHECK_FALSE(page.next.empty());
      const auto size = std::ssize(codec::encode_body(Reply(page)));
      CHECK((page.rows.size() == 1 || size <= bytes));
      CHECK(stage.rows(stage.requester, Role::requester, request).size() == 5);
    }
  }
  SECTION("an answer that came after the verdict is shown and paid, and has no vote") {
    stage.acknowledged("req", ChangeProject{project, ProjectAction::end});
    stage.answer("ben", ben.at(3).assignment, bird("other"));
    stage.commit();
    const ResultRow ended = stage.rows(stage.requester, Role::requester, results_of(project, true)).at(3);
    CHECK(ended.state == TaskState::undecided);
    CHECK(ended.reason == "project_ended");
    CHECK(ended.answers == 2);
    CHECK(ended.given.at(1).state == PayState::paid);
    CHECK(ended.cost == Micros{2LL * 12'000});
    REQUIRE(ended.judged.at(0).votes.size() == 1);
    CHECK(ended.judged[0].votes[0].value == "bunting");
  }
}

TEST_CASE("a requester sees what waits for review, and with which words it was rejected") {
  ProjectSpec spec = core::simple_spec();
  spec.pay = PayPolicy::review;
  spec.redundancy = {2, 2, 2};
  Stage stage(small_parts(2));
  const ProjectId project = stage.open(spec, 5);
  for (const std::int64_t first : {1, 3}) stage.post(project, first, 2);
  stage.post(project, 5, 1);
  std::map<std::string, std::vector<TaskOffer>> tasks;
  for (const std::string who : {"ann", "ben"}) {
    tasks[who] = stage.pull(who, project);
    for (const TaskOffer& task : tasks[who]) stage.answer(who, task.assignment, bird("other"));
  }
  stage.acknowledged("req", Review{tasks["ann"].at(0).assignment, true, ""});
  stage.acknowledged("req", Review{tasks["ben"].at(0).assignment, false, "too quick"});
  stage.acknowledged("req", Review{tasks["ann"].at(3).assignment, true, ""});
  stage.commit();
  GetResults request = results_of(project, true);
  request.under_review_only = true;
  const auto rows = same_in_any_pages(stage, stage.requester, Role::requester, request);
  REQUIRE(rows.size() == 4);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].item_no == static_cast<std::int64_t>(i) + 2);
  CHECK(rows[0].given.at(0).state == PayState::review);
  CHECK(rows[2].given.at(0).state == PayState::paid);
  CHECK(stage.get(stage.requester, Role::requester, GetStatus{project}).under_review == 7);

  const auto first = stage.rows(stage.requester, Role::requester, results_of(project, true)).at(0);
  CHECK(first.given.at(1).state == PayState::unpaid);
  CHECK(first.given.at(1).reason == "too quick");
  CHECK(first.cost == Micros{12'000});

  const auto of_ben = stage.get(stage.workers["ben"], worker_role, Earnings{});
  CHECK(of_ben.answers_waiting == 4);
  Earnings unpaid;
  unpaid.unpaid_only = true;
  const auto lost = stage.rows(stage.workers["ben"], worker_role, unpaid);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].assignment == tasks["ben"].at(0).assignment);
  CHECK(lost[0].reason == "too quick");
  CHECK(lost[0].amount == Micros{10'000});
  erase(part_of(project, 1), "rejection");
  CHECK(stage.rows(stage.workers["ben"], worker_role, unpaid).at(0).reason == "rejected");
}

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
        ", '\\x90', '\\x00', n, NULL FROM generate_series(1, 5000) n RETURNING 1");
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

TEST_CASE("each role lists the projects that are its business, newest first") {
  Stage stage;
  stage.deposit(stage.other_requester, 50'000'000);
  std::vector<ProjectId> own;
  for (int i = 0; i < 4; ++i) {
    static_cast<void>(stage.world.pass(Duration{i == 2 ? 0 : 10}));  // Two of the same moment.
    own.push_back(stage.open(birds(), 2));
    if (i != 3) stage.post(own.back(), 1, 2);
  }
  const ProjectId others = stage.open(core::simple_spec(), 1, "other");
  stage.post(others, 1, 1, "other");
  for (const std::string who : {"ann", "ben", "cem"}) {
    stage.answer(who, stage.pull(who, own[0]).at(0).assignment, bird("bunting"));
  }
  stage.acknowledged("req", ChangeProject{own[1], ProjectAction::pause});
  stage.commit();
  const auto ids = [](const std::vector<ProjectRow>& rows) {
    std::vector<ProjectId> found;
    found.reserve(rows.size());
    for (const ProjectRow& row : rows) found.push_back(row.project);
    return found;
  };

  const auto of_requester = same_in_any_pages(stage, stage.requester, Role::requester, ListProjects{});
  CHECK(ids(of_requester) == std::vector{own[3], own[2], own[1], own[0]});
  const ProjectRow& first = of_requester[3];
  CHECK(first.title == "Birds");
  CHECK(first.owner == stage.requester);
  CHECK(first.state == ProjectState::open);
  CHECK(first.reward == Micros{10'000});
  CHECK(first.items == 2);
  CHECK(first.closed == 1);
  CHECK(first.answers == 3);
  CHECK(of_requester[0].state == ProjectState::posting);
  CHECK(of_requester[2].state == ProjectState::paused);

  const auto of_worker = same_in_any_pages(stage, stage.workers["ann"], worker_role, ListProjects{});
  CHECK(ids(of_worker) == std::vector{others, own[2], own[0]});
  CHECK(of_worker[2].closed == 0);
  CHECK(of_worker[2].answers == 0);
  CHECK(of_worker[2].reward == Micros{10'000});
  CHECK(of_worker[2].items == 2);

  const auto of_admin = same_in_any_pages(stage, stage.admin, Role::admin, ListProjects{});
  CHECK(of_admin.size() == 5);
  CHECK(of_admin.back().answers == 3);

  const auto described = stage.get(stage.workers["ann"], worker_role, DescribeProject{own[0]});
  CHECK(described.project == own[0]);
  CHECK(described.state == ProjectState::open);
  CHECK(described.spec == birds());
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

TEST_CASE("what belongs to others is refused, and so is what does not exist") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  const auto refused = [&](const Request& request) {
    return stage.refused(stage.other_requester, Role::requester, request);
  };
  CHECK(refused(GetStatus{project}) == RefusalCode::not_yours);
  CHECK(refused(results_of(project)) == RefusalCode::not_yours);
  CHECK(refused(DescribeProject{project}) == RefusalCode::not_yours);
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{1}, project.value + 16, INT64_MAX}) {
    CHECK(refused(GetStatus{ProjectId{id}}) == RefusalCode::project_not_found);
    CHECK(refused(results_of(ProjectId{id})) == RefusalCode::project_not_found);
    CHECK(refused(DescribeProject{ProjectId{id}}) == RefusalCode::project_not_found);
  }
  CHECK(stage.get(stage.admin, Role::admin, GetStatus{project}).posted == 1);
  const Balance nothing = stage.get(stage.other_requester, Role::requester, GetBalance{});
  CHECK(nothing.wallet + nothing.reserved + nothing.under_way == Micros{0});
}

TEST_CASE("a cursor that is none of ours is refused") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  const std::string cursor =
      GENERATE("x", ".", "1.", "1.2.3.4", "-1", "1.-2", "99999999999999999999", " 1", "1.2'; DROP TABLE parts; --");
  INFO(cursor);
  GetResults results = results_of(project);
  results.after = cursor;
  CHECK(stage.refused(stage.requester, Role::requester, results) == RefusalCode::malformed);
  ListProjects projects;
  projects.after = cursor;
  CHECK(stage.refused(stage.requester, Role::requester, projects) == RefusalCode::malformed);
  Earnings earnings;
  earnings.after = cursor;
  CHECK(stage.refused(stage.workers["ann"], worker_role, earnings) == RefusalCode::malformed);
  ListAccounts accounts;
  accounts.after = cursor;
  CHECK(stage.refused(stage.admin, Role::admin, accounts) == RefusalCode::malformed);
  for (const std::string past : {"0.1", "1048576.1", "1.2147483648"}) {
    results.after = past;
    CHECK(stage.refused(stage.requester, Role::requester, results) == RefusalCode::malformed);
  }
  results.after = "7.1";
  CHECK(stage.get(stage.requester, Role::requester, results).rows.empty());
}

TEST_CASE("a limit is brought to between one and a thousand rows") {
  Stage stage(small_parts(800));
  const ProjectId project = stage.open(core::simple_spec(), 1100);
  stage.post(project, 1, 800);
  stage.post(project, 801, 300);
  stage.commit();
  GetResults request = results_of(project);
  for (const std::int64_t limit : {INT64_MIN, std::int64_t{0}}) {
    request.limit = limit;
    CHECK(stage.get(stage.requester, Role::requester, request).rows.size() == 1);
  }
  request.limit = INT64_MAX;
  const ResultsPage page = stage.get(stage.requester, Role::requester, request);
  CHECK(page.rows.size() == 1000);
  CHECK(page.rows.back().item_no == 1000);
  request.after = page.next;
  const ResultsPage rest = stage.get(stage.requester, Role::requester, request);
  CHECK(rest.rows.size() == 100);
  CHECK(rest.next.empty());
}

TEST_CASE("a database that is away is said so, and a lost connection is opened again by itself") {
  Stage stage;
  stage.commit();
  std::vector<std::string> lines;
  const auto log = [&](std::string_view line) { lines.emplace_back(line); };
  ReadsConfig nowhere;
  nowhere.connection = "host=/nonexistent connect_timeout=2";
  nowhere.retry_delay = Duration{1};
  nowhere.log = log;
  Reads away(nowhere, keep_going);
  for (int i = 0; i < 3; ++i) {
    const auto reply = away.answer(GetBalance{}, stage.requester, Role::requester, stage.world.now);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == RefusalCode::unavailable);
    CHECK(reply.error().retry_after_ms > 0);
  }
  CHECK(lines.size() == 1);

  CHECK(stage.get(stage.requester, Role::requester, GetBalance{}).wallet == Micros{100'000'000});
  query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%' "
      "AND backend_type = 'client backend'");
  CHECK(stage.get(stage.requester, Role::requester, GetBalance{}).wallet == Micros{100'000'000});
}

TEST_CASE("a damaged row is an error of the broker, which it logs, and the next request is answered") {
  Stage stage;
  const ProjectId project = stage.open(birds(), 1);
  stage.post(project, 1, 1);
  stage.commit();
  std::vector<std::string> lines;
  stage.reads_config.log = [&](std::string_view line) { lines.emplace_back(line); };
  query("UPDATE tally.contents SET body = 'rubbish' WHERE kind = 'item' RETURNING 1");
  CHECK(stage.refused(stage.requester, Role::requester, results_of(project)) == RefusalCode::internal_error);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("doing=get_results") != std::string::npos);
  CHECK(stage.get(stage.requester, Role::requester, GetStatus{project}).posted == 1);
}

TEST_CASE("no statement of a reader walks a table, and a page comes out of its index in order") {
  namespace sql = read_statements;
  Connection connection(cluster().connection(), Use::reader, sql::all);
  pqxx::nontransaction tx(connection.get());
  tx.exec(sql::settings);
  for (const Statement& statement : sql::all) {
    const std::string name = statement.name;
    const auto types =
        tx.exec("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = '" + name + "'")[0][0]
            .as<int>();
    std::string arguments = "NULL";
    for (int i = 1; i < types; ++i) arguments += ", NULL";
    std::string plan;
    for (const auto& row : tx.exec("EXPLAIN EXECUTE " + name + "(" + arguments + ")")) {
      plan += std::string(row[0].c_str()) + '\n';
    }
    INFO(name << "\n" << plan);
    CHECK(plan.find("Seq Scan") == std::string::npos);
    CHECK(plan.find("Bitmap") == std::string::npos);
    const Statement pages[] = {sql::projects_newest,  sql::projects_of_owner,   sql::projects_open,
                               sql::parts_with_tasks, sql::next_part_in_review, sql::accounts,
                               sql::accounts_of_role, sql::answers_waiting};
    const bool is_page =
        std::any_of(std::begin(pages), std::end(pages), [&](const Statement& page) { return page.name == name; });
    if (is_page) CHECK(plan.find("Sort") == std::string::npos);
  }
}
