// What a project hands out in each of its states, and what takes it from one to the next.
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

ProjectSpec ending_at(Time deadline) {
  ProjectSpec spec = simple_spec();
  spec.deadline_ms = deadline.ms;
  return spec;
}

// A project with two tasks that ends in an hour, and workers.
struct Ending {
  Market market;
  AccountId ann = market.worker("ann");
  AccountId ben = market.worker("ben");
  Time deadline = market.world.now + hour;
  ProjectId project = market.open(ending_at(deadline), 2);

  [[nodiscard]] ProjectState state() const { return market.control(project).state; }
  [[nodiscard]] Extend extend_to(Time until, const std::string& key = "later") const {
    return {key, project, until.ms};
  }
};

// No mail arrives from the moment at which a project opens: its parts have no money yet.
void hold_mail_once_open(World& world, const Effects& effects) {
  for (const PartRecord& record : effects.records) {
    const auto* changed = std::get_if<ProjectStateChanged>(&record.record);
    if (changed != nullptr && changed->state == ProjectState::open) world.hold_deliveries = true;
  }
}

}  // namespace

TEST_CASE("a paused project hands out nothing, and what is leased can be handed in") {
  Market market;
  static_cast<void>(market.worker("ann"));
  static_cast<void>(market.worker("ben"));
  const ProjectId project = market.open(simple_spec(), 2);
  const AssignmentId lease = market.lease("ann", project);
  market.change(project, ProjectAction::pause);
  CHECK(market.pull("ben", project).no_work == NoWork::project_paused);
  CHECK(market.world.get<Tasks>("ben", Pull{}).no_work == NoWork::no_open_project);
  CHECK(market.answer("ann", lease).accepted);
  CHECK(market.tasks(project).answers == 1);
  CHECK(market.control(project).state == ProjectState::paused);
}

TEST_CASE("a pull that waits for a paused project is served when the project resumes") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId project = market.open(simple_spec(), 1);
  market.change(project, ProjectAction::pause);
  CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  const std::vector<Reply> replies = market.world.ask("req", ChangeProject{project, ProjectAction::resume});
  REQUIRE(replies.size() == 2);
  CHECK(std::holds_alternative<Acknowledged>(replies[0]));
  CHECK(std::get<Tasks>(replies[1]).tasks.size() == 1);
}

TEST_CASE("a pull that waited in vain for a paused project is told that it is paused") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId project = market.open(simple_spec(), 1);
  market.change(project, ProjectAction::pause);
  CHECK(market.world.ask("ann", Pull{project, 1, {}, 30'000}).empty());
  CHECK(market.world.pass(Duration{29'999}).empty());
  const std::vector<Reply> replies = market.world.pass(moment);
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Tasks>(replies[0]).no_work == NoWork::project_paused);
}

TEST_CASE("a project ends at its deadline and not before: open tasks close, answers are paid, the rest goes home") {
  Ending ending;
  Market& market = ending.market;
  static_cast<void>(market.work("ann", ending.project));
  market.pass(just_before(hour));
  CHECK(ending.state() == ProjectState::open);
  CHECK(market.tasks(ending.project).open == 2);
  market.pass(moment);
  CHECK(ending.state() == ProjectState::ended);
  CHECK(market.verdicts(ending.project) == std::vector<VerdictReason>(2, VerdictReason::project_ended));
  CHECK(market.world.wallet(ending.ann) == Micros{10'000});
  CHECK(market.spent() == Micros{12'000});
  CHECK(market.world.total_of(Fund::escrow) == Micros{0});
  CHECK(market.world.sum() == Micros{0});
  CHECK(market.pull("ben", ending.project).no_work == NoWork::project_ended);
}

TEST_CASE("who holds a task at the deadline can still hand it in, and is paid") {
  Ending ending;
  Market& market = ending.market;
  market.pass(just_before(hour));
  const AssignmentId lease = market.lease("ann", ending.project);
  market.pass(moment);
  CHECK(ending.state() == ProjectState::ended);
  CHECK(market.tasks(ending.project).state == PartState::settled);
  CHECK(market.answer("ann", lease).paid == Micros{10'000});
  CHECK(market.tasks(ending.project).state == PartState::done);
  CHECK(market.world.wallet(ending.ann) == Micros{10'000});
  CHECK(market.spent() == Micros{12'000});
}

TEST_CASE("a pause does not put off the deadline") {
  Ending ending;
  ending.market.change(ending.project, ProjectAction::pause);
  ending.market.pass(hour);
  CHECK(ending.state() == ProjectState::ended);
  CHECK(ending.market.spent() == Micros{0});
}

TEST_CASE("a project ends at its deadline when its control part has to be read first") {
  Ending ending;
  ending.market.world.core.drop(control_part_of(ending.project));
  ending.market.pass(hour);
  ending.market.pass(moment);
  CHECK(ending.state() == ProjectState::ended);
  CHECK(ending.market.spent() == Micros{0});
}

TEST_CASE("a project whose items come after its deadline ends as soon as it is open") {
  Market market;
  const ProjectId project = market.announce(ending_at(market.world.now + hour), 1);
  market.pass(hour);
  CHECK(market.control(project).state == ProjectState::posting);
  market.post(project, 1, 1);
  market.pass(moment);
  CHECK(market.control(project).state == ProjectState::ended);
  CHECK(market.spent() == Micros{0});
}

TEST_CASE("an extended project ends at the new moment, and not before") {
  Ending ending;
  ending.market.done("req", ending.extend_to(ending.deadline + hour));
  ending.market.pass(just_before(two_hours));
  CHECK(ending.state() == ProjectState::open);
  ending.market.pass(moment);
  CHECK(ending.state() == ProjectState::ended);
}

TEST_CASE("an extension under the same key is made once, and another under it is refused") {
  Ending ending;
  World& world = ending.market.world;
  const Extend extend = ending.extend_to(ending.deadline + hour);
  ending.market.done("req", extend);
  ending.market.done("req", extend);
  CHECK(world.records_of<DeadlineSet>(control_part_of(ending.project)).size() == 1);
  CHECK(world.refused("req", ending.extend_to(ending.deadline + two_hours)) == RefusalCode::key_reused);
  CHECK(ending.market.control(ending.project).deadline_ms == extend.deadline_ms);
  // Its acknowledgement may have been lost until after the end.
  ending.market.pass(two_hours);
  ending.market.done("req", extend);
  CHECK(world.refused("req", ending.extend_to(ending.deadline + two_hours, "too late")) == RefusalCode::project_ended);
}

TEST_CASE("a deadline is only made later, or taken away") {
  Ending ending;
  World& world = ending.market.world;
  for (const Time deadline : {world.now, ending.deadline, ending.deadline + Duration{-1}}) {
    CHECK(world.refused("req", ending.extend_to(deadline)) == RefusalCode::deadline_invalid);
  }
  ending.market.done("req", ending.extend_to(Time{0}));
  ending.market.pass(two_hours);
  CHECK(ending.state() == ProjectState::open);
  CHECK(world.refused("req", ending.extend_to(world.now + hour, "again")) == RefusalCode::deadline_invalid);
}

TEST_CASE("a cancelled project without answers gives everything back") {
  Market market;
  static_cast<void>(market.worker("ann"));
  const ProjectId project = market.open(simple_spec(), 3);
  CHECK(market.spent() == Micros{3LL * 5 * 12'000});
  market.change(project, ProjectAction::cancel);
  CHECK(market.control(project).state == ProjectState::cancelled);
  CHECK(market.verdicts(project) == std::vector<VerdictReason>(3, VerdictReason::project_cancelled));
  CHECK(market.spent() == Micros{0});
  CHECK(market.world.total_of(Fund::transit) == Micros{0});
  CHECK(market.pull("ann", project).no_work == NoWork::project_ended);
}

TEST_CASE("a batch that was never posted to its end can be cancelled, and gives everything back") {
  Market market;
  const ProjectId project = market.announce(simple_spec(), 3);
  market.post(project, 1, 2);
  for (const ProjectAction action : {ProjectAction::pause, ProjectAction::resume, ProjectAction::end}) {
    CHECK(market.world.refused("req", ChangeProject{project, action}) == RefusalCode::project_not_open);
  }
  market.change(project, ProjectAction::cancel);
  CHECK(market.spent() == Micros{0});
  CHECK(market.world.refused("req", PostItems{project, 3, {{{"a picture"}, std::nullopt}}}) ==
        RefusalCode::project_ended);
}

TEST_CASE("a project that is over stays as it is") {
  Market market;
  const auto [over, other] = GENERATE(std::pair{ProjectAction::end, ProjectAction::cancel},
                                      std::pair{ProjectAction::cancel, ProjectAction::end});
  const ProjectId project = market.open(simple_spec(), 1);
  market.change(project, over);
  const ProjectState state = market.control(project).state;
  market.change(project, over);  // What is so already is acknowledged.
  for (const ProjectAction action : {ProjectAction::pause, ProjectAction::resume, other}) {
    CHECK(market.world.refused("req", ChangeProject{project, action}) == RefusalCode::project_ended);
  }
  CHECK(market.control(project).state == state);
}

TEST_CASE("a project is changed by its requester and by admins, and by nobody else") {
  Market market;
  static_cast<void>(market.world.enrol("other", Role::requester));
  const ProjectId project = market.open(simple_spec(), 1);
  const ChangeProject cancel{project, ProjectAction::cancel};
  CHECK(market.world.refused("other", cancel) == RefusalCode::not_yours);
  CHECK(market.world.refused("other", Extend{"later", project, 0}) == RefusalCode::not_yours);
  CHECK(market.world.refused("req", ChangeProject{ProjectId{999}, ProjectAction::end}) ==
        RefusalCode::project_not_found);
  market.done(market.world.admin, cancel);
  CHECK(market.control(project).state == ProjectState::cancelled);
}

TEST_CASE("nothing is handed out before the part has its money, and a pull that waited for it is served") {
  Market market({}, hold_mail_once_open);
  static_cast<void>(market.worker("ann"));
  ProjectSpec spec = simple_spec();
  spec.pull_by_item = true;
  const ProjectId project = market.announce(spec, 1);
  CHECK(market.pull("ann", project).no_work == NoWork::no_open_project);
  market.post(project, 1, 1);
  REQUIRE(market.control(project).state == ProjectState::open);
  REQUIRE(market.tasks(project).state == PartState::posting);
  CHECK(market.pull("ann", project).no_work == NoWork::all_tasks_taken);
  CHECK(market.world.get<Tasks>("ann", Pull{project, 1, {1}, 0}).items == std::vector{ItemState::taken});
  CHECK(market.world.ask("ann", Pull{project, 1, {}, 60'000}).empty());
  CHECK(market.tasks(project).assignments.empty());
  market.world.release_deliveries();
  CHECK(market.world.core.waiting_pulls() == 0);
  CHECK(market.tasks(project).assignments.size() == 1);
}

TEST_CASE("a project that was opened is opened again by the same command after its deadline, and no other is") {
  Market market;
  OpenProject open;
  open.key = "with a deadline";
  open.spec = simple_spec();
  open.spec.deadline_ms = (market.world.now + hour).ms;
  open.items = 1;
  const ProjectId project = market.world.get<ProjectOpened>("req", open).project;
  market.pass(two_hours);
  CHECK(market.world.get<ProjectOpened>("req", open).project == project);
  open.key = "another";
  CHECK(market.world.refused("req", open) == RefusalCode::spec_invalid);
}

}  // namespace tally::core
