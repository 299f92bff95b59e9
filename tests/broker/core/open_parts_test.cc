// Where a worker looks for tasks: each part once, and again where a place was freed, however many parts there are.
#include "broker/core/open_parts.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/core/cursors.h"
#include "broker/core/task_set.h"

namespace tally::core {
namespace {

// Where the worker looks until there is nothing more, finding nothing anywhere.
std::vector<std::int64_t> look_everywhere(const OpenParts& parts, OpenParts::Cursor& cursor) {
  std::vector<std::int64_t> looked;
  while (const auto look = parts.next(cursor)) {
    looked.push_back(look->part_no);
    OpenParts::passed(cursor, *look);
  }
  return looked;
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a worker looks at each open part once, in their order") {
  const OpenParts parts(Numbers{1, 2, 5});
  OpenParts::Cursor cursor = parts.begin();
  CHECK(look_everywhere(parts, cursor) == Numbers{1, 2, 5});
  CHECK(look_everywhere(parts, cursor).empty());
}

TEST_CASE("a worker stays at a part until it has nothing for them") {
  const OpenParts parts(Numbers{1, 2});
  OpenParts::Cursor cursor = parts.begin();
  CHECK(parts.next(cursor)->part_no == 1);
  CHECK(parts.next(cursor)->part_no == 1);
}

TEST_CASE("a part where a place was freed is looked at again, before those that come first") {
  OpenParts parts(Numbers{1, 2, 3});
  OpenParts::Cursor cursor = parts.begin();
  for (int i = 0; i < 2; ++i) OpenParts::passed(cursor, *parts.next(cursor));
  parts.place_freed(2);
  parts.place_freed(1);
  parts.place_freed(3);  // Nobody has looked there yet: once is enough.
  CHECK(look_everywhere(parts, cursor) == Numbers{2, 1, 3});
  OpenParts::Cursor of_another = parts.begin();
  CHECK(look_everywhere(parts, of_another) == Numbers{1, 2, 3});
}

TEST_CASE("a part without places is not looked at, until one is freed") {
  OpenParts parts(Numbers{1, 2, 3});
  parts.places_gone(1);
  parts.places_gone(3);
  OpenParts::Cursor cursor = parts.begin();
  CHECK(look_everywhere(parts, cursor) == Numbers{2});
  CHECK(parts.after(2) == std::nullopt);
  parts.place_freed(3);
  CHECK(parts.after(2) == 3);
  CHECK(look_everywhere(parts, cursor) == Numbers{3});
  parts.close(3);
  parts.place_freed(3);
  CHECK_FALSE(parts.contains(3));
  CHECK(look_everywhere(parts, cursor).empty());
}

TEST_CASE("a part that opens behind a worker is looked at") {
  OpenParts parts(Numbers{4});
  OpenParts::Cursor cursor = parts.begin();
  CHECK(look_everywhere(parts, cursor) == Numbers{4});
  CHECK(parts.open(2));
  CHECK_FALSE(parts.open(2));
  CHECK(look_everywhere(parts, cursor) == Numbers{2});
  CHECK(parts.numbers() == Numbers{2, 4});
}

TEST_CASE("whatever happens to parts, a worker misses no change, and looks no more often than there are changes") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    OpenParts parts;
    std::map<std::int64_t, std::int64_t> changed;  // Open parts with places: the step of their last change.
    std::map<std::int64_t, std::int64_t> looked;   // The worker's last look at them.
    OpenParts::Cursor cursor = parts.begin();
    std::int64_t looks = 0;
    std::int64_t changes = 0;
    for (std::int64_t step = 1; step <= 400; ++step) {
      const std::int64_t no = 1 + static_cast<std::int64_t>(random() % 12);
      switch (random() % 6) {
        case 0:
          if (parts.open(no)) {
            changed[no] = step;
            ++changes;
          }
          break;
        case 1:
          parts.close(no);
          changed.erase(no);
          break;
        case 2:
          parts.places_gone(no);
          changed.erase(no);
          break;
        case 3:
          if (parts.contains(no)) {
            changed[no] = step;
            ++changes;
          }
          parts.place_freed(no);
          break;
        default:
          if (const auto look = parts.next(cursor)) {
            REQUIRE(changed.contains(look->part_no));
            OpenParts::passed(cursor, *look);
            looked[look->part_no] = step;
            ++looks;
          } else {
            for (const auto& [part_no, at] : changed) REQUIRE(looked[part_no] > at);
          }
      }
    }
    CHECK(looks <= changes);
  }
}

TEST_CASE("cursors are bounded: the oldest are forgotten, those in use are kept") {
  const OpenParts parts(Numbers{1, 2});
  Cursors cursors(10);
  for (std::int64_t worker = 1; worker <= 1000; ++worker) {
    cursors.of(AccountId{worker}, ProjectId{1}, parts).next_part = worker;
    CHECK(cursors.of(AccountId{1}, ProjectId{1}, parts).next_part == 1);
    CHECK(cursors.size() <= 10);
  }
  CHECK(cursors.of(AccountId{1000}, ProjectId{1}, parts).next_part == 1000);
  CHECK(cursors.of(AccountId{2}, ProjectId{1}, parts).next_part == 0);
  CHECK(cursors.of(AccountId{1000}, ProjectId{2}, parts).next_part == 0);
}

TEST_CASE("a set of tasks is an ordered set of numbers") {
  std::mt19937 random(7);
  TaskSet tasks;
  std::set<std::int32_t> model;
  for (int step = 0; step < 5000; ++step) {
    const auto no = static_cast<std::int32_t>(1 + random() % 300);
    if (random() % 2 == 0) {
      REQUIRE(tasks.insert(no) == model.insert(no).second);
    } else {
      tasks.erase(no);
      model.erase(no);
    }
    const auto from = static_cast<std::int32_t>(random() % 320);
    const auto next = model.lower_bound(from);
    REQUIRE(tasks.first_from(from) == (next == model.end() ? 0 : *next));
    REQUIRE(tasks.contains(no) == model.contains(no));
    REQUIRE(static_cast<std::size_t>(tasks.size()) == model.size());
    REQUIRE(tasks.empty() == model.empty());
  }
  TaskSet others;
  CHECK_FALSE(others == tasks);
  for (const std::int32_t no : model) others.insert(no);
  CHECK(others == tasks);
}

}  // namespace tally::core
