#include "broker/item_cache.h"

#include <catch2/catch.hpp>

namespace tally::broker {
namespace {

constexpr PartId part{(16LL << 20) + 1};

std::vector<ItemCache::Values> run_with(const std::string& text) {
  std::vector<ItemCache::Values> items(static_cast<std::size_t>(items_per_run));
  for (auto& item : items) item = {text};
  return items;
}

}  // namespace

TEST_CASE("an item is found in its run, and a run that was not read is not here") {
  ItemCache cache(1 << 20);
  CHECK(cache.find({part, 1}) == nullptr);
  auto items = run_with("x");
  items[5] = {"the fifth"};
  cache.add(run_of({part, 5}), items);
  REQUIRE(cache.find({part, 5}) != nullptr);
  CHECK(*cache.find({part, 5}) == ItemCache::Values{"the fifth"});
  CHECK(cache.find({part, items_per_run}) == nullptr);
}

TEST_CASE("the run that was used least lately leaves when there is no room") {
  const std::string big(1'000, 'x');
  ItemCache cache(150'000);  // Room for two runs.
  cache.add({part, 0}, run_with(big));
  cache.add({part, 1}, run_with(big));
  REQUIRE(cache.find({part, 1}) != nullptr);
  cache.add({part, 2}, run_with(big));
  CHECK(cache.find({part, 1}) != nullptr);
  CHECK(cache.find({part, items_per_run}) == nullptr);
  CHECK(cache.find({part, 2 * items_per_run}) != nullptr);
  CHECK(cache.bytes() <= 150'000);
}

TEST_CASE("a run that is larger than the room stays while it is the newest") {
  ItemCache cache(10);
  cache.add({part, 0}, run_with("x"));
  CHECK(cache.find({part, 1}) != nullptr);
  cache.add({part, 1}, run_with("y"));
  CHECK(cache.find({part, 1}) == nullptr);
}

}  // namespace tally::broker
