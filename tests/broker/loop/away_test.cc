// The event loop while its database does not answer, with an error or without.
#include <cstdint>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/loop/one_loop.h"

namespace tally::broker::testing {
namespace {

constexpr Duration hang{12'000};  // Longer than what is taken for a slow disk.

// Ann holds a task whose lease ends soon.
struct Scene : OneLoop {
  Scene() {
    found();
    ProjectSpec spec = one_answer_each();
    spec.lease = Duration{5'000};
    project = open(spec, 3);
    held = get<Tasks>("ann", pull(project)).tasks.at(0).assignment;
  }
  [[nodiscard]] const core::Assignment& assignment() const {
    return *loop.core().find(held.part)->tasks().find_assignment(held.no);
  }
  ProjectId project;
  AssignmentId held;
};

}  // namespace

TEST_CASE("a commit that hangs without an error counts as an outage since it was begun: no lease runs out meanwhile") {
  Scene scene;
  const std::int64_t deadline_ms = scene.assignment().deadline_ms;
  scene.committer.is_held = true;
  const Time begun = scene.clock.time;
  const std::uint64_t first = scene.send("ann", OneLoop::pull(scene.project));
  scene.settle();
  scene.pass(Duration{9'000});
  CHECK(scene.reply_to(first) == nullptr);
  scene.pass(Duration{hang.ms - 9'000});
  const std::uint64_t meanwhile = scene.send("ann", OneLoop::pull(scene.project));
  scene.settle();
  CHECK(scene.refusal_of(meanwhile) == RefusalCode::unavailable);

  scene.committer.is_held = false;
  scene.pass(Duration{1'000});
  CHECK(scene.reply_to(first) != nullptr);
  REQUIRE(scene.database.tables().outages.size() == 1);
  const auto [from, to] = *scene.database.tables().outages.begin();
  CHECK(from == begun.ms);
  CHECK(to >= (begun + hang).ms);
  CHECK(to < (begun + hang).ms + 300);
  CHECK(scene.assignment().state == core::AssignmentState::live);
  CHECK(scene.assignment().deadline_ms == deadline_ms + (to - from));
}

TEST_CASE("no sign of life says that somebody was served while the database was away") {
  Scene scene;
  Time last;
  scene.on_job = [&](const LoaderJob& job) {
    if (const auto* care = std::get_if<CareForParts>(&job)) last = care->served_until;
  };
  scene.pass(Duration{5'000});
  CHECK((scene.clock.time - last).ms < 3'000);
  const Time begun = scene.clock.time;
  scene.is_away = true;
  scene.pass(Duration{8'000});
  CHECK((begun - last).ms <= 1);
  CHECK((last - begun).ms < 1'000);
  scene.is_away = false;
  scene.pass(Duration{5'000});
  CHECK((scene.clock.time - last).ms < 3'000);
}

TEST_CASE("whatever becomes of a commit that hung, work goes on when it is over") {
  Scene scene;
  scene.committer.is_held = true;
  static_cast<void>(scene.send("ann", OneLoop::pull(scene.project)));
  scene.pass(hang);
  scene.fails_next = GENERATE(std::optional<storage::CommitOutcome>(), storage::CommitOutcome::fenced,
                              storage::CommitOutcome::refused);
  scene.committer.is_held = false;
  scene.pass(Duration{3'000});
  CHECK(scene.loop.takes_requests());
  CHECK(scene.get<Tasks>("ann", OneLoop::pull(scene.project)).tasks.size() == 1);
  CHECK(scene.get<Submitted>("ann", OneLoop::answer(scene.held)).outcomes.at(0).accepted);
}

TEST_CASE("a stop of the whole process is counted once, though something was being stored") {
  Scene scene;
  scene.pass(Duration{200});  // It has looked at the clock.
  const std::int64_t deadline_ms = scene.assignment().deadline_ms;
  scene.committer.is_held = true;
  static_cast<void>(scene.send("ann", OneLoop::pull(scene.project)));
  scene.settle();
  const Duration stop{20'000};
  scene.clock.time = scene.clock.time + stop;
  scene.settle();  // The loop was sooner on its feet than its committer.
  scene.clock.time = scene.clock.time + Duration{20};
  scene.committer.is_held = false;
  scene.pass(Duration{1'000});
  const std::int64_t moved = scene.assignment().deadline_ms - deadline_ms;
  CHECK(moved >= stop.ms);
  CHECK(moved < stop.ms + 1'000);
}

TEST_CASE("unavailable is answered however full the group is that waits for the database") {
  Scene scene;
  scene.config.group_records_max = 1;
  scene.committer.is_held = true;
  const std::uint64_t being_stored = scene.send("ann", OneLoop::pull(scene.project));
  scene.settle();
  const std::uint64_t gathered = scene.send("ann", OneLoop::pull(scene.project));
  scene.settle();
  REQUIRE_FALSE(scene.loop.takes_requests());
  scene.is_away = true;
  scene.pass(Duration{scene.config.away_after.ms + 500});
  CHECK(scene.loop.takes_requests());
  const std::uint64_t beyond = scene.send("ann", OneLoop::pull(scene.project));
  scene.settle();
  CHECK(scene.refusal_of(beyond) == RefusalCode::unavailable);
  CHECK(scene.reply_to(being_stored) == nullptr);

  scene.is_away = false;
  scene.committer.is_held = false;
  scene.settle();
  CHECK(scene.reply_to(being_stored) != nullptr);
  CHECK(scene.reply_to(gathered) != nullptr);
}

TEST_CASE("of commands that write nothing no more wait for a group than there is room for their replies") {
  Scene scene;
  scene.config.replies_waiting_max = 3;
  scene.committer.is_held = true;
  static_cast<void>(scene.send("ann", OneLoop::answer(scene.held)));
  scene.settle();
  std::vector<std::uint64_t> asked;
  const ProjectId nowhere{0};
  for (int i = 0; i < 10; ++i) asked.push_back(scene.send("ann", OneLoop::pull(nowhere)));
  scene.settle();
  CHECK(scene.door.waiting.size() == 8);  // Two beside the answer's.
  CHECK_FALSE(scene.loop.takes_requests());
  scene.committer.is_held = false;
  scene.settle();
  for (const std::uint64_t request : asked) CHECK(scene.refusal_of(request) == RefusalCode::project_not_found);
}

TEST_CASE("a part that was asked for while an outage was being noted is read as soon as that is done") {
  Config config;
  config.core.part_size = 2;
  OneLoop one(config);
  one.found();
  const ProjectId project = one.open(one_answer_each(), 4);
  // As after a start: nothing of the project is in memory.
  one.fails_next = storage::CommitOutcome::fenced;
  static_cast<void>(one.send("ann", OneLoop::pull(project)));
  one.settle();
  REQUIRE(one.loop.core().find(part_of(project, 1)) == nullptr);
  REQUIRE(one.loop.takes_requests());

  one.loader.is_held = true;
  const std::uint64_t asked = one.send("ann", OneLoop::pull(project));
  one.settle();
  one.clock.time = one.clock.time + Duration{5'000};  // The process was stopped.
  one.settle();
  one.loader.is_held = false;
  one.settle();
  CHECK(one.reply_to(asked) != nullptr);
}

}  // namespace tally::broker::testing
