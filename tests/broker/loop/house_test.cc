// The event loop beside another broker over the same database: who has the house, and how that is noticed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/loop/one_loop.h"

namespace tally::broker::testing {
namespace {

constexpr PartId house = account_part_of(house_account);

Config with_lease(Duration lease) {
  Config config;
  config.lease = lease;
  return config;
}

Invite invitation(const std::string& key) {
  Invite invite;
  invite.key = key;
  invite.role = Role::worker;
  invite.display_name = "Ben";
  return invite;
}

// A house of our own, and another broker over its database.
struct TwoBrokers : OneLoop {
  explicit TwoBrokers(Duration lease) : OneLoop(with_lease(lease)), other{"other", lease} {
    found();
    static_cast<void>(database.start(clock.time, other));
  }
  // The other takes all parts, whose leases have run out because our loader was late.
  void lose_all() {
    loader.is_held = true;
    pass(Duration{2 * config.lease.ms});
    for (const auto& [id, row] : std::map(database.tables().parts)) static_cast<void>(database.take(id, other));
    loader.is_held = false;
  }
  // While the other lives.
  void pass_beside_it(Duration time) {
    const Time until = clock.time + time;
    while (clock.time < until) {
      pass(std::min(Duration{config.lease.ms / 4}, until - clock.time));
      std::vector<PartId> all;
      for (const auto& [id, row] : database.tables().parts) all.push_back(id);
      database.renew(all, clock.time, other);
    }
  }
  sim::ModelDatabase::Owner other;
};

}  // namespace

TEST_CASE("the shortest lease there is does not run out between two renewals") {
  OneLoop one(with_lease(Duration{2'000}));
  one.found();
  one.pass(Duration{10'000});
  std::int64_t least_ms = one.config.lease.ms;
  for (int i = 0; i < 200; ++i) {
    one.clock.time = one.clock.time + one.loop.time_to_wait() + Duration{1};
    for (std::int64_t no = 0; no < account_parts; ++no) {
      const Time until = one.database.tables().parts.at(PartId{no}).lease_until;
      least_ms = std::min(least_ms, (until - one.clock.time).ms);
    }
    one.settle();
  }
  CHECK(least_ms > 300);
}

TEST_CASE("a broker that has nothing to store notices all the same that another has taken the house") {
  TwoBrokers both(Duration{2'000});
  const ProjectId project = both.open(one_answer_each(), 1);
  const AssignmentId held = both.get<Tasks>("ann", OneLoop::pull(project)).tasks.at(0).assignment;
  constexpr std::int64_t long_wait_ms = 60'000;
  const std::uint64_t waiting = both.send("ann", OneLoop::pull(project, long_wait_ms));
  both.settle();
  both.lose_all();
  REQUIRE(both.loop.serves());  // It does not know.
  REQUIRE(both.reply_to(waiting) == nullptr);

  both.pass_beside_it(Duration{1'000});
  CHECK_FALSE(both.loop.serves());
  CHECK(both.refusal_of(waiting) == RefusalCode::unavailable);
  both.pass_beside_it(Duration{20'000});
  CHECK(both.database.tables().parts.at(house).owner == "other");
  CHECK_FALSE(both.loop.serves());
  // Who is connected to it all the same is told so.
  const std::uint64_t to_the_wrong_one = both.send("ann", OneLoop::answer(held));
  both.settle();
  CHECK(both.refusal_of(to_the_wrong_one) == RefusalCode::unavailable);

  both.pass(Duration{5'000});  // The other is gone.
  CHECK(both.loop.serves());
  CHECK(both.get<Submitted>("ann", OneLoop::answer(held)).outcomes.at(0).accepted);
}

TEST_CASE("what is being stored when the house is found lost is acknowledged if it was stored") {
  TwoBrokers both(Duration{2'000});
  const ProjectId project = both.open(one_answer_each(), 1);
  both.committer.is_held = true;
  const std::uint64_t leased = both.send("ann", OneLoop::pull(project));
  both.settle();
  both.loader.is_held = true;
  both.pass(Duration{4'000});
  static_cast<void>(both.database.take(house, both.other));  // And nothing else.
  both.loader.is_held = false;
  both.settle();
  CHECK(both.loop.serves());
  both.committer.is_held = false;
  both.settle();
  CHECK(both.reply_to(leased) != nullptr);
  CHECK_FALSE(both.loop.serves());
}

TEST_CASE("what was read before the house was lost is not believed") {
  TwoBrokers both(Duration{2'000});
  const ProjectId project = both.open(one_answer_each(), 1);
  const PartId part = part_of(project, 1);
  both.fails_next = storage::CommitOutcome::fenced;  // So that nothing of it is in memory.
  static_cast<void>(both.send("ann", OneLoop::pull(project)));
  both.settle();
  REQUIRE(both.loop.core().find(part) == nullptr);
  REQUIRE(both.loop.serves());
  // Its reading is under way when the loop hears that another has the house.
  both.committer.is_held = true;
  static_cast<void>(both.send("adm", invitation("ben")));
  both.settle();
  both.loader.is_held = true;
  static_cast<void>(both.send("ann", OneLoop::pull(project)));
  both.settle();
  both.fails_next = storage::CommitOutcome::fenced;
  both.committer.is_held = false;
  both.settle();
  REQUIRE_FALSE(both.loop.serves());
  both.clock.time = both.clock.time + Duration{3'000};
  for (std::int64_t no = 0; no < account_parts; ++no) static_cast<void>(both.database.take(PartId{no}, both.other));
  both.loader.is_held = false;
  both.settle();
  CHECK(both.loop.core().find(part) == nullptr);
}

TEST_CASE("a broker that stands by does not look for parts that are due, and does so once the house is its own") {
  TwoBrokers both(Duration{10'000});
  std::size_t looks = 0;
  both.on_job = [&](const LoaderJob& job) {
    const auto* care = std::get_if<CareForParts>(&job);
    looks += care != nullptr && care->find_due ? 1U : 0U;
  };
  both.lose_all();
  both.pass_beside_it(Duration{5'000});
  REQUIRE_FALSE(both.loop.serves());
  looks = 0;
  both.pass_beside_it(Duration{60'000});
  CHECK(looks == 0);
  both.pass(Duration{20'000});
  REQUIRE(both.loop.serves());
  CHECK(looks > 0);
}

TEST_CASE(
    "parts that are looked at in between are read a few at a time, also when the house was ours again only then") {
  OneLoop one;
  one.found();
  constexpr std::int64_t many = 100;
  for (std::int64_t no = 1; no <= many; ++no) one.due.push_back(part_of(ProjectId{1'000}, no));
  // The loader stops when it has found them due.
  std::size_t most = 0;
  std::size_t read = 0;
  one.on_job = [&](const LoaderJob& job) {
    one.loader.is_held = one.loader.is_held || (std::holds_alternative<CareForParts>(job) && !one.due.empty());
    const auto is_due_part = [](const LoaderJob& other) {
      const auto* load = std::get_if<LoadPart>(&other);
      return load != nullptr && is_task_part(load->part);
    };
    read += is_due_part(job) ? 1U : 0U;
    most = std::max(
        most, static_cast<std::size_t>(std::count_if(one.loader.jobs.begin(), one.loader.jobs.end(), is_due_part)));
  };
  one.pass(Duration{3'000});
  REQUIRE(one.loader.is_held);
  // The house is undone, and read again.
  std::string key;
  for (int i = 0; key.empty() || sha256(key).at(0) % account_parts != house.value; ++i) key = std::to_string(i);
  one.fails_next = storage::CommitOutcome::refused;
  static_cast<void>(one.send("adm", invitation(key)));
  one.settle();
  REQUIRE_FALSE(one.loop.serves());
  one.loader.is_held = false;
  one.settle();
  CHECK(one.loop.serves());
  CHECK(read >= static_cast<std::size_t>(many));
  CHECK(most <= 4);
}

}  // namespace tally::broker::testing
