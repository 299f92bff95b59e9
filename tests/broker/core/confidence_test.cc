// Verdicts that claim how probable they are: gold, the audit, and what is given up.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/skill.h"
#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

const std::vector<std::string> birds{"bunting", "grosbeak", "other"};

std::string bird_of(std::int64_t item) { return birds[static_cast<std::size_t>(item) % birds.size()]; }

ProjectSpec confident(std::int32_t min, std::int32_t max, std::int64_t confidence_ppm, std::int64_t audit_ppm = 0) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {min, max, 1, 0, confidence_ppm, audit_ppm};
  return spec;
}

// Workers who all say what is true.
struct Flock : Market {
  explicit Flock(int workers) {
    for (int i = 0; i < workers; ++i) {
      names.push_back("worker " + std::to_string(i));
      static_cast<void>(worker(names.back()));
    }
  }
  // The first `gold` items with what is known of them.
  ProjectId open_with_gold(const ProjectSpec& spec, std::int64_t items, std::int64_t gold) {
    const ProjectId project = announce(spec, items);
    PostItems post;
    post.project = project;
    for (std::int64_t no = 1; no <= items; ++no) {
      post.items.push_back({{"a picture"}, std::nullopt, {}});
      if (no <= gold) post.items.back().gold = {{"bird", bird_of(no)}};
    }
    static_cast<void>(world.get<ItemsPosted>("req", post));
    return project;
  }
  void answer_truly(const std::string& name, const TaskOffer& offer) {
    REQUIRE(answer(name, offer.assignment, {{"bird", {bird_of(offer.task->no)}}}).accepted);
  }
  // Each does all there is for them.
  void work_all(ProjectId project) { work_all(project, names); }
  void work_all(ProjectId project, const std::vector<std::string>& workers) {
    for (const std::string& name : workers) {
      for (Tasks offered = pull(name, project); !offered.tasks.empty(); offered = pull(name, project)) {
        answer_truly(name, offered.tasks.front());
      }
    }
  }
  [[nodiscard]] std::vector<VerdictReached> reached(ProjectId project) const {
    return world.records_of<VerdictReached>(part_of(project, 1));
  }
  std::vector<std::string> names;
};

std::int64_t count_of(const std::vector<VerdictReached>& verdicts, VerdictReason reason) {
  return std::count_if(verdicts.begin(), verdicts.end(),
                       [&](const VerdictReached& verdict) { return verdict.reason == reason; });
}

}  // namespace

TEST_CASE("with gold that comes out right a confidence is reached that cannot be reached without") {
  constexpr std::int64_t items = 120;
  Flock with(8);
  const ProjectId proved = with.open_with_gold(confident(3, 8, 900'000), items, 80);
  with.work_all(proved);
  Flock without(8);
  const ProjectId unproved = without.open_with_gold(confident(3, 8, 900'000), items, 0);
  without.work_all(unproved);
  CHECK(count_of(with.reached(proved), VerdictReason::confidence_reached) > 60);
  CHECK(count_of(without.reached(unproved), VerdictReason::confidence_reached) == 0);
  CHECK(without.tasks(unproved).best_guesses == items);
}

TEST_CASE("a claim is made from the gold outcomes before it, which its verdict holds") {
  Flock market(6);
  const ProjectId project = market.open_with_gold(confident(2, 6, 800'000), 40, 20);
  market.work_all(project);
  const auto verdicts = market.reached(project);
  REQUIRE(verdicts.size() == 40);
  std::int64_t gold_before = 0;
  for (const VerdictReached& verdict : verdicts) {
    REQUIRE(verdict.evidence.size() == 1);
    const ClaimBasis& basis = verdict.evidence[0].claim;
    std::int64_t outcomes = 0;
    for (const OutcomeCount& count : basis.gold) outcomes += count.right + count.wrong;
    CHECK(outcomes == gold_before);
    const auto again = aggregation::verdict_by_skill(verdict.evidence[0].evidence, aggregation::Claims(basis),
                                                     confident(2, 6, 800'000).redundancy);
    CHECK(again.claim_ppm == verdict.judged[0].confidence_ppm);
    CHECK(again.posterior_ppm == verdict.judged[0].posterior_ppm);
    gold_before += verdict.task <= 20 ? 1 : 0;
  }
  CHECK(gold_before == 20);
}

TEST_CASE("what can never be claimed is given up before the last answer, as a best guess, and everybody is paid") {
  Flock market(30);
  const ProjectId project = market.open_with_gold(confident(3, 30, 990'000), 6, 0);
  market.work_all(project);
  const auto verdicts = market.reached(project);
  REQUIRE(verdicts.size() == 6);
  for (const VerdictReached& verdict : verdicts) {
    CHECK(verdict.reason == VerdictReason::futile);
    CHECK(verdict.ballots.size() < 30);
    CHECK(verdict.judged[0].value == bird_of(verdict.task));
    CHECK_FALSE(verdict.judged[0].settled);
  }
  CHECK(market.tasks(project).best_guesses == 6);
  const TaskPart& tasks = market.tasks(project);
  for (std::size_t i = 0; i < tasks.assignments.size(); ++i) {
    CHECK(tasks.assignments[i].pay == PayState::paid);
  }
}

TEST_CASE("while gold is open it may still help: nothing is given up") {
  Flock market(12);
  const ProjectId project = market.open_with_gold(confident(3, 12, 900'000), 60, 59);
  // Only the item without gold is answered, which comes last.
  for (const std::string& name : market.names) {
    const Tasks all = market.pull(name, project, 60);
    for (const TaskOffer& offer : all.tasks) {
      if (offer.task->no == 60) market.answer_truly(name, offer);
    }
  }
  for (const VerdictReached& verdict : market.reached(project)) CHECK(verdict.reason != VerdictReason::futile);
}

TEST_CASE("gold that comes out well settles what was as sure before, without one more answer") {
  constexpr std::int64_t gold = 80;
  Flock market(9);
  ProjectSpec spec = confident(3, 9, 880'000);
  spec.pull_by_item = true;
  const ProjectId project = market.open_with_gold(spec, 100, gold);
  for (std::size_t i = 0; i < 5; ++i) market.work_all(project, {market.names[i]});
  REQUIRE(market.reached(project).empty());
  const Tasks held = market.world.get<Tasks>(market.names[8], Pull{project, 1, {100}, 0});
  for (std::size_t i = 5; i < 9; ++i) {
    for (std::int64_t no = 1; no <= gold; ++no) {
      const Tasks offered = market.world.get<Tasks>(market.names[i], Pull{project, 1, {no}, 0});
      if (!offered.tasks.empty()) market.answer_truly(market.names[i], offered.tasks.front());
    }
  }
  REQUIRE(market.reached(project).size() == gold);
  for (int i = 0; i < 20; ++i) market.pass(Duration{20});
  REQUIRE(market.reached(project).size() == 99);
  // What was in somebody's hands is judged when it is back, though without an answer.
  market.hand_back(market.names[8], held.tasks.at(0).assignment);
  for (int i = 0; i < 20; ++i) market.pass(Duration{20});
  const auto verdicts = market.reached(project);
  REQUIRE(verdicts.size() == 100);
  for (std::size_t i = gold; i < 100; ++i) {
    CHECK(verdicts[i].reason == VerdictReason::confidence_reached);
    CHECK(verdicts[i].ballots.size() == 5);
  }
}

TEST_CASE(
    "a task that is drawn for the audit goes on to its greatest number of answers, and tells whether it was right") {
  Flock market(8);
  const ProjectId project = market.open_with_gold(confident(3, 8, 700'000, 500'000), 60, 0);
  market.work_all(project);
  const auto audits = market.world.records_of<TaskAudited>(part_of(project, 1));
  CHECK(audits.size() > 10);
  CHECK(audits.size() < 50);
  for (const VerdictReached& verdict : market.reached(project)) {
    const auto audit =
        std::find_if(audits.begin(), audits.end(), [&](const TaskAudited& each) { return each.task == verdict.task; });
    const bool is_audited = audit != audits.end();
    CHECK(verdict.audited_after == (is_audited ? audit->answers : 0));
    if (verdict.reason != VerdictReason::confidence_reached) continue;
    CHECK((verdict.ballots.size() == 8) == is_audited);
  }
  std::int64_t outcomes = 0;
  for (const OutcomeCount& count : market.tasks(project).claims.at(0).basis().audited) outcomes += count.right;
  CHECK(outcomes == std::ssize(audits));
}

TEST_CASE("an audit that nobody is left for ends with what was settled, not with a guess") {
  Flock market(6);
  const ProjectId project = market.open_with_gold(confident(3, 10, 600'000, 500'000), 20, 0);
  market.work_all(project);
  REQUIRE_FALSE(market.world.records_of<TaskAudited>(part_of(project, 1)).empty());
  CHECK(market.tasks(project).open > 0);
  for (int i = 0; i < 30; ++i) market.pass(hour);
  for (const VerdictReached& verdict : market.reached(project)) {
    CHECK(verdict.reason == VerdictReason::confidence_reached);
  }
  CHECK(market.reached(project).size() == 20);
}

TEST_CASE("what may be claimed is the same after a part was read again, from records or from a snapshot") {
  Flock market(6);
  const ProjectId project = market.open_with_gold(confident(3, 6, 800'000, 300'000), 40, 15);
  const PartId part = part_of(project, 1);
  for (const std::string& name : market.names) {
    for (int i = 0; i < 25; ++i) {
      const Tasks offered = market.pull(name, project);
      if (!offered.tasks.empty()) market.answer_truly(name, offered.tasks.front());
    }
  }
  const auto basis = [](const TaskPart& tasks) { return tasks.claims.at(0).basis(); };
  const ClaimBasis before = basis(market.tasks(project));
  REQUIRE_FALSE(before.gold.empty());
  const std::int64_t hopeful = market.tasks(project).claims.at(0).hopeful().highest();
  const Part again = part_from(part, image_of(*market.world.core.find(part)));
  CHECK(basis(again.tasks()) == before);
  CHECK(again.tasks().claims.at(0).hopeful().highest() == hopeful);
  market.world.reload(part);
  CHECK(basis(market.tasks(project)) == before);
  CHECK(market.tasks(project).claims.at(0).hopeful().highest() == hopeful);
  CHECK(market.tasks(project).gold.size() == 15);
}

TEST_CASE("gold that the form does not have is refused, and nothing is posted") {
  Flock market(1);
  const ProjectId project = market.announce(confident(2, 3, 800'000), 1);
  for (const auto& [field, value] : {std::pair{"bird", "penguin"}, std::pair{"size", "bunting"}}) {
    PostItems post;
    post.project = project;
    post.items.push_back({{"a picture"}, std::nullopt, {{field, value}}});
    const Refused refused = market.world.get<Refused>("req", post);
    CHECK(refused.code == RefusalCode::items_invalid);
    CHECK_THAT(refused.detail, Catch::Contains(field));
  }
}

}  // namespace tally::core
