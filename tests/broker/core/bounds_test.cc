// Bounds in bytes: of what one reply carries, and of what waits for a part.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/broker/core/market.h"

namespace tally::core {
namespace {

constexpr std::int64_t items = 10;

ProjectSpec by_item() {
  ProjectSpec spec = simple_spec();
  spec.redundancy = {1, 1, 1};
  spec.pull_by_item = true;
  return spec;
}

// Ten items of so many bytes, where a reply takes a megabyte of them.
struct Large {
  explicit Large(std::size_t bytes) : project(market.open(by_item(), items, std::string(bytes, 'x'))) {}

  Market market;
  AccountId ann = market.worker("ann");
  ProjectId project;
};

// What Ann and others hand in for one task, four thousand bytes each, while its part is being read.
struct Parked {
  explicit Parked(const Limits& limits) : market(limits), project(market.open(simple_spec(), 1)) {
    for (const std::string key : {"ann", "ben", "cem"}) static_cast<void>(market.worker(key));
    lease = market.lease("ann", project);
  }
  void drop() {
    market.world.hold_loads = true;
    market.world.core.drop(lease.part);
  }
  // True when it waits; otherwise it was refused as too much.
  bool waits(const std::string& key) {
    const Submit submit{{{lease, {{"bird", {std::string(4'000, 'x')}}}}}, 0, {}};
    const std::vector<Reply> replies = market.world.ask(key, submit);
    if (replies.empty()) return true;
    CHECK(std::get<Refused>(replies.at(0)).code == RefusalCode::busy);
    return false;
  }

  Market market;
  ProjectId project;
  AssignmentId lease;
};

}  // namespace

TEST_CASE("a worker gets as many large items at once as a reply may carry, also when its part is read again") {
  Large large(300'000);
  REQUIRE(Limits{}.reply_bytes_max == 1 << 20);
  CHECK(large.market.pull("ann", large.project, items).tasks.size() == 3);
  large.market.world.reload(part_of(large.project, 1));
  CHECK(large.market.tasks(large.project).item_bytes_max == 300'000);
  CHECK(large.market.pull("ann", large.project, items).tasks.size() == 3);
  const Submit submit{{}, items, large.project};
  CHECK(large.market.world.get<Submitted>("ann", submit).tasks.size() == 3);
}

TEST_CASE("a snapshot keeps how large the items of a part are") {
  const Large large(300'000);
  const Part& part = *large.market.world.core.find(part_of(large.project, 1));
  CHECK(part_from(part.id, image_of(part)).tasks().item_bytes_max == 300'000);
}

TEST_CASE("a worker who asks for large items by number gets as many as a reply may carry, and the others stay free") {
  Large large(300'000);
  const Pull all{large.project, items, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0};
  const auto tasks = large.market.world.get<Tasks>("ann", all);
  CHECK(tasks.tasks.size() == 3);
  REQUIRE(tasks.items.size() == 10);
  CHECK(tasks.items[2] == ItemState::leased);
  CHECK(tasks.items[3] == ItemState::taken);
  CHECK(large.market.world.get<Tasks>("ann", all).tasks.size() == 3);
}

TEST_CASE("an item that is larger than what a reply should carry is handed out alone") {
  Large large(1'100'000);
  CHECK(large.market.pull("ann", large.project, items).tasks.size() == 1);
  const Pull two{large.project, 2, {5, 6}, 0};
  CHECK(large.market.world.get<Tasks>("ann", two).tasks.size() == 1);
}

TEST_CASE("what one client lets wait for a part is bounded in bytes, and what was answered makes room") {
  Limits limits;
  limits.parked_bytes_per_key_max = 10'000;
  Parked parked(limits);
  for (int round = 0; round < 2; ++round) {
    INFO(round);
    parked.drop();
    CHECK(parked.waits("ann"));
    CHECK(parked.waits("ann"));
    CHECK_FALSE(parked.waits("ann"));
    CHECK(parked.waits("ben"));
    CHECK(parked.market.world.release_loads().size() == 3);
  }
}

TEST_CASE("a message that is past the bounds by itself waits alone: to be sent again would not help it") {
  Limits limits;
  limits.parked_bytes_per_key_max = 1'000;
  limits.parked_bytes_max = 1'000;
  Parked parked(limits);
  parked.drop();
  CHECK(parked.waits("ann"));
  CHECK_FALSE(parked.waits("ann"));
  CHECK_FALSE(parked.waits("ben"));
  CHECK(parked.market.world.release_loads().size() == 1);
}

TEST_CASE("what all clients let wait for parts is bounded in bytes, and what was answered makes room") {
  Limits limits;
  limits.parked_bytes_max = 10'000;
  Parked parked(limits);
  for (int round = 0; round < 2; ++round) {
    INFO(round);
    parked.drop();
    CHECK(parked.waits("ann"));
    CHECK(parked.waits("ben"));
    CHECK_FALSE(parked.waits("cem"));
    CHECK(parked.market.world.release_loads().size() == 2);
  }
}

}  // namespace tally::core
