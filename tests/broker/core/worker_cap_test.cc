// Projects that bound how many tasks one worker may take, and what becomes of tasks that nobody may take.
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

constexpr Duration look = Limits{}.patience_check_every;

ProjectSpec capped_at(std::int64_t tasks_per_worker_max) {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.tasks_per_worker_max = tasks_per_worker_max;
  spec.patience = hour;
  return spec;
}

Limits one_task_a_part() {
  Limits limits;
  limits.part_size = 1;
  return limits;
}

// A project of which each worker may take so many tasks.
struct Capped {
  Capped(ProjectSpec of, std::int64_t items, const Limits& limits = {})
      : market(limits), spec(std::move(of)), project(market.open(spec, items)) {}

  [[nodiscard]] std::int64_t count_of(AccountId worker) const {
    const auto& counts = market.control(project).worker_tasks;
    const auto found = counts.find(worker);
    return found == counts.end() ? 0 : found->second;
  }
  void reload_all() {
    for (const PartId part : market.world.core.loaded()) {
      if (project_of(part) == project) market.world.reload(part);
    }
  }
  // Tasks that are open, over all parts.
  [[nodiscard]] std::int64_t open() const {
    std::int64_t open = 0;
    for (const auto& [no, note] : market.control(project).parts) open += market.tasks(project, no).open;
    return open;
  }

  Market market;
  AccountId ann = market.worker("ann");
  ProjectSpec spec;
  ProjectId project;
};

// Ann and Ben had their one task each; two are left that nobody has looked at.
struct UsedUp : Capped {
  explicit UsedUp(const Limits& limits = {}) : Capped(capped_at(1), 4, limits) {
    static_cast<void>(market.work("ann", project));
    static_cast<void>(market.work("ben", project));
  }
  AccountId ben = market.worker("ben");
};

}  // namespace

TEST_CASE("a worker gets as many tasks as the project allows one, answered or not, and others get the rest") {
  Capped capped(capped_at(2), 4);
  static_cast<void>(capped.market.worker("ben"));
  const std::vector<TaskOffer> tasks = capped.market.pull("ann", capped.project, 10).tasks;
  REQUIRE(tasks.size() == 2);
  CHECK(capped.market.pull("ann", capped.project).no_work == NoWork::tasks_per_worker_reached);
  for (const TaskOffer& task : tasks) CHECK(capped.market.answer("ann", task.assignment).accepted);
  CHECK(capped.market.pull("ann", capped.project).no_work == NoWork::tasks_per_worker_reached);
  CHECK(capped.count_of(capped.ann) == 2);
  CHECK(capped.market.pull("ben", capped.project, 10).tasks.size() == 2);
}

TEST_CASE("a task that was handed back or whose lease ran out does not count against the worker") {
  Capped capped(capped_at(1), 3);
  const AssignmentId returned = capped.market.lease("ann", capped.project);
  capped.market.hand_back("ann", returned);
  capped.market.hand_back("ann", returned);  // Once is enough.
  CHECK(capped.count_of(capped.ann) == 0);
  const AssignmentId expired = capped.market.lease("ann", capped.project);
  CHECK(capped.count_of(capped.ann) == 1);
  capped.market.pass(capped.spec.lease);
  CHECK(capped.market.assignment(expired).state == AssignmentState::expired);
  CHECK(capped.count_of(capped.ann) == 0);
  static_cast<void>(capped.market.work("ann", capped.project));
  CHECK(capped.market.pull("ann", capped.project).no_work == NoWork::tasks_per_worker_reached);
}

TEST_CASE("neither a late answer nor a skip that is taken back goes past the bound of a worker") {
  Capped capped(capped_at(1), 3);
  Market& market = capped.market;
  const AssignmentId late = market.lease("ann", capped.project);
  market.pass(capped.spec.lease);
  const AssignmentId skipped = market.lease("ann", capped.project);
  CHECK(market.answer("ann", late).refusal == RefusalCode::tasks_per_worker_reached);
  market.hand_back("ann", skipped);
  CHECK(market.answer("ann", late).accepted);
  CHECK(capped.count_of(capped.ann) == 1);
  CHECK(market.world.refused("ann", TakeBackSkip{skipped}) == RefusalCode::tasks_per_worker_reached);
}

TEST_CASE("the bound of a worker holds over all parts of the project, also when these are read again") {
  Capped capped(capped_at(2), 5, one_task_a_part());
  CHECK(capped.market.pull("ann", capped.project, 10).tasks.size() == 2);
  capped.reload_all();
  CHECK(capped.count_of(capped.ann) == 2);
  CHECK(capped.market.pull("ann", capped.project, 10).no_work == NoWork::tasks_per_worker_reached);
  capped.market.pass(capped.spec.lease);
  CHECK(capped.count_of(capped.ann) == 0);
  capped.reload_all();
  CHECK(capped.market.pull("ann", capped.project, 10).tasks.size() == 2);
  capped.reload_all();
  CHECK(capped.market.pull("ann", capped.project, 10).no_work == NoWork::tasks_per_worker_reached);
}

TEST_CASE("a lease of a project that counts ends only once its control part is there to count") {
  Capped capped(capped_at(1), 1);
  World& world = capped.market.world;
  const AssignmentId lease = capped.market.lease("ann", capped.project);
  world.hold_loads = true;
  world.core.drop(control_part_of(capped.project));
  capped.market.pass(capped.spec.lease);
  CHECK(capped.market.assignment(lease).state == AssignmentState::live);
  static_cast<void>(world.release_loads());
  capped.market.pass(moment);
  CHECK(capped.market.assignment(lease).state == AssignmentState::expired);
  CHECK(capped.count_of(capped.ann) == 0);
}

TEST_CASE("tasks that nobody touched close once every worker is at the bound, after patience and not before") {
  UsedUp used_up;
  Market& market = used_up.market;
  market.pass(look);
  market.pass(just_before(hour));
  CHECK(used_up.open() == 2);
  market.pass(look);
  CHECK(used_up.open() == 0);
  CHECK(market.verdicts(used_up.project) == std::vector{VerdictReason::quorum, VerdictReason::quorum,
                                                        VerdictReason::no_eligible_worker,
                                                        VerdictReason::no_eligible_worker});
  CHECK(market.control(used_up.project).state == ProjectState::ended);
  CHECK(market.spent() == Micros{2LL * 12'000});
  CHECK(market.world.wallet(used_up.ann) == Micros{10'000});
}

TEST_CASE("tasks that nobody touched also close in parts that have to be read first") {
  UsedUp used_up(one_task_a_part());
  Market& market = used_up.market;
  for (const std::int64_t part_no : {3, 4}) market.world.core.drop(part_of(used_up.project, part_no));
  market.pass(look);
  market.pass(just_before(hour));
  for (int parts = 0; parts < 3; ++parts) market.pass(look);  // One after the other.
  CHECK(used_up.open() == 0);
  CHECK(market.spent() == Micros{2LL * 12'000});
}

TEST_CASE("tasks stay open however long no worker has joined yet") {
  Market market;
  const ProjectId project = market.open(capped_at(1), 2);
  for (int hours = 0; hours < 3; ++hours) market.pass(hour);
  CHECK(market.tasks(project).open == 2);
  static_cast<void>(market.worker("ann"));
  static_cast<void>(market.lease("ann", project));
}

TEST_CASE("tasks stay open while one worker may still take them, and a suspended one may not") {
  UsedUp used_up;
  Market& market = used_up.market;
  const AccountId cem = market.worker("cem");
  for (int hours = 0; hours < 3; ++hours) market.pass(hour);
  CHECK(used_up.open() == 2);
  market.done(market.world.admin, Suspend{cem, true, "rude"});
  market.pass(look);
  market.pass(hour);
  CHECK(used_up.open() == 0);
}

TEST_CASE("patience begins anew when somebody has come who may take a task") {
  UsedUp used_up;
  Market& market = used_up.market;
  market.pass(look);
  market.pass(Duration{hour.ms / 2});
  static_cast<void>(market.worker("dan"));
  market.pass(look);
  static_cast<void>(market.work("dan", used_up.project));
  market.pass(look);
  market.pass(just_before(hour));
  CHECK(used_up.open() == 1);
  market.pass(look);
  CHECK(used_up.open() == 0);
}

TEST_CASE("a task that somebody holds does not close because all workers are at the bound") {
  ProjectSpec spec = capped_at(1);
  spec.lease = two_hours;
  Capped capped(spec, 2);
  Market& market = capped.market;
  static_cast<void>(market.worker("ben"));
  static_cast<void>(market.work("ann", capped.project));
  const AssignmentId lease = market.lease("ben", capped.project);
  market.pass(look);
  market.pass(hour);
  CHECK(capped.open() == 1);
  CHECK(market.answer("ben", lease).accepted);
  CHECK(market.verdicts(capped.project) == std::vector<VerdictReason>(2, VerdictReason::quorum));
}

TEST_CASE("a part that nothing falls due in is to be read again when the patience with its open tasks is over") {
  Market market;
  static_cast<void>(market.worker("ann"));
  ProjectSpec spec = simple_spec();
  spec.redundancy = {2, 2, 2};
  const ProjectId project = market.open(spec, 1);
  const PartId part = part_of(project, 1);
  const auto wake = [&] { return wake_ms(*market.world.core.find(part)); };
  CHECK(wake() == 0);
  const AssignmentId lease = market.lease("ann", project);
  const std::int64_t leased_ms = market.world.now.ms;
  CHECK(wake() == market.assignment(lease).deadline_ms);
  market.pass(moment);
  CHECK(market.answer("ann", lease).accepted);
  CHECK(wake() == leased_ms + spec.patience.ms);
  market.world.reload(part);
  CHECK(wake() == leased_ms + spec.patience.ms);
  market.pass(spec.patience);
  CHECK(market.verdicts(project) == std::vector{VerdictReason::no_eligible_worker});
  CHECK(wake() == 0);
}

}  // namespace tally::core
