#include "tools/stack/replay_check.h"

#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/stack/replay.h"

namespace {

using namespace tally;

constexpr PartId part{18 * parts_per_project + 1};

// Two tasks, three workers: t0 is answered yes, yes, no; t1 yes, no. The broker's accounts are 100 and on.
struct Scene {
  stack::RecordedSet set;
  stack::ReplayRules rules;
  std::vector<ResultRow> rows;
  std::vector<stack::AcknowledgedAnswer> acknowledged;  // To worker 0.

  Scene() {
    set.name = "scene";
    set.tasks = {"t0", "t1"};
    set.workers = {"w0", "w1", "w2"};
    set.answers = {{0, 0, "yes"}, {0, 1, "yes"}, {0, 2, "no"}, {1, 0, "yes"}, {1, 1, "no"}};
    set.truth = {"yes", "no"};
    rules.field = {.name = "label", .type = "choice", .options = {"no", "yes"}};
    rules.all = true;
    rules.reward = Micros{10};
    rules.fee = Micros{2};
    rules.workers = {{AccountId{100}, 0}, {AccountId{101}, 1}, {AccountId{102}, 2}};
    rows = {row(1, TaskState::settled, "yes"), row(2, TaskState::undecided, "")};
    rows[0].given = {answer(1, 100, "yes", 10), answer(2, 101, "yes", 10), answer(3, 102, "no", 0)};
    rows[1].given = {answer(4, 100, "yes", 10), answer(5, 101, "no", 10)};
    for (ResultRow& row : rows) row.answers = std::ssize(row.given), row.cost = Micros{24};
    acknowledged = {{{part, 1}, 1}, {{part, 4}, 2}};
  }

  [[nodiscard]] ResultRow row(std::int64_t item, TaskState state, const std::string& value) const {
    ResultRow row;
    row.task = {part, static_cast<std::int32_t>(item)};
    row.item_no = item;
    row.values = {set.tasks[static_cast<std::size_t>(item) - 1]};
    row.state = state;
    row.judged = {{"label", state == TaskState::settled, value}};
    return row;
  }
  static AnswerRow answer(std::int32_t no, std::int64_t worker, const std::string& label, std::int64_t paid) {
    AnswerRow row;
    row.assignment = {part, no};
    row.worker = AccountId{worker};
    row.values = {{"label", {label}}};
    row.state = paid > 0 ? PayState::paid : PayState::unpaid;
    row.paid = Micros{paid};
    return row;
  }

  [[nodiscard]] stack::Findings findings() const {
    stack::ReplayCheck check(set, rules);
    for (const ResultRow& row : rows) check.take(row);
    check.take_acknowledged(0, acknowledged);
    return check.finish();
  }
};

}  // namespace

TEST_CASE("a replay in which everything is right has no findings, and its figures") {
  const auto found = Scene().findings();
  INFO((found.wrong.empty() ? "" : found.wrong.front()));
  CHECK(found.wrong_count == 0);
  CHECK(found.settled == 1);
  CHECK(found.undecided == 1);
  CHECK(found.answers == 5);
  CHECK(found.with_truth == 2);
  CHECK(found.right == 1);
  CHECK(found.paid == Micros{40});
  CHECK(found.cost == Micros{48});
}

TEST_CASE("the F1 of a replay is of the second label, and a task without a verdict chose none") {
  Scene scene;
  scene.set.truth = {"yes", "yes"};
  const auto found = scene.findings();
  CHECK(found.hits.at("yes").hits == 1);
  CHECK(found.hits.at("yes").chosen == 1);
  CHECK(found.hits.at("yes").truths == 2);
  CHECK(found.hits.at("no").chosen == 0);
  stack::ReplayReport report;
  report.findings = found;
  CHECK(nlohmann::json::parse(to_json(report))["f1"] == 0.6667);
}

TEST_CASE(
    "the line of a replay begins with the keys of the line of a method, and says how much was bought and claimed") {
  Scene scene;
  scene.set.truth = {"yes", std::nullopt};
  stack::ReplayReport report;
  report.set = "scene";
  report.method = "skill";
  report.findings = scene.findings();
  const auto line = nlohmann::ordered_json::parse(to_json(report));
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  keys.resize(7);
  CHECK(keys == std::vector<std::string>{"set", "method", "tasks", "answers_per_task", "accuracy", "f1", "seconds"});
  CHECK(line["tasks"] == 1);
  CHECK(line["tasks_all"] == 2);
  CHECK(line["answers"] == 5);
  CHECK(line["answers_per_task"] == 2.5);
  CHECK(line["accuracy"] == 1);
  CHECK(line["bins"].size() == 1);
}

TEST_CASE("a replay of texts has no F1") {
  Scene scene;
  scene.rules.field = {.name = "label", .type = "text"};
  stack::ReplayReport report;
  report.findings = scene.findings();
  CHECK(nlohmann::json::parse(to_json(report))["f1"].is_null());
}

TEST_CASE("a replay finds each thing that a broker could get wrong") {
  Scene scene;
  std::string expected;
  const auto spoil = [&](const std::string& words, const std::function<void()>& change) {
    expected = words;
    change();
  };
  SECTION("a verdict against the vote") {
    spoil("the verdict is 'no'", [&] { scene.rows[0].judged[0].value = "no"; });
  }
  SECTION("a tie that was decided") {
    spoil("the vote is undecided", [&] { scene.rows[1] = scene.row(2, TaskState::settled, "yes"); });
  }
  SECTION("a task left open") {
    spoil("still open", [&] { scene.rows[1].state = TaskState::open; });
  }
  SECTION("a lost answer that was acknowledged") {
    spoil("acknowledged", [&] {
      scene.rows[1].given.erase(scene.rows[1].given.begin());
      scene.rows[1].answers = 1;
    });
  }
  SECTION("two answers of one worker to one task") {
    spoil("second answer", [&] { scene.rows[0].given.push_back(Scene::answer(9, 100, "yes", 10)); });
  }
  SECTION("another answer than was handed in") {
    spoil("not what its worker answered", [&] { scene.rows[0].given[0].values["label"] = {"no"}; });
  }
  SECTION("an answer paid twice") {
    spoil("was paid", [&] { scene.rows[0].given[0].paid = Micros{20}; });
  }
  SECTION("an answer paid against the verdict") {
    spoil("was paid", [&] { scene.rows[0].given[2] = Scene::answer(3, 102, "no", 10); });
  }
  SECTION("a cost that is not the sum of what was paid") {
    spoil("cost", [&] { scene.rows[0].cost = Micros{36}; });
  }
  SECTION("a task that is missing") {
    spoil("1 of 2 tasks", [&] {
      scene.rows.pop_back();
      scene.acknowledged.pop_back();
    });
  }
  const auto found = scene.findings();
  REQUIRE(found.wrong_count > 0);
  std::string all;
  for (const std::string& wrong : found.wrong) all += wrong + "\n";
  CHECK_THAT(all, Catch::Contains(expected));
}

TEST_CASE("bought by redundancy, a verdict is held against the answers that were stored") {
  Scene scene;
  scene.rules.all = false;
  scene.rules.redundancy = {2, 3, 2};
  // The third answer was never asked for: two agreed.
  scene.rows[0].given.pop_back();
  scene.rows[0].answers = 2;
  scene.acknowledged = {{{part, 1}, 1}, {{part, 4}, 2}};
  CHECK(scene.findings().wrong_count == 0);

  scene.rules.redundancy = {2, 3, 3};
  CHECK(scene.findings().wrong_count == 1);
}

TEST_CASE("the accuracy of single answers weighs every task alike") {
  const Scene scene;
  CHECK(accuracy_of_single_answers(scene.set, scene.rules.field) == Approx((2.0 / 3 + 1.0 / 2) / 2));
}
