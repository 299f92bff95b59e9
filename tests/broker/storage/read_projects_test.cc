// What a requester reads: balances, status, results, reviews, projects.
#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "tests/broker/storage/reads_support.h"
#include "tests/broker/storage/stage.h"

namespace tally::storage {

using namespace testing;

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
  static_cast<void>(stage.world.pass(Duration{3'000}));
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
  CHECK(settled.given[1].took_ms == 3'000);

  const ResultRow& undecided = rows[1];
  CHECK(undecided.state == TaskState::undecided);
  CHECK(undecided.reason == "max_reached");
  CHECK(undecided.cost == Micros{3LL * 12'000});
  CHECK(undecided.given.at(2).took_ms == 0);  // Cem was given it in the moment of the answer.
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

TEST_CASE("a worker is told how many training tasks a project has, its owner and an admin what is right in them") {
  Stage stage;
  ProjectSpec spec = birds();
  spec.require.qualifications = {{"french", 80}};
  spec.training.tasks = {{{"secret picture"}, {{"bird", {"grosbeak"}}}, "secret reason"},
                         {{"another"}, {{"bird", {"bunting"}}}, ""}};
  spec.training.grants = "birds";
  const ProjectId project = stage.open(spec, 1);
  stage.post(project, 1, 1);
  stage.commit();
  const auto described = stage.get(stage.workers["ann"], worker_role, DescribeProject{project});
  const std::string text = codec::to_json(Reply(described)).dump();
  CHECK(text.find("secret") == std::string::npos);
  CHECK(described.spec.training.tasks == std::vector<TrainingTask>(2));
  CHECK(described.spec.training.grants == "birds");
  CHECK(described.spec.require == spec.require);
  CHECK(stage.get(stage.requester, Role::requester, DescribeProject{project}).spec == spec);
  CHECK(stage.get(stage.admin, Role::admin, DescribeProject{project}).spec == spec);
}

}  // namespace tally::storage
