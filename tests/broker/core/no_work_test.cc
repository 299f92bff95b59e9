// Why a worker gets no task: every reason there is, and how a pull comes to it.
#include <cstdint>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

ProjectSpec one_answer_each() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  return spec;
}
ProjectSpec by_item(std::int64_t tasks_per_worker_max = 0) {
  ProjectSpec spec = one_answer_each();
  spec.pull_by_item = true;
  spec.tasks_per_worker_max = tasks_per_worker_max;
  return spec;
}

// One task to learn on, to be tried once.
ProjectSpec one_round() {
  ProjectSpec spec = one_answer_each();
  spec.training.tasks = {{{"a picture"}, {{"bird", {"bunting"}}}, ""}};
  spec.training.rounds_max = 1;
  return spec;
}

Limits one_lease_each() {
  Limits limits;
  limits.leases_per_worker_max = 1;
  return limits;
}

// Ann and Ben, who may hold one task at a time.
struct Workers : Market {
  Workers() : Market(one_lease_each()) {
    static_cast<void>(worker("ann"));
    static_cast<void>(worker("ben"));
  }
  Tasks pull_item(const std::string& key, ProjectId project, std::int64_t item) {
    return world.get<Tasks>(key, Pull{project, 1, {item}, 0});
  }
};

struct Way {
  NoWork why;
  std::optional<NoWork> (*reach)(Workers&);
};

const std::vector<Way> ways{
    {NoWork::no_open_project, [](Workers& on) { return on.world.get<Tasks>("ann", Pull{}).no_work; }},
    {NoWork::project_paused,
     [](Workers& on) {
       const ProjectId project = on.open(simple_spec(), 1);
       on.change(project, ProjectAction::pause);
       return on.pull("ann", project).no_work;
     }},
    {NoWork::project_ended,
     [](Workers& on) {
       const ProjectId project = on.open(simple_spec(), 1);
       on.change(project, ProjectAction::end);
       return on.pull("ann", project).no_work;
     }},
    {NoWork::all_tasks_taken,
     [](Workers& on) {
       const ProjectId project = on.open(one_answer_each(), 1);
       static_cast<void>(on.lease("ben", project));
       return on.pull("ann", project).no_work;
     }},
    {NoWork::had_every_task,
     [](Workers& on) {
       const ProjectId project = on.open(simple_spec(), 1);
       static_cast<void>(on.work("ann", project));
       return on.pull("ann", project).no_work;
     }},
    {NoWork::tasks_per_worker_reached,
     [](Workers& on) {
       const ProjectId project = on.open(by_item(1), 2);
       static_cast<void>(on.work("ann", project));
       return on.pull("ann", project).no_work;
     }},
    {NoWork::too_many_leases,
     [](Workers& on) {
       const ProjectId project = on.open(simple_spec(), 2);
       static_cast<void>(on.lease("ann", project));
       return on.pull("ann", project).no_work;
     }},
    // A pull waits for the part instead: see below. Answers are acknowledged at once.
    {NoWork::tasks_loading,
     [](Workers& on) {
       const ProjectId project = on.open(simple_spec(), 1);
       on.world.hold_loads = true;
       on.world.core.drop(part_of(project, 1));
       return on.world.get<Submitted>("ann", Submit{{}, 1, project}).no_work;
     }},
    {NoWork::not_qualified,
     [](Workers& on) {
       ProjectSpec spec = simple_spec();
       spec.require.qualifications = {{"birds", 0}};
       return on.pull("ann", on.open(spec, 1)).no_work;
     }},
    {NoWork::training_needed, [](Workers& on) { return on.pull("ann", on.open(one_round(), 1)).no_work; }},
    {NoWork::training_failed,
     [](Workers& on) {
       const ProjectId project = on.open(one_round(), 1);
       const TrainingAnswer wrong{1, 1, {{"bird", {"other"}}}};
       static_cast<void>(on.world.get<TrainingStep>("ann", Train{project, wrong}));
       return on.pull("ann", project).no_work;
     }},
};

}  // namespace

TEST_CASE("a worker who gets no task is told why") {
  REQUIRE(ways.size() == EnumNames<NoWork>::names.size());
  for (std::size_t i = 0; i < ways.size(); ++i) {
    REQUIRE(static_cast<std::size_t>(ways[i].why) == i);  // Each once.
    INFO(name_of(ways[i].why));
    Workers workers;
    CHECK(ways[i].reach(workers) == ways[i].why);
  }
}

TEST_CASE("a pull waits only where waiting may help") {
  Workers workers;
  const ProjectId ended = workers.open(simple_spec(), 1);
  workers.change(ended, ProjectAction::end);
  const ProjectId capped = workers.open(by_item(1), 2);
  static_cast<void>(workers.work("ann", capped));
  const ProjectId open = workers.open(simple_spec(), 2);
  const auto no_work = [&](ProjectId project) {
    return workers.world.get<Tasks>("ann", Pull{project, 1, {}, 60'000}).no_work;
  };
  CHECK(no_work(ended) == NoWork::project_ended);
  CHECK(no_work(capped) == NoWork::tasks_per_worker_reached);
  static_cast<void>(workers.lease("ann", open));
  CHECK(no_work(open) == NoWork::too_many_leases);
}

TEST_CASE("a pull is answered once the part that it needs is read") {
  Workers workers;
  const ProjectId project = workers.open(simple_spec(), 1);
  workers.world.hold_loads = true;
  workers.world.core.drop(part_of(project, 1));
  CHECK(workers.world.ask("ann", Pull{project, 1, {}, 0}).empty());
  const std::vector<Reply> replies = workers.world.release_loads();
  REQUIRE(replies.size() == 1);
  CHECK(std::get<Tasks>(replies[0]).tasks.size() == 1);
}

TEST_CASE("tasks are chosen by number only in a project that allows it, and that is named") {
  Workers workers;
  const ProjectId project = workers.open(one_answer_each(), 1);
  CHECK(workers.world.refused("ann", Pull{project, 1, {1}, 0}) == RefusalCode::pull_by_item_not_allowed);
  CHECK(workers.world.refused("ann", Pull{{}, 1, {1}, 0}) == RefusalCode::project_not_found);
  CHECK(workers.world.refused("ann", Pull{ProjectId{999}, 1, {}, 0}) == RefusalCode::project_not_found);
  CHECK(workers.pull("ann", project).tasks.size() == 1);
}

TEST_CASE("a worker who asks for items by number is told of each what became of it") {
  Market market;
  static_cast<void>(market.worker("ann"));
  static_cast<void>(market.worker("ben"));
  const ProjectId project = market.open(by_item(), 4);
  const auto pull = [&](const std::string& key, const std::vector<std::int64_t>& items) {
    return market.world.get<Tasks>(key, Pull{project, 10, items, 0});
  };
  static_cast<void>(pull("ann", {3}));
  static_cast<void>(pull("ben", {2}));
  CHECK(market.answer("ben", pull("ben", {4}).tasks.at(0).assignment).accepted);
  const Tasks tasks = pull("ann", {1, 2, 3, 4, 5});
  CHECK(tasks.items ==
        std::vector{ItemState::leased, ItemState::taken, ItemState::had, ItemState::closed, ItemState::unknown});
  REQUIRE(tasks.tasks.size() == 1);
  CHECK(tasks.tasks[0].item_no == 1);
}

TEST_CASE("a worker at a bound of their own is told so, also when they ask for items by number, and does not wait") {
  Workers workers;
  const ProjectId capped = workers.open(by_item(1), 2);
  CHECK(workers.answer("ann", workers.pull_item("ann", capped, 1).tasks.at(0).assignment).accepted);
  const Pull at_the_cap{capped, 1, {2}, 60'000};
  CHECK(workers.world.get<Tasks>("ann", at_the_cap).no_work == NoWork::tasks_per_worker_reached);
  const ProjectId open = workers.open(by_item(), 2);
  static_cast<void>(workers.pull_item("ann", open, 1));
  const Pull with_a_lease{open, 1, {2}, 60'000};
  CHECK(workers.world.get<Tasks>("ann", with_a_lease).no_work == NoWork::too_many_leases);
}

}  // namespace tally::core
