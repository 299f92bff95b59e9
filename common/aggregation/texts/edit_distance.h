#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/assert.h"

// Inside texts: how many items must be put in, left out or replaced to make one sequence from another (Levenshtein:
// Binary Codes Capable of Correcting Deletions, Insertions and Reversals, 1966), and which. Memory is linear in the
// lengths. Time is their length times the distance: only a band about the diagonal is looked at (Ukkonen: Algorithms
// for Approximate String Matching, 1985).
namespace tally::aggregation::texts {

enum class Edit : std::uint8_t {
  keep,       // An item of each sequence, the same.
  replace,    // An item of each sequence, not the same.
  leave_out,  // An item of the first that the second does not have.
  put_in,     // An item of the second that the first does not have.
};

// Two sequences, or parts of them. An item may be anything: `is_same(i, j)` tells whether item i of the first is item j
// of the second, by their numbers in the whole.
struct Pair {
  std::int64_t begin = 0;
  std::int64_t length = 0;
  std::int64_t other_begin = 0;
  std::int64_t other_length = 0;
};

// The places of the table of distances that a list of at most `cost` edits can pass: those whose numbers j - i, the
// diagonals, are from `first` to `last`.
struct Band {
  std::int64_t first = 0;
  std::int64_t last = 0;

  // REQUIRES a cost of at least the difference of the lengths.
  Band(const Pair& pair, std::int64_t cost) {
    // What one puts in beyond that difference, one must leave out again.
    const std::int64_t longer = pair.other_length - pair.length;
    const std::int64_t spare = (cost - std::abs(longer)) / 2;
    TALLY_ASSERT(cost >= std::abs(longer));
    first = std::min<std::int64_t>(longer, 0) - spare;
    last = std::max<std::int64_t>(longer, 0) + spare;
  }
};

// By j: the distance from all of the first to the first j items of the second, as far as the band tells; at least the
// distance, and maybe `far`. Backwards: to the last j items.
template <typename IsSame>
std::vector<std::int64_t> banded_distances(const Pair& pair, const Band& band, bool is_backwards,
                                           const IsSame& is_same) {
  constexpr std::int64_t far = std::int64_t{1} << 40;  // Out of the band; more than any distance.
  std::vector<std::int64_t> row(static_cast<std::size_t>(pair.other_length) + 1, far);
  const auto at = [&row](std::int64_t j) -> std::int64_t& { return row[static_cast<std::size_t>(j)]; };
  const auto is_equal = [&](std::int64_t i, std::int64_t j) {
    return is_backwards ? is_same(pair.begin + pair.length - 1 - i, pair.other_begin + pair.other_length - 1 - j)
                        : is_same(pair.begin + i, pair.other_begin + j);
  };
  for (std::int64_t j = 0; j <= std::min(band.last, pair.other_length); ++j) at(j) = j;
  for (std::int64_t i = 1; i <= pair.length; ++i) {
    const std::int64_t first = std::max<std::int64_t>(i + band.first, 1);
    const std::int64_t last = std::min(i + band.last, pair.other_length);
    if (first > pair.other_length + 1) break;  // The band has left the row, and all of it is far.
    std::int64_t diagonal = at(first - 1);
    std::int64_t left = i <= -band.first ? i : far;
    at(first - 1) = left;
    for (std::int64_t j = first; j <= last; ++j) {
      const std::int64_t above = at(j);
      left = std::min({diagonal + (is_equal(i - 1, j - 1) ? 0 : 1), above + 1, left + 1});
      at(j) = left;
      diagonal = above;
    }
  }
  return row;
}

// The distance, in items. Nothing where it is more than `most`.
template <typename IsSame>
std::optional<std::int64_t> distance_within(const Pair& pair, std::int64_t most, const IsSame& is_same) {
  const std::int64_t least = std::abs(pair.length - pair.other_length);
  if (least > most) return std::nullopt;
  // What is found to be at most the cost that the band is for, is the distance. Twice as wide each time, so that the
  // last try takes most of the time.
  for (std::int64_t cost = std::min(std::max(least, std::int64_t{4}), most);; cost = std::min(2 * cost, most)) {
    const std::int64_t found = banded_distances(pair, Band(pair, cost), false, is_same).back();
    if (found <= cost) return found;
    if (cost == most) return std::nullopt;
  }
}

// Appends a shortest list of edits, in order. REQUIRES `cost` to be the distance.
template <typename IsSame>
void append_edits(const Pair& pair, std::int64_t cost, const IsSame& is_same, std::vector<Edit>& edits) {
  const auto append = [&edits](std::int64_t count, Edit edit) {
    edits.insert(edits.end(), static_cast<std::size_t>(count), edit);
  };
  if (cost == 0) return append(pair.length, Edit::keep);
  if (pair.length == 0) return append(pair.other_length, Edit::put_in);
  if (pair.other_length == 0) return append(pair.length, Edit::leave_out);
  if (pair.length == 1) {
    std::int64_t j = 0;
    while (j < pair.other_length && !is_same(pair.begin, pair.other_begin + j)) ++j;
    const bool is_kept = j < pair.other_length;
    if (!is_kept) j = 0;
    append(j, Edit::put_in);
    append(1, is_kept ? Edit::keep : Edit::replace);
    return append(pair.other_length - j - 1, Edit::put_in);
  }

  // Half of the first goes with some part of the second: the one for which the distances of the halves add up to the
  // least (Hirschberg: A Linear Space Algorithm for Computing Maximal Common Subsequences, 1975).
  Pair before{pair.begin, pair.length / 2, pair.other_begin, pair.other_length};
  Pair after{pair.begin + before.length, pair.length - before.length, pair.other_begin, pair.other_length};
  std::int64_t cost_before = 0;
  {
    const Band band(pair, cost);  // Turned round it is the same one.
    const std::vector<std::int64_t> to = banded_distances(before, band, false, is_same);
    const std::vector<std::int64_t> from = banded_distances(after, band, true, is_same);
    std::size_t best = 0;
    for (std::size_t j = 1; j < to.size(); ++j) {
      if (to[j] + from[to.size() - 1 - j] < to[best] + from[to.size() - 1 - best]) best = j;
    }
    TALLY_ASSERT(to[best] + from[to.size() - 1 - best] == cost);
    before.other_length = static_cast<std::int64_t>(best);
    cost_before = to[best];
  }
  after.other_begin += before.other_length;
  after.other_length -= before.other_length;
  append_edits(before, cost_before, is_same, edits);
  append_edits(after, cost - cost_before, is_same, edits);
}

}  // namespace tally::aggregation::texts
