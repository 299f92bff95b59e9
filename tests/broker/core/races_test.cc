// Two things at once: what is decided must not depend on which of them was a little faster.
#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

constexpr Duration idle = Limits{}.part_idle_max;

ProjectSpec answers_each(std::int32_t answers) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {answers, answers, 1};
  return spec;
}

}  // namespace

TEST_CASE("a pull that is sent again while its first copy waits is given tasks once") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId project = market.open(answers_each(1), 10);
  market.change(project, ProjectAction::pause);
  for (int i = 0; i < 3; ++i) static_cast<void>(market.world.put_away_after(idle));
  constexpr std::uint64_t request = 1'000'000;
  const Pull pull{project, 1, {}, 60'000};
  REQUIRE(market.world.send("ann", pull, request).empty());

  // Its part has to be read for the one as for the other.
  market.change(project, ProjectAction::resume);
  for (int i = 0; i < 3; ++i) static_cast<void>(market.world.put_away_after(idle));
  REQUIRE(market.world.send("ann", pull, request + 1).size() == 1);
  const auto leases = [&] { return market.world.records_of<AssignmentLeased>(part_of(project, 1)).size(); };
  const std::size_t before = leases();

  market.change(project, ProjectAction::pause);
  REQUIRE(market.world.send("ann", pull, request + 2).empty());
  market.world.core.drop(part_of(project, 1));
  market.world.hold_loads = true;
  market.change(project, ProjectAction::resume);
  REQUIRE(market.world.send("ann", pull, request + 2).empty());
  CHECK(market.world.release_loads().size() == 1);
  CHECK(leases() == before + 1);
}

TEST_CASE("a project that somebody guessed just before it was made is made once, under another number") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId first = market.open(answers_each(1), 1);
  const ProjectId guessed{first.value + account_parts};
  market.world.hold_loads = true;
  REQUIRE(market.world.ask("ann", Pull{guessed, 1, {}, 0}).empty());
  const ProjectId made = market.announce(answers_each(1), 1);
  CHECK(made != guessed);
  const auto replies = market.world.release_loads();
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Refused>(replies.front()).code == RefusalCode::project_not_found);
  market.post(made, 1, 1);
  CHECK(market.work("ann", made).part == part_of(made, 1));
}

TEST_CASE("a first part that somebody guessed while its project was made is made once") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId first = market.open(answers_each(1), 1);
  const ProjectId guessed{first.value + account_parts};
  market.world.hold_loads = true;
  Submit submit;
  submit.answers.push_back({AssignmentId{part_of(guessed, 1), 1}, {{"bird", {"bunting"}}}});
  REQUIRE(market.world.ask("ann", submit).empty());
  const ProjectId made = market.announce(answers_each(1), 1);
  REQUIRE(made == guessed);
  const std::uint64_t request = 1'000'000;
  PostItems post;
  post.project = made;
  post.first = 1;
  post.items.push_back({{"a picture"}, std::nullopt});
  REQUIRE(market.world.send("req", post, request).empty());  // It waits for what is being read.
  CHECK(market.world.release_loads().size() == 2);
  CHECK(market.work("ann", made).part == part_of(made, 1));
}

TEST_CASE("a part whose last balance was the last of a step ends with it, though it may leave memory just then") {
  for (int workers = 1; workers <= 12; ++workers) {
    CAPTURE(workers);
    Limits limits;
    limits.balances_per_sweep = 4;
    limits.part_bytes_max = 0;
    Market market(limits);
    const ProjectId project = market.open(answers_each(workers), 1);
    for (int i = 0; i < workers; ++i) {
      const std::string name = "worker " + std::to_string(i);
      static_cast<void>(market.worker(name));
      static_cast<void>(market.work(name, project));
    }
    market.world.drop_idle = true;
    for (int i = 0; i < 20; ++i) market.pass(Duration{20});
    CHECK(market.world.records_of<ProjectStateChanged>(control_part_of(project)).back().state == ProjectState::ended);
    CHECK(market.spent() == Micros{std::int64_t{12'000} * workers});
  }
}

TEST_CASE("a worker who is suspended while waiting for an item is told so at the end of the wait, and given nothing") {
  Market market;
  const AccountId ann = market.worker("ann");
  static_cast<void>(market.worker("ben"));
  ProjectSpec spec = answers_each(1);
  spec.pull_by_item = true;
  spec.lease = Duration{10'000};
  const ProjectId project = market.open(spec, 1);
  static_cast<void>(market.lease("ben", project));
  REQUIRE(market.world.ask("ann", Pull{project, 1, {1}, spec.lease.ms}).empty());
  market.done(market.world.admin, Suspend{ann, true, "rude"});
  // In one tick Ben's lease ends, which frees the item, and then the wait.
  const auto replies = market.world.pass(spec.lease);
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Refused>(replies.front()).code == RefusalCode::account_suspended);
  CHECK(market.world.records_of<AssignmentLeased>(part_of(project, 1)).size() == 1);
}

TEST_CASE("a catalogue that comes late takes nothing back of what memory knows, and adds what it does not") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId project = market.open(answers_each(1), 2);
  CatalogueEntry stale;
  stale.owner = market.requester;
  stale.state = ProjectState::open;
  stale.part_size = market.part_size;
  stale.items = 2;
  stale.open_parts = OpenParts({1});
  SECTION("the state") {
    market.change(project, ProjectAction::pause);
    market.world.core.add_to_catalogue(project, stale);
    CHECK(market.pull("ann", project).no_work == NoWork::project_paused);
    market.change(project, ProjectAction::resume);
    CHECK(market.pull("ann", project).tasks.size() == 1);
  }
  SECTION("parts that memory has not heard of") {
    static_cast<void>(market.world.core.clear());
    for (std::int64_t no = 0; no < account_parts; ++no) static_cast<void>(market.world.load(PartId{no}));
    static_cast<void>(market.world.load(control_part_of(project)));
    REQUIRE(market.pull("ann", project).tasks.empty());
    market.world.core.add_to_catalogue(project, stale);
    CHECK(market.pull("ann", project).tasks.size() == 1);
  }
}

}  // namespace tally::core
