#include "common/aggregation/boxes/boxes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "common/base/assert.h"

namespace tally::aggregation::boxes {
namespace {

// Boxes that are taken for the same thing.
struct Thing {
  std::vector<Box> drawn;             // One for each worker.
  std::vector<std::int32_t> workers;  // Rising.
};

struct Overlap {
  std::int64_t ppm = 0;
  std::size_t a = 0;  // Things, by number; a is the lower.
  std::size_t b = 0;
};

bool share_worker(const Thing& a, const Thing& b) {
  auto of_a = a.workers.begin();
  auto of_b = b.workers.begin();
  while (of_a != a.workers.end() && of_b != b.workers.end()) {
    if (*of_a == *of_b) return true;
    *of_a < *of_b ? ++of_a : ++of_b;
  }
  return false;
}

// To begin with a thing is what workers drew alike, in the order of Box: so what follows depends on places alone, not
// on the numbers of workers.
std::vector<Thing> things_drawn_alike(std::span<const Answer> answers) {
  std::map<Box, std::set<std::int32_t>> workers_of;
  for (const Answer& answer : answers) {
    for (const Box& box : answer.boxes) workers_of[box].insert(answer.worker);
  }
  std::vector<Thing> things;
  things.reserve(workers_of.size());
  for (const auto& [box, workers] : workers_of) {
    things.push_back({std::vector<Box>(workers.size(), box), {workers.begin(), workers.end()}});
  }
  return things;
}

// Those that may become one, the greatest overlap first.
std::vector<Overlap> overlaps_of(std::span<const Thing> things, std::int64_t overlap_ppm_min) {
  std::vector<Overlap> overlaps;
  for (std::size_t a = 0; a < things.size(); ++a) {
    const Box& box = things[a].drawn[0];
    for (std::size_t b = a + 1; b < things.size(); ++b) {
      const Box& other = things[b].drawn[0];
      if (other.x >= box.x + box.width) break;  // Boxes are in the order of x: none that follows meets this one.
      const std::int64_t ppm = overlap_ppm(box, other);
      if (ppm >= overlap_ppm_min && !share_worker(things[a], things[b])) overlaps.push_back({ppm, a, b});
    }
  }
  std::sort(overlaps.begin(), overlaps.end(),
            [](const Overlap& x, const Overlap& y) { return std::tie(y.ppm, x.a, x.b) < std::tie(x.ppm, y.a, y.b); });
  return overlaps;
}

// Leaves those that went into another one empty.
void unite(std::vector<Thing>& things, std::span<const Overlap> overlaps) {
  std::vector<std::size_t> part_of(things.size());
  std::iota(part_of.begin(), part_of.end(), std::size_t{0});
  const auto whole = [&](std::size_t thing) {
    while (part_of[thing] != thing) thing = part_of[thing] = part_of[part_of[thing]];
    return thing;
  };
  for (const Overlap& overlap : overlaps) {
    const std::size_t into = whole(overlap.a);
    const std::size_t from = whole(overlap.b);
    if (into == from || share_worker(things[into], things[from])) continue;
    Thing part = std::move(things[from]);
    things[from] = {};
    part_of[from] = into;
    Thing& thing = things[into];
    thing.drawn.insert(thing.drawn.end(), part.drawn.begin(), part.drawn.end());
    const auto middle = std::ssize(thing.workers);
    thing.workers.insert(thing.workers.end(), part.workers.begin(), part.workers.end());
    std::inplace_merge(thing.workers.begin(), thing.workers.begin() + middle, thing.workers.end());
  }
}

// Between the two in the middle where the count is even, rounded down.
std::int32_t median(std::vector<std::int32_t> values) {
  TALLY_ASSERT(!values.empty());
  std::sort(values.begin(), values.end());
  return std::midpoint(values[(values.size() - 1) / 2], values[values.size() / 2]);
}

// Of the four sides, not of width and height: so that sides which all drew alike stay where they are. The left one
// stays left of the right one, because it does so in each box.
Box middle_of(std::span<const Box> drawn) {
  std::vector<std::int32_t> left;
  std::vector<std::int32_t> top;
  std::vector<std::int32_t> right;
  std::vector<std::int32_t> bottom;
  for (const Box& box : drawn) {
    left.push_back(box.x);
    top.push_back(box.y);
    right.push_back(box.x + box.width);
    bottom.push_back(box.y + box.height);
  }
  const std::int32_t x = median(std::move(left));
  const std::int32_t y = median(std::move(top));
  return {x, y, median(std::move(right)) - x, median(std::move(bottom)) - y};
}

}  // namespace

bool is_valid(const Box& box) {
  const auto is_place = [](std::int32_t at) { return at >= -coordinate_max && at <= coordinate_max; };
  const auto is_side = [](std::int32_t side) { return side >= 1 && side <= coordinate_max; };
  return is_place(box.x) && is_place(box.y) && is_side(box.width) && is_side(box.height);
}

std::int64_t overlap_ppm(const Box& a, const Box& b) {
  TALLY_ASSERT(is_valid(a));
  TALLY_ASSERT(is_valid(b));
  const std::int64_t width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const std::int64_t height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const auto area = [](const Box& box) { return std::int64_t{box.width} * box.height; };
  return width * height * 1'000'000 / (area(a) + area(b) - width * height);
}

Outcome merge_boxes(std::span<const Answer> answers, std::int64_t overlap_ppm_min) {
  TALLY_ASSERT(overlap_ppm_min >= 1);
  TALLY_ASSERT(overlap_ppm_min <= 1'000'000);
  std::set<std::int32_t> workers;
  std::int64_t boxes = 0;
  for (const Answer& answer : answers) {
    workers.insert(answer.worker);
    boxes += std::ssize(answer.boxes);
    for (const Box& box : answer.boxes) TALLY_ASSERT(is_valid(box));
  }
  TALLY_ASSERT(boxes <= boxes_max);

  std::vector<Thing> things = things_drawn_alike(answers);
  unite(things, overlaps_of(things, overlap_ppm_min));
  Outcome outcome{.workers = std::ssize(workers), .boxes = {}};
  for (Thing& thing : things) {
    if (2 * std::ssize(thing.workers) <= outcome.workers) continue;
    outcome.boxes.push_back({middle_of(thing.drawn), std::move(thing.workers)});
  }
  std::sort(outcome.boxes.begin(), outcome.boxes.end(),
            [](const Merged& a, const Merged& b) { return std::tie(a.box, a.workers) < std::tie(b.box, b.workers); });
  return outcome;
}

}  // namespace tally::aggregation::boxes
