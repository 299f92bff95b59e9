#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/assert.h"

// How many items must be put in, left out or replaced to make one sequence from another (Levenshtein: Binary Codes
// Capable of Correcting Deletions, Insertions and Reversals, 1966), and which. Memory is linear in the lengths. Time is
// their length times the distance: only a band about the diagonal is looked at (Ukkonen: Algorithms for Approximate
// String Matching, 1985).
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

// By j: the distance from all of the first to the first j items of the second, if it is at most `band`; else something
// greater than `band`. Backwards: to the last j items.
template <typename IsSame>
std::vector<std::int64_t> banded_distances(const Pair& pair, std::int64_t band, bool is_backwards,
                                           const IsSame& is_same) {
  constexpr std::int64_t far = std::int64_t{1} << 40;  // Out of the band; more than any distance.
  std::vector<std::int64_t> row(static_cast<std::size_t>(pair.other_length) + 1, far);
  const auto at = [&row](std::int64_t j) -> std::int64_t& { return row[static_cast<std::size_t>(j)]; };
  const auto is_equal = [&](std::int64_t i, std::int64_t j) {
    return is_backwards ? is_same(pair.begin + pair.length - 1 - i, pair.other_begin + pair.other_length - 1 - j)
                        : is_same(pair.begin + i, pair.other_begin + j);
  };
  for (std::int64_t j = 0; j <= std::min(band, pair.other_length); ++j) at(j) = j;
  for (std::int64_t i = 1; i <= pair.length; ++i) {
    const std::int64_t first = std::max<std::int64_t>(i - band, 1);
    const std::int64_t last = std::min(i + band, pair.other_length);
    if (first > pair.other_length + 1) break;  // The band has left the row, and all of it is far.
    std::int64_t diagonal = at(first - 1);
    std::int64_t left = i <= band ? i : far;
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

template <typename IsSame>
std::int64_t edit_distance(std::int64_t length, std::int64_t other_length, const IsSame& is_same) {
  const Pair whole{0, length, 0, other_length};
  // What is found within the band is the distance. Twice as wide each time, so that the last try takes most of the
  // time.
  for (std::int64_t band = std::max(std::abs(length - other_length), std::int64_t{4});; band *= 2) {
    const std::int64_t found = banded_distances(whole, band, false, is_same).back();
    if (found <= band) return found;
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
    const std::vector<std::int64_t> to = banded_distances(before, cost, false, is_same);
    const std::vector<std::int64_t> from = banded_distances(after, cost, true, is_same);
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

template <typename IsSame>
std::vector<Edit> shortest_edits(std::int64_t length, std::int64_t other_length, const IsSame& is_same) {
  std::vector<Edit> edits;
  const Pair whole{0, length, 0, other_length};
  append_edits(whole, edit_distance(length, other_length, is_same), is_same, edits);
  return edits;
}

// In items; a word is a number here.
[[nodiscard]] std::int64_t edit_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b);
// In bytes.
[[nodiscard]] std::int64_t edit_distance(std::string_view a, std::string_view b);

struct WordErrors {
  std::int64_t errors = 0;
  std::int64_t words = 0;  // Of the truth.
};

// Words are runs of letters, digits and apostrophes, without regard to case: punctuation is no error. Bytes beyond
// ASCII count as letters and keep their case.
[[nodiscard]] WordErrors word_errors(std::string_view truth, std::string_view text);
// Errors by words of the truth; may be more than 1. A truth without words counts as one word.
[[nodiscard]] double word_error_rate(std::string_view truth, std::string_view text);

}  // namespace tally::aggregation::texts
