// Who may work is asked each time a task is handed out, whatever was true before; and peers ask for what cannot be.
#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

struct Stage : Market {
  AccountId ann = worker("ann");

  void grant(bool is_revoked) { done(world.admin, GrantQualification{ann, "birds", 80, is_revoked}); }
  RefusalCode refused_training(ProjectId project, std::int64_t round, std::int32_t no) {
    const TrainingAnswer answer{round, no, {{"bird", {"bunting"}}}};
    return world.refused("ann", Train{project, answer});
  }
};

ProjectSpec for_the_qualified() {
  ProjectSpec spec = simple_spec();
  spec.require.qualifications = {{"birds", 50}};
  return spec;
}

ProjectSpec with_training() {
  ProjectSpec spec = simple_spec();
  spec.training.tasks = {{{"a bunting"}, {{"bird", {"bunting"}}}, ""}, {{"another"}, {{"bird", {"bunting"}}}, ""}};
  return spec;
}

}  // namespace

TEST_CASE("a skipped task is not taken back by a worker whose qualification was taken away meanwhile") {
  Stage stage;
  stage.grant(false);
  const ProjectId project = stage.open(for_the_qualified(), 2);
  const AssignmentId skipped = stage.lease("ann", project);
  stage.hand_back("ann", skipped);
  stage.grant(true);
  CHECK(stage.world.refused("ann", TakeBackSkip{skipped}) == RefusalCode::not_qualified);
  stage.grant(false);
  CHECK(stage.world.get<Tasks>("ann", TakeBackSkip{skipped}).tasks.size() == 1);
}

TEST_CASE("a training answer to a round or task that there is not is refused, before the first and after the last") {
  Stage stage;
  const ProjectId project = stage.open(with_training(), 2);
  const std::vector<std::pair<std::int64_t, std::int32_t>> nowhere{{0, 0}, {0, 1},  {1, 0},  {1, 2},
                                                                   {2, 1}, {-1, 1}, {1, -1}, {1, 51}};
  for (const auto& [round, no] : nowhere) {
    INFO(round << '.' << no);
    CHECK(stage.refused_training(project, round, no) == RefusalCode::training_out_of_order);
  }
  CHECK(stage.world.records_of<TrainingAnswered>(control_part_of(project)).empty());
}

}  // namespace tally::core
