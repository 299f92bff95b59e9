#include <catch2/catch.hpp>

#include "tests/broker/storage/stage.h"

using namespace tally;
using namespace tally::storage;
using namespace tally::storage::testing;

namespace {

std::vector<ProjectId> projects_in(const Catalogue& catalogue) {
  std::vector<ProjectId> ids;
  for (const CatalogueProject& project : catalogue.projects) ids.push_back(project.project);
  return ids;
}

}  // namespace

TEST_CASE("a catalogue has every project that is not over, as far as it is stored, with the parts that hand out") {
  core::Limits limits;
  limits.part_size = 2;
  Stage stage(limits);
  stage.commit();
  CHECK(stage.store.catalogue().projects.empty());

  ProjectSpec spec = core::simple_spec();
  spec.pull_by_item = true;
  spec.tasks_per_worker_max = 7;
  const ProjectId open = stage.open(spec, 3);
  const ProjectId posting = stage.open(core::simple_spec(), 2);
  const ProjectId over = stage.open(core::simple_spec(), 1);
  stage.post(open, 1, 2);
  stage.post(open, 3, 1);
  stage.post(over, 1, 1);
  stage.acknowledged("req", ChangeProject{over, ProjectAction::cancel});
  CHECK(stage.store.catalogue().projects.empty());  // Nothing of it is stored.
  stage.commit();

  const Catalogue catalogue = stage.store.catalogue();
  REQUIRE(projects_in(catalogue) == std::vector{open, posting});
  const CatalogueProject& first = catalogue.projects[0];
  CHECK(first.owner == stage.requester);
  CHECK(first.state == ProjectState::open);
  CHECK(first.tasks_per_worker_max == 7);
  CHECK(first.pull_by_item);
  CHECK(first.part_size == 2);
  CHECK(first.items == 3);
  CHECK(first.open_parts == std::vector<std::int64_t>{1, 2});
  CHECK(catalogue.projects[1].state == ProjectState::posting);
  CHECK(catalogue.projects[1].open_parts.empty());
  CHECK(catalogue.to_wake.empty());
}

TEST_CASE("a catalogue names the parts with earnings that are not in a wallet yet") {
  Stage stage;
  ProjectSpec spec = core::simple_spec();
  spec.pay = PayPolicy::all;
  const ProjectId project = stage.open(spec, 2);
  stage.post(project, 1, 2);
  stage.answer("ann", stage.pull("ann", project, 1).at(0).assignment, {{"bird", {"other"}}});
  stage.commit();
  CHECK(stage.store.catalogue().to_wake == std::vector{part_of(project, 1)});
  static_cast<void>(stage.world.pass(Duration{61'000}));
  stage.commit();
  CHECK(stage.store.catalogue().to_wake.empty());
}

TEST_CASE("a catalogue names the parts whose mail is still under way") {
  Stage stage;
  const ProjectId project = stage.open(core::simple_spec(), 1);
  stage.world.hold_deliveries = true;
  stage.post(project, 1, 1);
  stage.commit();
  CHECK(stage.store.catalogue().to_wake == std::vector{part_of(project, 1)});
  stage.world.release_deliveries();
  stage.commit();
  CHECK(stage.store.catalogue().to_wake.empty());
}
