// Boxes that workers drew are put together: what it must not depend on, and cases worked out by hand.
#include "common/aggregation/boxes/boxes.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <catch2/catch.hpp>

#include "tests/common/aggregation/crowd.h"

using namespace tally::aggregation::boxes;
using tally::test::below;

namespace {

struct Drawn {
  std::int32_t worker = 0;
  std::vector<Box> boxes;
};

Outcome merge(const std::vector<Drawn>& drawn, std::int64_t overlap_ppm_min = 500'000) {
  std::vector<Answer> answers;
  answers.reserve(drawn.size());
  for (const Drawn& by_worker : drawn) answers.push_back({by_worker.worker, by_worker.boxes});
  return merge_boxes(answers, overlap_ppm_min);
}

// A few places and sides, so that boxes are often alike, and overlaps often equal.
std::vector<Drawn> any_picture(std::mt19937_64& random) {
  std::vector<Drawn> drawn;
  const std::int32_t workers = 1 + below(random, 6);
  for (std::int32_t worker = 0; worker < workers; ++worker) {
    drawn.push_back({worker, {}});
    for (std::int32_t count = below(random, 6); count > 0; --count) {
      drawn.back().boxes.push_back(
          {below(random, 6) - 3, below(random, 3) - 1, 2 + below(random, 4), 2 + below(random, 2)});
    }
  }
  return drawn;
}

std::vector<Box> places(const Outcome& outcome) {
  std::vector<Box> boxes;
  boxes.reserve(outcome.boxes.size());
  for (const Merged& merged : outcome.boxes) boxes.push_back(merged.box);
  return boxes;
}

std::vector<std::vector<std::int32_t>> supporters(const Outcome& outcome) {
  std::vector<std::vector<std::int32_t>> workers;
  workers.reserve(outcome.boxes.size());
  for (const Merged& merged : outcome.boxes) workers.push_back(merged.workers);
  return workers;
}

}  // namespace

TEST_CASE("boxes are put together without regard to the order of answers and of boxes") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    auto drawn = any_picture(random);
    const Outcome before = merge(drawn, 400'000);
    std::shuffle(drawn.begin(), drawn.end(), random);
    for (Drawn& by_worker : drawn) std::shuffle(by_worker.boxes.begin(), by_worker.boxes.end(), random);
    const Outcome after = merge(drawn, 400'000);
    REQUIRE(places(after) == places(before));
    REQUIRE(supporters(after) == supporters(before));
  }
}

TEST_CASE("boxes are put together without regard to the numbers of workers") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    auto drawn = any_picture(random);
    const Outcome before = merge(drawn, 400'000);
    std::vector<std::int32_t> number(drawn.size());
    std::iota(number.begin(), number.end(), 7);
    std::shuffle(number.begin(), number.end(), random);
    for (Drawn& by_worker : drawn) by_worker.worker = number[static_cast<std::size_t>(by_worker.worker)];
    auto expected = supporters(before);
    for (auto& workers : expected) {
      for (std::int32_t& worker : workers) worker = number[static_cast<std::size_t>(worker)];
      std::sort(workers.begin(), workers.end());
    }
    auto found = supporters(merge(drawn, 400'000));
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    REQUIRE(found == expected);
    REQUIRE(places(merge(drawn, 400'000)) == places(before));
  }
}

TEST_CASE("a box of the outcome is drawn by more than half of the workers, each of them once, and is a valid one") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    const Outcome outcome = merge(any_picture(random), 400'000);
    for (const Merged& merged : outcome.boxes) {
      REQUIRE(is_valid(merged.box));
      REQUIRE(2 * std::ssize(merged.workers) > outcome.workers);
      for (std::size_t k = 1; k < merged.workers.size(); ++k) REQUIRE(merged.workers[k - 1] < merged.workers[k]);
    }
    REQUIRE(std::is_sorted(outcome.boxes.begin(), outcome.boxes.end(),
                           [](const Merged& a, const Merged& b) { return a.box < b.box; }));
  }
}

TEST_CASE("overlap is what both cover of what the two cover together") {
  const Box box{0, 0, 10, 10};
  CHECK(overlap_ppm(box, box) == 1'000'000);
  CHECK(overlap_ppm(box, {10, 0, 5, 5}) == 0);  // Side by side.
  CHECK(overlap_ppm(box, {20, 20, 5, 5}) == 0);
  CHECK(overlap_ppm(box, {5, 0, 10, 10}) == 333'333);  // 50 of 150.
  CHECK(overlap_ppm(box, {0, 0, 10, 5}) == 500'000);
  CHECK(overlap_ppm({0, 0, 10, 5}, box) == 500'000);
  CHECK(overlap_ppm({-3, -3, 6, 6}, {-1, -1, 2, 2}) == 111'111);
  const Box greatest{-coordinate_max, -coordinate_max, coordinate_max, coordinate_max};
  CHECK(overlap_ppm(greatest, greatest) == 1'000'000);
  CHECK(overlap_ppm({coordinate_max, coordinate_max, coordinate_max, coordinate_max}, greatest) == 0);
}

TEST_CASE("boxes without area and beyond the greatest coordinate are not valid") {
  CHECK(is_valid({-coordinate_max, coordinate_max, coordinate_max, 1}));
  CHECK_FALSE(is_valid({0, 0, 0, 1}));
  CHECK_FALSE(is_valid({0, 0, 1, -1}));
  CHECK_FALSE(is_valid({coordinate_max + 1, 0, 1, 1}));
  CHECK_FALSE(is_valid({0, 0, 1, coordinate_max + 1}));
}

TEST_CASE("without answers, and with answers without boxes, there is no box") {
  CHECK(merge({}).workers == 0);
  CHECK(merge({}).boxes.empty());
  const Outcome nothing = merge({{4, {}}, {9, {}}});
  CHECK(nothing.workers == 2);
  CHECK(nothing.boxes.empty());
}

TEST_CASE("what the only worker drew is the outcome") {
  const Outcome outcome = merge({{3, {{5, 5, 2, 2}, {0, 0, 9, 9}, {5, 5, 2, 2}, {0, 0, 9, 8}}}});
  CHECK(outcome.workers == 1);
  CHECK(places(outcome) == std::vector<Box>{{0, 0, 9, 8}, {0, 0, 9, 9}, {5, 5, 2, 2}});
  CHECK(outcome.boxes[0].workers == std::vector<std::int32_t>{3});
}

TEST_CASE("a box that half of the workers drew is not in the outcome, and who drew nothing counts") {
  const Box box{0, 0, 10, 10};
  CHECK(merge({{0, {box}}, {1, {}}}).boxes.empty());
  CHECK(merge({{0, {box}}, {1, {box}}, {2, {}}, {3, {}}}).boxes.empty());
  CHECK(places(merge({{0, {box}}, {1, {box}}, {2, {}}})) == std::vector<Box>{box});
  CHECK(merge({{0, {box}}, {0, {box}}, {1, {}}}).boxes.empty());  // One worker with two answers is one.
}

TEST_CASE("each side of the outcome is the middle of those drawn") {
  // Lefts 0, 1, 4; tops 0, 2, 0; rights 10, 12, 12; bottoms 10, 10, 13.
  const Outcome odd = merge({{0, {{0, 0, 10, 10}}}, {1, {{1, 2, 11, 8}}}, {2, {{4, 0, 8, 13}}}}, 300'000);
  CHECK(places(odd) == std::vector<Box>{{1, 0, 11, 10}});
  CHECK(odd.boxes[0].workers == std::vector<std::int32_t>{0, 1, 2});
  // Of two: halfway, rounded down; of lefts -3 and 0 that is -2.
  const Outcome even = merge({{0, {{-3, 0, 10, 10}}}, {1, {{0, 1, 10, 10}}}}, 400'000);
  CHECK(places(even) == std::vector<Box>{{-2, 0, 10, 10}});
}

TEST_CASE("a box drawn by one of many far off moves no side") {
  const Outcome outcome =
      merge({{0, {{0, 0, 10, 10}}}, {1, {{0, 0, 10, 10}}}, {2, {{0, 0, 10, 10}}}, {3, {{0, 0, 19, 10}}}});
  CHECK(places(outcome) == std::vector<Box>{{0, 0, 10, 10}});
  CHECK(outcome.boxes[0].workers.size() == 4);
}

TEST_CASE("boxes become one at the threshold and stay two below it") {
  const std::vector<Drawn> halves{{0, {{0, 0, 10, 10}}}, {1, {{0, 0, 10, 5}}}};
  CHECK(merge(halves, 500'000).boxes.size() == 1);
  CHECK(merge(halves, 500'001).boxes.empty());
}

TEST_CASE("a thing takes one box of a worker, the one that overlaps more") {
  // The first worker drew two boxes where the others drew one.
  const Outcome outcome = merge({{0, {{0, 0, 10, 10}, {1, 0, 10, 10}}}, {1, {{0, 0, 10, 10}}}, {2, {{0, 0, 10, 10}}}});
  REQUIRE(outcome.boxes.size() == 1);
  CHECK(outcome.boxes[0].box == Box{0, 0, 10, 10});
  CHECK(outcome.boxes[0].workers == std::vector<std::int32_t>{0, 1, 2});
}

TEST_CASE("two things that nearly cover each other stay two where workers drew both") {
  const Box front{0, 0, 10, 10};
  const Box behind{2, 0, 10, 10};
  const Outcome outcome = merge({{0, {front, behind}}, {1, {behind, front}}, {2, {front}}});
  CHECK(places(outcome) == std::vector<Box>{front, behind});
  CHECK(outcome.boxes[0].workers.size() == 3);
  CHECK(outcome.boxes[1].workers.size() == 2);
}

TEST_CASE("of overlaps that are equal the same one comes first every time") {
  // The box in the middle overlaps as much with the one on its left as with the one on its right.
  const std::vector<Drawn> drawn{{0, {{2, 0, 10, 10}}}, {1, {{0, 0, 10, 10}, {4, 0, 10, 10}}}, {2, {}}};
  const Outcome outcome = merge(drawn);
  CHECK(places(outcome) == std::vector<Box>{{1, 0, 10, 10}});
}

TEST_CASE("a hundred things are found though every worker is inexact and misses some") {
  std::mt19937_64 random(4);
  std::vector<Box> truth;
  for (std::int32_t row = 0; row < 10; ++row) {
    for (std::int32_t column = 0; column < 10; ++column) truth.push_back({column * 150, row * 150, 100, 100});
  }
  std::vector<Drawn> drawn;
  for (std::int32_t worker = 0; worker < 29; ++worker) {
    drawn.push_back({worker, {}});
    for (const Box& thing : truth) {
      if (below(random, 5) == 0) continue;
      drawn.back().boxes.push_back({thing.x + below(random, 21) - 10, thing.y + below(random, 21) - 10,
                                    thing.width + below(random, 21) - 10, thing.height + below(random, 21) - 10});
    }
    // And one thing that is not there.
    drawn.back().boxes.push_back({below(random, 1500), below(random, 1500), 30, 30});
  }
  const Outcome outcome = merge(drawn);
  REQUIRE(outcome.boxes.size() == truth.size());
  std::sort(truth.begin(), truth.end());
  for (const Box& thing : truth) {
    std::int64_t best = 0;
    for (const Merged& merged : outcome.boxes) best = std::max(best, overlap_ppm(thing, merged.box));
    CHECK(best > 840'000);
  }
}

TEST_CASE("a million answers to ten thousand pictures are put together, and the thing is found") {
  std::mt19937_64 random(5);
  int found = 0;
  for (int picture = 0; picture < 10'000; ++picture) {
    std::vector<Drawn> drawn;
    for (std::int32_t worker = 0; worker < 100; ++worker) {
      // One in five draws what is not there.
      const std::int32_t at = below(random, 5) == 0 ? below(random, 100'000) : 200'000;
      drawn.push_back({worker, {{at + below(random, 3), at + below(random, 3), 100, 100}}});
    }
    const Outcome outcome = merge(drawn);
    found += places(outcome) == std::vector<Box>{{200'001, 200'001, 100, 100}} ? 1 : 0;
  }
  CHECK(found > 9'500);
}

TEST_CASE("as many boxes as there may be are put together") {
  std::vector<Drawn> drawn(100);
  for (std::int32_t worker = 0; worker < 100; ++worker) {
    Drawn& by_worker = drawn[static_cast<std::size_t>(worker)];
    by_worker.worker = worker;
    for (std::int32_t thing = 0; thing < boxes_max / 100; ++thing) {
      by_worker.boxes.push_back({2000 * thing + worker % 10, worker / 10, 1000, 1000});
    }
  }
  const Outcome outcome = merge(drawn);
  REQUIRE(outcome.boxes.size() == boxes_max / 100);
  for (const Merged& merged : outcome.boxes) CHECK(merged.workers.size() == 100);
  CHECK(outcome.boxes[0].box == Box{4, 4, 1000, 1000});
}
