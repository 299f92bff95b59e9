#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/texts/edit_distance.h"

// Inside texts: two texts laid over each other word by word, in bounded time, whatever they say.
//
// As long as a table of exact_cells_max cells is enough the edits are a shortest list. That is where the longer one's
// words times the distance are at most that number; so always up to 1,448 words. Texts that are longer and further
// apart are cut at the words that stand once in each of them, as far as these are in the same order (Bram Cohen's
// patience diff), pieces again likewise, and pieces of piece_cells_max cells or less are compared exactly. Pieces that
// are longer and have no such word are laid over each other as they stand. The edits are then a list that makes one
// text from the other, but there may be a shorter one.
namespace tally::aggregation::texts {

inline constexpr std::int64_t exact_cells_max = std::int64_t{1} << 21;
inline constexpr std::int64_t piece_cells_max = std::int64_t{1} << 11;
inline constexpr int cuts_max = 4;  // How many times pieces are cut into pieces.

// The most cells that one comparison of texts of text_bytes_max looks at. Until the exact distance is known, or given
// up, it is three tables; the shortest list takes two more. Pieces have 45 words by 45 at most on average, so 50,000
// words of them take less than seven. Of k texts that lie over each other already there may be k times the places of
// one, which takes the root of k times as much.
inline constexpr std::int64_t comparison_cells_max = 10 * exact_cells_max;

struct Comparison {
  std::int64_t distance = 0;  // Edits that are not `keep`.
  bool is_exact = true;       // Whether there is no shorter list.
  std::int64_t cells = 0;     // Pairs of words that were looked at: the work.
  std::vector<Edit> edits;    // In order, where they were asked for.
};

// What several comparisons took together.
struct Effort {
  bool is_exact = true;
  std::int64_t cells = 0;

  void add(const Comparison& comparison) {
    is_exact = is_exact && comparison.is_exact;
    cells += comparison.cells;
  }
};

// A word that stands once in each text.
struct Anchor {
  std::int64_t at = 0;
  std::int64_t other_at = 0;
};

// As many as can be had that rise in both texts. REQUIRES them to rise in the first.
[[nodiscard]] std::vector<Anchor> longest_rising(std::span<const Anchor> anchors);

// Where a text is words, one at each place.
class PlainWords {
 public:
  explicit PlainWords(std::span<const std::int32_t> words) : words_(words) {}
  [[nodiscard]] std::int64_t size() const { return std::ssize(words_); }
  [[nodiscard]] bool has(std::int64_t place, std::int32_t word) const {
    return words_[static_cast<std::size_t>(place)] == word;
  }
  template <typename Work>
  void for_each_word(std::int64_t place, const Work& work) const {
    work(words_[static_cast<std::size_t>(place)]);
  }

 private:
  std::span<const std::int32_t> words_;
};

// One comparison. `First` is like PlainWords, but may have several words at a place, each of which is the same as that
// word of the other text.
template <typename First>
class Comparing {
 public:
  Comparing(const First& first, std::span<const std::int32_t> other)
      : first_(first), other_(other), is_same_{first, other, found_.cells} {}
  Comparing(const Comparing&) = delete;
  Comparing& operator=(const Comparing&) = delete;

  Comparison run(bool wants_edits) {
    const Pair whole{0, first_.size(), 0, std::ssize(other_)};
    const std::int64_t longer = std::max({whole.length, whole.other_length, std::int64_t{1}});
    const auto distance = distance_within(whole, std::min(longer, exact_cells_max / longer), is_same_);
    if (distance) {
      found_.distance = *distance;
      if (wants_edits) append_edits(whole, *distance, is_same_, found_.edits);
      return std::move(found_);
    }
    found_.is_exact = false;
    append_roughly(whole, 0);
    found_.distance = changes_since(0);
    if (!wants_edits) found_.edits.clear();
    return std::move(found_);
  }

 private:
  struct IsSame {
    const First& first;
    std::span<const std::int32_t> other;
    std::int64_t& cells;
    bool operator()(std::int64_t i, std::int64_t j) const {
      ++cells;
      return first.has(i, other[static_cast<std::size_t>(j)]);
    }
  };

  struct Seen {
    std::int32_t count = 0;
    std::int32_t other_count = 0;
    std::int64_t other_at = 0;
  };

  void append(std::int64_t count, Edit edit) {
    found_.edits.insert(found_.edits.end(), static_cast<std::size_t>(count), edit);
  }

  void append_roughly(Pair pair, int cuts) {
    const auto is_rest = [&] { return pair.length > 0 && pair.other_length > 0; };
    for (; is_rest() && is_same_(pair.begin, pair.other_begin); --pair.length, --pair.other_length) {
      append(1, Edit::keep);
      ++pair.begin;
      ++pair.other_begin;
    }
    std::int64_t end = 0;
    for (; is_rest() && is_same_(pair.begin + pair.length - 1, pair.other_begin + pair.other_length - 1); ++end) {
      --pair.length;
      --pair.other_length;
    }
    append_middle(pair, cuts);
    append(end, Edit::keep);
  }

  void append_middle(const Pair& pair, int cuts) {
    if (pair.length * pair.other_length <= piece_cells_max) {
      const auto distance = distance_within(pair, std::max(pair.length, pair.other_length), is_same_);
      return append_edits(pair, *distance, is_same_, found_.edits);
    }
    const std::vector<Anchor> anchors = cuts < cuts_max ? longest_rising(anchors_in(pair)) : std::vector<Anchor>();
    if (anchors.empty()) return append_as_it_stands(pair);
    const std::int64_t start = std::ssize(found_.edits);
    Pair rest = pair;
    for (const Anchor& anchor : anchors) {
      const std::int64_t before = anchor.at - rest.begin;
      const std::int64_t other_before = anchor.other_at - rest.other_begin;
      append_roughly({rest.begin, before, rest.other_begin, other_before}, cuts + 1);
      append(1, Edit::keep);
      rest = {anchor.at + 1, rest.length - before - 1, anchor.other_at + 1, rest.other_length - other_before - 1};
    }
    append_roughly(rest, cuts + 1);
    // Words that stand in both by chance can tear apart what might have been replaced word by word.
    if (changes_since(start) <= std::max(pair.length, pair.other_length)) return;
    found_.edits.resize(static_cast<std::size_t>(start));
    append_as_it_stands(pair);
  }

  [[nodiscard]] std::int64_t changes_since(std::int64_t edit) const {
    return std::count_if(found_.edits.begin() + edit, found_.edits.end(), [](Edit one) { return one != Edit::keep; });
  }

  void append_as_it_stands(const Pair& pair) {
    const std::int64_t both = std::min(pair.length, pair.other_length);
    for (std::int64_t i = 0; i < both; ++i) {
      append(1, is_same_(pair.begin + i, pair.other_begin + i) ? Edit::keep : Edit::replace);
    }
    append(pair.length - both, Edit::leave_out);
    append(pair.other_length - both, Edit::put_in);
  }

  // Each word that stands once in each, as they follow each other in the first.
  std::vector<Anchor> anchors_in(const Pair& pair) {
    const auto for_each_of_first = [&](const auto& work) {
      for (std::int64_t at = pair.begin; at < pair.begin + pair.length; ++at) {
        first_.for_each_word(at, [&](std::int32_t word) { work(seen_of(word), at); });
      }
    };
    const auto for_each_of_other = [&](const auto& work) {
      for (std::int64_t at = pair.other_begin; at < pair.other_begin + pair.other_length; ++at) {
        work(seen_of(other_[static_cast<std::size_t>(at)]), at);
      }
    };
    for_each_of_first([](Seen& seen, std::int64_t) { ++seen.count; });
    for_each_of_other([](Seen& seen, std::int64_t at) {
      ++seen.other_count;
      seen.other_at = at;
    });
    std::vector<Anchor> anchors;
    for_each_of_first([&](const Seen& seen, std::int64_t at) {
      // Of several words at a place one is enough.
      if (!anchors.empty() && anchors.back().at == at) return;
      if (seen.count == 1 && seen.other_count == 1) anchors.push_back({at, seen.other_at});
    });
    for_each_of_first([](Seen& seen, std::int64_t) { seen = {}; });
    for_each_of_other([](Seen& seen, std::int64_t) { seen = {}; });
    return anchors;
  }

  Seen& seen_of(std::int32_t word) {
    const auto no = static_cast<std::size_t>(word);
    if (no >= seen_.size()) seen_.resize(no + 1);
    return seen_[no];
  }

  const First& first_;
  std::span<const std::int32_t> other_;
  Comparison found_;
  IsSame is_same_;
  std::vector<Seen> seen_;  // By word; nothing but while anchors are looked for.
};

template <typename First>
[[nodiscard]] Comparison compare(const First& first, std::span<const std::int32_t> other, bool wants_edits) {
  return Comparing<First>(first, other).run(wants_edits);
}

}  // namespace tally::aggregation::texts
