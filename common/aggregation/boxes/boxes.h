#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

// Boxes that several workers drew around the things in one picture: which of them mean the same thing, and where it
// is. Pure: the order of the answers and of their boxes changes nothing, nor do the workers' numbers. In integers.
namespace tally::aggregation::boxes {

inline constexpr std::int32_t coordinate_max = 1'000'000;  // So that what is computed of areas fits.
inline constexpr std::int64_t boxes_max = 3'000;           // Of a task. The time may grow with its square.

// From the column x to before x + width, from the row y to before y + height.
struct Box {
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
  friend auto operator<=>(const Box&, const Box&) = default;
};

// Whether x and y are from -coordinate_max to coordinate_max, and width and height from 1 to it.
[[nodiscard]] bool is_valid(const Box& box);

// How much of what two boxes cover together both of them cover, rounded down: 1'000'000 where they are the same, 0
// where they do not meet. REQUIRES valid boxes.
// Source: Jaccard, "The distribution of the flora in the alpine zone", 1912.
[[nodiscard]] std::int64_t overlap_ppm(const Box& a, const Box& b);

// What a worker drew for the task, maybe nothing; borrowed for one call. A worker with several answers drew all their
// boxes; a box that a worker drew twice is one.
struct Answer {
  std::int32_t worker = 0;
  std::span<const Box> boxes;
};

struct Merged {
  Box box;                            // Each side lies in the middle of those drawn.
  std::vector<std::int32_t> workers;  // Who drew it, rising.
};

struct Outcome {
  std::int64_t workers = 0;   // Who answered.
  std::vector<Merged> boxes;  // That more than half of them drew, in the order of Box.
};

// The boxes of a task, put together from the pair that overlaps most to pairs that overlap by just `overlap_ppm_min`.
// A thing takes one box of a worker at most. A box need not overlap with all others of its thing.
// Sources: single-linkage clustering from the nearest pair on, J. C. Gower, G. J. S. Ross, "Minimum spanning trees and
// single linkage cluster analysis", Applied Statistics 18 (1969) 54–64; that some may not be in one cluster, here two
// boxes of a worker: K. Wagstaff, C. Cardie, "Clustering with instance-level constraints", 2000.
// REQUIRES an overlap_ppm_min from 1 to 1'000'000, valid boxes, and at most boxes_max of them.
[[nodiscard]] Outcome merge_boxes(std::span<const Answer> answers, std::int64_t overlap_ppm_min = 500'000);

}  // namespace tally::aggregation::boxes
