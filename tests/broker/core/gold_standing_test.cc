// Answers to gold tasks, counted in the project one by one.
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"
#include "tests/broker/core/rebuilt.h"

namespace tally::core {
namespace {

AnswerValues is(const std::string& bird) { return {{"bird", {bird}}}; }

// A project that keeps its workers: it asks for gold that nobody is ever too wrong on.
ProjectSpec measuring() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {2, 3, 2};
  spec.require.gold_ppm = 1;
  spec.require.gold_after = 1'000;
  return spec;
}

struct Mint : Market {
  // The first `gold` items are known to be buntings.
  ProjectId open_gold(const ProjectSpec& spec, std::int64_t items, std::int64_t gold) {
    const ProjectId project = announce(spec, items);
    PostItems post;
    post.project = project;
    for (std::int64_t no = 1; no <= items; ++no) {
      post.items.push_back({{"a picture"}, std::nullopt, {}});
      if (no <= gold) post.items.back().gold = {{"bird", "bunting"}};
    }
    static_cast<void>(world.get<ItemsPosted>("req", post));
    return project;
  }
  Standing gold_of(AccountId account, ProjectId project) const {
    const auto found = control(project).gold.find(account);
    return found == control(project).gold.end() ? Standing{} : found->second;
  }
  AccountId ann = worker("ann");
  AccountId ben = worker("ben");
};

}  // namespace

TEST_CASE("gold answers are counted one by one, right and wrong, and others are not") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 4, 2);
  static_cast<void>(mint.work("ann", project, is("bunting")));
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 1});
  static_cast<void>(mint.work("ann", project, is("other")));
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 2, 1});
  static_cast<void>(mint.work("ann", project, is("other")));
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 2, 1});
  const auto seen = mint.world.get<StandingPage>(mint.world.admin, GetStanding{mint.ann, project});
  CHECK(seen.in_project->gold == 2);
  CHECK(seen.in_project->right == 1);
  // The worker is told in steps of five: after each answer it would tell which task was gold.
  CHECK(mint.world.get<StandingPage>("ann", GetStanding{{}, project}).in_project->gold == 0);
  // Over all projects they count when the part's tasks have their verdict.
  CHECK(seen.over_all == Standing{});
  check_rebuilt(mint.world);
  check_snapshots(mint.world);
}

TEST_CASE("a worker is told of gold in whole steps: between them nothing that is told changes") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 12, 12);
  const auto told = [&](const std::string& key) {
    const auto seen = mint.world.get<StandingPage>(key, GetStanding{mint.ann, project}).in_project;
    return std::pair(seen->gold, seen->right);
  };
  using Told = std::pair<std::int64_t, std::int64_t>;
  for (int no = 1; no <= 12; ++no) {
    static_cast<void>(mint.work("ann", project, is(no == 6 || no == 9 ? "other" : "bunting")));
    INFO(no);
    CHECK(told("ann") == (no < 5 ? Told{0, 0} : no < 10 ? Told{5, 5} : Told{10, 8}));
  }
  CHECK(told(mint.world.admin) == Told{12, 10});
  check_rebuilt(mint.world);
}

TEST_CASE("a gold answer that is sent again is counted once, also after a reload of all parts") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 2, 2);
  const AssignmentId taken = mint.work("ann", project, is("bunting"));
  CHECK(mint.answer("ann", taken, is("bunting")).accepted);
  for (const PartId id : mint.world.core.loaded()) mint.world.reload(id);
  CHECK(mint.answer("ann", taken, is("bunting")).accepted);
  CHECK_FALSE(mint.answer("ann", taken, is("other")).accepted);
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 1});
}

TEST_CASE("an answer that is refused, a skip and a lease that ran out are no gold answers; a late answer is") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 3, 3);
  const AssignmentId held = mint.lease("ann", project);
  CHECK_FALSE(mint.answer("ann", held, is("penguin")).accepted);
  CHECK(mint.gold_of(mint.ann, project) == Standing{});
  mint.hand_back("ann", mint.lease("ann", project));
  mint.pass(measuring().lease);
  CHECK(mint.gold_of(mint.ann, project) == Standing{});
  CHECK(mint.answer("ann", held, is("bunting")).accepted);
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 1});
}

TEST_CASE("an answer to a gold task that has its verdict meanwhile counts too") {
  Mint mint;
  ProjectSpec spec = measuring();
  spec.redundancy = {3, 3, 3};
  const ProjectId project = mint.open_gold(spec, 1, 1);
  const AssignmentId held = mint.lease("ann", project);
  mint.change(project, ProjectAction::end);
  CHECK(mint.answer("ann", held, is("other")).accepted);
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 0});
}

TEST_CASE(
    "a project that asks nothing of its workers keeps no gold counts of them, and hands out without its control part") {
  Mint mint;
  ProjectSpec spec = measuring();
  spec.require = {};
  const ProjectId project = mint.open_gold(spec, 2, 2);
  mint.world.hold_loads = true;
  mint.world.core.drop(control_part_of(project));
  static_cast<void>(mint.work("ann", project, is("bunting")));
  CHECK(mint.world.core.find(control_part_of(project)) == nullptr);
  static_cast<void>(mint.world.load(control_part_of(project)));
  CHECK(mint.control(project).gold.empty());
}

TEST_CASE("a gold answer waits for its control part, which counts it") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 2, 2);
  const AssignmentId held = mint.lease("ann", project);
  mint.world.hold_loads = true;
  mint.world.core.drop(control_part_of(project));
  Submit submit;
  submit.answers.push_back({held, is("bunting")});
  submit.next = 1;
  submit.project = project;
  CHECK(mint.world.ask("ann", submit).empty());
  const auto replies = mint.world.release_loads();
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Submitted>(replies[0]).outcomes.at(0).accepted);
  CHECK(std::get<Submitted>(replies[0]).tasks.size() == 1);
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 1});
}

TEST_CASE("what was counted and lost with its record is counted again, and no more") {
  Mint mint;
  const ProjectId project = mint.open_gold(measuring(), 2, 2);
  const AssignmentId held = mint.lease("ann", project);
  const PartId task_part = part_of(project, 1);
  const PartId control = control_part_of(project);
  const std::size_t in_part = mint.world.journal[task_part].size();
  const std::size_t in_control = mint.world.journal[control].size();
  CHECK(mint.answer("ann", held, is("bunting")).accepted);
  // Both are in one transaction, which was not stored.
  mint.world.journal[task_part].resize(in_part);
  mint.world.journal[control].resize(in_control);
  mint.world.core.drop(task_part);
  mint.world.core.drop(control);
  static_cast<void>(mint.world.load(task_part));
  static_cast<void>(mint.world.load(control));
  CHECK(mint.gold_of(mint.ann, project) == Standing{});
  CHECK(mint.answer("ann", held, is("bunting")).accepted);
  CHECK(mint.gold_of(mint.ann, project) == Standing{0, 0, 1, 1});
  check_rebuilt(mint.world);
}

}  // namespace tally::core
