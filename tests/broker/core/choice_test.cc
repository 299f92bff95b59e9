// Which task a worker gets: what an answer is worth most on, gold in between, settled tasks as checks, spot checks.
#include "broker/core/choice.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

const std::vector<std::string> birds{"bunting", "grosbeak", "other"};
std::string bird_of(std::int64_t item) { return birds[static_cast<std::size_t>(item) % birds.size()]; }
std::string other_than(std::int64_t item) { return bird_of(item + 1); }

ProjectSpec by_skill(std::int32_t min, std::int32_t max, std::int64_t theta_ppm) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {min, max, 1, theta_ppm, 0, 0, 0};
  return spec;
}

struct Aviary : Market {
  // Of the items every fourth with what is known of it, if `gold`.
  ProjectId open(const ProjectSpec& spec, std::int64_t items, bool gold = false) {
    const ProjectId project = announce(spec, items);
    PostItems post;
    post.project = project;
    for (std::int64_t no = 1; no <= items; ++no) {
      post.items.push_back({{"a picture"}, std::nullopt, {}});
      if (gold && is_gold(no)) post.items.back().gold = {{"bird", bird_of(no)}};
    }
    static_cast<void>(world.get<ItemsPosted>("req", post));
    return project;
  }
  static bool is_gold(std::int64_t item) { return item % 4 == 0; }

  // Takes the next task and answers it; gives its item, 0: there was none.
  std::int64_t truly(const std::string& name, ProjectId project) { return next(name, project, bird_of); }
  std::int64_t wrongly(const std::string& name, ProjectId project) { return next(name, project, other_than); }
  std::int64_t next(const std::string& name, ProjectId project, std::string (*says)(std::int64_t item)) {
    const Tasks offered = pull(name, project);
    if (offered.tasks.empty()) return 0;
    const TaskOffer& offer = offered.tasks.front();
    REQUIRE(answer(name, offer.assignment, {{"bird", {says(offer.task->no)}}}).accepted);
    return offer.task->no;
  }
  // Ann and Bob answer so many tasks each, where there are as many.
  void truly_both(ProjectId project, int times) {
    for (int i = 0; i < times; ++i) {
      truly("ann", project);
      truly("bob", project);
    }
  }
  [[nodiscard]] bool is_check(ProjectId project, const TaskOffer& offer) const {
    return tasks(project).find_task(offer.task->no)->state == TaskState::settled;
  }
  [[nodiscard]] std::int64_t measured(ProjectId project) const {
    return std::ssize(world.records_of<GoldAnswered>(control_part_of(project)));
  }
};

}  // namespace

TEST_CASE("of an unknown worker's tasks one in three is gold, of a trusted one's one in fifty") {
  CHECK(gold_rate_ppm({0, 0, 0, 0}) == 333'333);
  CHECK(gold_rate_ppm({0, 0, 1, 1}) == 200'000);
  CHECK(gold_rate_ppm({0, 0, 10, 10}) == 1'000'000 / 23);
  CHECK(gold_rate_ppm({0, 0, 100, 100}) == 20'000);
  // A wrong one counts as much as two right ones.
  CHECK(gold_rate_ppm({0, 0, 13, 12}) == gold_rate_ppm({0, 0, 10, 10}));
  CHECK(gold_rate_ppm({0, 0, 20, 5}) == 333'333);
  CHECK(check_rate_ppm({0, 0, 0, 0}, 300'000) == 300'000);
  CHECK(check_rate_ppm({0, 0, 3, 3}, 300'000) == 100'000);
  CHECK(check_rate_ppm({0, 0, 500, 500}, 300'000) == 30'000);
  CHECK(check_rate_ppm({0, 0, 500, 500}, 0) == 0);
}

TEST_CASE("gold is mixed in unseen, often at first and seldom for who gets it right") {
  constexpr std::int64_t items = 400;
  Aviary market;
  const AccountId good_one = market.worker("good");
  const AccountId bad_one = market.worker("bad");
  const ProjectId project = market.open(by_skill(3, 5, 990'000), items, true);
  std::vector<std::int64_t> good;
  std::vector<std::int64_t> bad;
  for (int i = 0; i < 150; ++i) {
    good.push_back(market.truly("good", project));
    bad.push_back(market.wrongly("bad", project));
  }
  const auto gold_in = [](const std::vector<std::int64_t>& given, std::size_t first, std::size_t count) {
    const auto from = given.begin() + static_cast<std::ptrdiff_t>(first);
    return std::count_if(from, from + static_cast<std::ptrdiff_t>(count), Aviary::is_gold);
  };
  CHECK(gold_in(good, 0, 15) >= 2);
  CHECK(gold_in(good, 100, 50) <= 5);
  CHECK(gold_in(good, 0, 150) >= 6);
  CHECK(gold_in(bad, 0, 150) > 30);
  const auto& gold = market.control(project).gold;
  CHECK(gold.at(good_one).right == gold.at(good_one).gold);
  CHECK(gold.at(bad_one).right == 0);
}

TEST_CASE("at the end the gold that was not mixed in is done like any other task") {
  Aviary market;
  const ProjectId project = market.open(by_skill(2, 2, 990'000), 20, true);
  for (const char* name : {"ann", "bob"}) {
    static_cast<void>(market.worker(name));
    int done = 0;
    while (market.truly(name, project) != 0) ++done;
    CHECK(done == 20);
  }
  CHECK(market.tasks(project).open == 0);
}

TEST_CASE("who is better than most gets what others did not settle, the others begin with fresh tasks") {
  Aviary market;
  for (const char* name : {"good", "bad", "ann", "bob", "new"}) static_cast<void>(market.worker(name));
  const ProjectId project = market.open(by_skill(2, 4, 999'000), 120);
  // All are known by now, and one of them as bad.
  for (int i = 0; i < 40; ++i) {
    for (const char* name : {"good", "ann", "bob"}) market.truly(name, project);
    market.wrongly("bad", project);
  }
  // Tasks that two answered, each in another way.
  for (int i = 0; i < 10; ++i) {
    market.truly("ann", project);
    market.wrongly("bob", project);
  }
  REQUIRE_FALSE(market.tasks(project).of(PlaceKind::hard).tasks.empty());
  REQUIRE_FALSE(market.tasks(project).of(PlaceKind::fresh).tasks.empty());
  const auto next_of = [&](const std::string& name) {
    const Tasks offered = market.pull(name, project);
    REQUIRE(offered.tasks.size() == 1);
    const Task& task = *market.tasks(project).find_task(offered.tasks[0].task->no);
    market.hand_back(name, offered.tasks[0].assignment);
    return task.answered;
  };
  CHECK(next_of("new") < 2);
  CHECK(next_of("bad") < 2);
  CHECK(next_of("good") >= 2);
  // When nothing fresh is left everybody gets the hard ones.
  bool had_hard = false;
  for (Tasks offered = market.pull("new", project); !offered.tasks.empty(); offered = market.pull("new", project)) {
    const TaskOffer& offer = offered.tasks[0];
    had_hard = had_hard || market.tasks(project).find_task(offer.task->no)->answered >= 2;
    REQUIRE(market.answer("new", offer.assignment, {{"bird", {bird_of(offer.task->no)}}}).accepted);
  }
  CHECK(had_hard);
}

TEST_CASE("a worker is told which item a task is, but not where gold comes unseen among the others") {
  Aviary market;
  static_cast<void>(market.worker("ann"));
  ProjectSpec by_item = by_skill(2, 5, 900'000);
  by_item.pull_by_item = true;
  const auto told = [&](const ProjectSpec& spec) {
    const ProjectId project = market.open(spec, 4);
    return market.pull("ann", project).tasks.at(0).item_no;
  };
  CHECK(told(simple_spec()) == 1);
  CHECK(told(by_item) == 1);
  CHECK_FALSE(told(by_skill(2, 5, 900'000)));
}

TEST_CASE("settled tasks are given as checks, which are paid and count, and change no verdict") {
  Aviary market;
  for (const char* name : {"ann", "bob"}) static_cast<void>(market.worker(name));
  const AccountId newcomer = market.worker("new");
  ProjectSpec spec = by_skill(2, 5, 900'000);
  spec.redundancy.checks_ppm = 500'000;
  const ProjectId project = market.open(spec, 60);
  market.truly_both(project, 40);
  const auto verdicts_before = market.world.records_of<VerdictReached>(part_of(project, 1));
  REQUIRE_FALSE(market.tasks(project).of(PlaceKind::check).tasks.empty());
  std::int64_t checks = 0;
  for (int i = 0; i < 20; ++i) {
    const Tasks offered = market.pull("new", project);
    REQUIRE(offered.tasks.size() == 1);
    const TaskOffer& offer = offered.tasks[0];
    const bool is_check = market.is_check(project, offer);
    checks += is_check ? 1 : 0;
    const SubmitOutcome outcome = market.answer("new", offer.assignment, {{"bird", {bird_of(offer.task->no)}}});
    REQUIRE(outcome.accepted);
    if (is_check) CHECK(outcome.paid == spec.reward);
  }
  CHECK(checks >= 2);
  CHECK(checks <= 12);
  CHECK(market.control(project).gold.at(newcomer).gold >= checks);
  CHECK(market.control(project).gold.at(newcomer).right == market.control(project).gold.at(newcomer).gold);
  const auto verdicts_after = market.world.records_of<VerdictReached>(part_of(project, 1));
  for (std::size_t i = 0; i < verdicts_before.size(); ++i) CHECK(verdicts_after[i].task == verdicts_before[i].task);
  for (const Task& task : market.tasks(project).tasks) CHECK(task.answered + task.live <= task.max);
}

TEST_CASE("a check may be skipped and taken back, and answered late, like any other task") {
  Aviary market;
  for (const char* name : {"ann", "bob", "new"}) static_cast<void>(market.worker(name));
  ProjectSpec spec = by_skill(2, 5, 900'000);
  spec.redundancy.checks_ppm = 900'000;
  const ProjectId project = market.open(spec, 60);
  market.truly_both(project, 40);
  TaskOffer offer = market.pull("new", project).tasks.at(0);
  for (int i = 0; i < 20 && !market.is_check(project, offer); ++i) offer = market.pull("new", project).tasks.at(0);
  REQUIRE(market.is_check(project, offer));
  market.hand_back("new", offer.assignment);
  const Tasks again = market.world.get<Tasks>("new", TakeBackSkip{offer.assignment});
  REQUIRE(again.tasks.size() == 1);
  CHECK(again.tasks[0].task == offer.task);
  market.pass(Duration{spec.lease.ms + 60'000});
  REQUIRE(market.assignment(again.tasks[0].assignment).state == AssignmentState::expired);
  CHECK(market.answer("new", again.tasks[0].assignment, {{"bird", {bird_of(offer.task->no)}}}).accepted);
}

TEST_CASE("without being asked for nobody is given a settled task") {
  Aviary market;
  for (const char* name : {"ann", "bob", "new"}) static_cast<void>(market.worker(name));
  const ProjectId project = market.open(by_skill(2, 5, 900'000), 60);
  market.truly_both(project, 40);
  CHECK(market.tasks(project).settled > 0);
  CHECK(market.tasks(project).of(PlaceKind::check).tasks.empty());
  CHECK(market.measured(project) == 0);
}

TEST_CASE("a lease of a check that runs out ends with it, and the part ends after it") {
  Aviary market;
  for (const char* name : {"ann", "bob", "new"}) static_cast<void>(market.worker(name));
  ProjectSpec spec = by_skill(2, 5, 900'000);
  spec.redundancy.checks_ppm = 500'000;
  const ProjectId project = market.open(spec, 30);
  market.truly_both(project, 20);
  // One who takes tasks until one of them is a check, and leaves.
  bool has_check = false;
  for (int i = 0; i < 12 && !has_check; ++i) {
    const Tasks offered = market.pull("new", project);
    if (offered.tasks.empty()) break;
    has_check = market.is_check(project, offered.tasks[0]);
  }
  REQUIRE(has_check);
  for (const char* name : {"ann", "bob"}) {
    while (market.truly(name, project) != 0) {
    }
  }
  market.world.pass(spec.lease);
  market.world.pass(Duration{1});
  for (const char* name : {"ann", "bob"}) {
    while (market.truly(name, project) != 0) {
    }
  }
  CHECK(market.tasks(project).live == 0);
}

TEST_CASE("a known worker settles tasks alone, but for a spot check now and then") {
  Aviary market;
  for (const char* name : {"ann", "bob", "cid"}) static_cast<void>(market.worker(name));
  const ProjectId project = market.open(by_skill(1, 5, 900'000), 400);
  // Until they are known.
  for (int i = 0; i < 150; ++i) {
    for (const char* name : {"ann", "bob", "cid"}) market.truly(name, project);
  }
  std::int64_t alone = 0;
  std::int64_t all = 0;
  const auto verdicts = market.world.records_of<VerdictReached>(part_of(project, 1));
  for (const VerdictReached& verdict : verdicts) {
    ++all;
    alone += verdict.ballots.size() == 1 ? 1 : 0;
    if (verdict.ballots.size() == 1) CHECK(verdict.judged[0].posterior_ppm >= 900'000);
  }
  CHECK(alone > all / 4);
  CHECK(alone < all);
}

}  // namespace tally::core
