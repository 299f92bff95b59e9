// Two texts laid over each other: by the shortest list of edits where that is affordable, and by some list within a
// bounded amount of work where it is not.
#include "common/aggregation/texts/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "common/aggregation/texts/texts.h"

using namespace tally::aggregation::texts;

namespace {

using Words = std::vector<std::int32_t>;

// As many words as a text can have: of one letter, each with a space behind it.
constexpr std::size_t words_max = text_bytes_max / 2;

template <typename Sequence>
std::int64_t exact_distance(const Sequence& a, const Sequence& b) {
  const auto is_same = [&](std::int64_t i, std::int64_t j) {
    return a[static_cast<std::size_t>(i)] == b[static_cast<std::size_t>(j)];
  };
  return distance_within({0, std::ssize(a), 0, std::ssize(b)}, std::max(std::ssize(a), std::ssize(b)), is_same).value();
}

std::int64_t distance_of(std::string_view a, std::string_view b) { return exact_distance(a, b); }

// The whole table, as in the definition.
std::int64_t distance_by_table(const Words& a, const Words& b) {
  std::vector<std::vector<std::int64_t>> table(a.size() + 1, std::vector<std::int64_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = static_cast<std::int64_t>(i + j);
        continue;
      }
      const std::int64_t replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] = std::min({replaced, table[i - 1][j] + 1, table[i][j - 1] + 1});
    }
  }
  return table[a.size()][b.size()];
}

Words any_words(std::mt19937_64& random, std::size_t count, std::uint64_t language, std::int32_t first = 0) {
  Words words(count);
  for (std::int32_t& word : words) word = first + static_cast<std::int32_t>(random() % language);
  return words;
}

// As in a language: half of the words are a few, and of the rest most are rare.
Words any_speech(std::mt19937_64& random, std::size_t count) {
  Words words(count);
  for (std::int32_t& word : words) {
    word = static_cast<std::int32_t>(std::pow(20'000, static_cast<double>(random() % 1'000'000) / 1e6));
  }
  return words;
}

Words with_mistakes(const Words& words, std::mt19937_64& random, std::uint64_t one_in) {
  Words written;
  for (const std::int32_t word : words) {
    const std::uint64_t kind = random() % one_in == 0 ? random() % 3 : 3;
    if (kind == 1 || kind == 3) written.push_back(word);
    if (kind == 1 || kind == 2) written.push_back(20'001 + static_cast<std::int32_t>(random() % 5));
  }
  return written;
}

// Whether the edits make b from a, and are as many as it says.
bool is_list_for(const Comparison& found, const Words& a, const Words& b) {
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  std::int64_t changes = 0;
  for (const Edit edit : found.edits) {
    if (edit != Edit::put_in && at_a == a.size()) return false;
    if (edit != Edit::leave_out && at_b == b.size()) return false;
    if (edit == Edit::keep && a[at_a] != b[at_b]) return false;
    if (edit != Edit::keep) ++changes;
    if (edit != Edit::put_in) ++at_a;
    if (edit != Edit::leave_out) ++at_b;
  }
  return at_a == a.size() && at_b == b.size() && changes == found.distance;
}

}  // namespace

TEST_CASE("distances of well-known pairs") {
  CHECK(distance_of("kitten", "sitting") == 3);
  CHECK(distance_of("saturday", "sunday") == 3);
  CHECK(distance_of("", "abc") == 3);
  CHECK(distance_of("abc", "") == 3);
  CHECK(distance_of("", "") == 0);
  CHECK(distance_of("intention", "execution") == 5);
}

TEST_CASE("distances and lists of edits are those of the whole table") {
  std::mt19937_64 random(6);
  for (int i = 0; i < 3'000; ++i) {
    const std::uint64_t language = 1 + random() % 6;
    const Words a = any_words(random, random() % 30, language);
    const Words b = any_words(random, random() % 30, language);
    const std::int64_t distance = distance_by_table(a, b);
    const Comparison found = compare(PlainWords(a), b, true);
    REQUIRE(found.is_exact);
    REQUIRE(found.distance == distance);
    REQUIRE(is_list_for(found, a, b));
    REQUIRE(compare(PlainWords(a), b, false).distance == distance);
    REQUIRE(compare(PlainWords(a), b, false).edits.empty());
  }
}

TEST_CASE("a distance is found with a limit of itself, and with no limit below") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1'000; ++i) {
    const Words a = any_words(random, random() % 30, 3);
    const Words b = any_words(random, random() % 30, 3);
    const auto is_same = [&](std::int64_t j, std::int64_t k) {
      return a[static_cast<std::size_t>(j)] == b[static_cast<std::size_t>(k)];
    };
    const Pair whole{0, std::ssize(a), 0, std::ssize(b)};
    const std::int64_t distance = distance_by_table(a, b);
    for (std::int64_t most = 0; most < 40; ++most) {
      REQUIRE(distance_within(whole, most, is_same) == (most < distance ? std::nullopt : std::optional(distance)));
    }
  }
}

TEST_CASE("sequences of a hundred thousand items are compared in memory of their length") {
  std::string a(100'000, 'a');
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>('a' + i * i % 23);
  std::string b = a;
  b.erase(50'000, 10);
  b.insert(90'000, "----------");
  b[7] = '-';
  CHECK(distance_of(a, b) == 21);
}

TEST_CASE("the longest rising anchors are found") {
  const auto rising = [](const std::vector<std::int64_t>& others) {
    std::vector<Anchor> anchors;
    anchors.reserve(others.size());
    for (const std::int64_t at : others) anchors.push_back({std::ssize(anchors), at});
    std::vector<std::int64_t> found;
    for (const Anchor& anchor : longest_rising(anchors)) found.push_back(anchor.other_at);
    return found;
  };
  CHECK(rising({}).empty());
  CHECK(rising({4}) == std::vector<std::int64_t>{4});
  CHECK(rising({3, 2, 1}).size() == 1);
  CHECK(rising({9, 1, 8, 2, 3, 7, 0}) == std::vector<std::int64_t>{1, 2, 3, 7});
}

TEST_CASE("texts of 1,448 words are compared exactly, however unlike, and longer ones where they are alike") {
  std::mt19937_64 random(8);
  const Comparison unlike =
      compare(PlainWords(any_words(random, 1'448, 100)), any_words(random, 1'448, 100, 100), true);
  CHECK(unlike.is_exact);
  CHECK(unlike.distance == 1'448);
  CHECK(unlike.cells <= comparison_cells_max);

  const Words speech = any_speech(random, 20'000);
  const Words written = with_mistakes(speech, random, 300);
  const Comparison alike = compare(PlainWords(speech), written, true);
  CHECK(alike.is_exact);
  CHECK(alike.distance > 30);
  CHECK(alike.distance == exact_distance(speech, written));
  CHECK_FALSE(compare(PlainWords(any_words(random, 1'449, 100)), any_words(random, 1'449, 100, 100), true).is_exact);
}

TEST_CASE("the work of a comparison is bounded for the worst texts of the greatest size") {
  std::mt19937_64 random(9);
  Words rising(words_max);
  std::iota(rising.begin(), rising.end(), 0);
  const Words falling(rising.rbegin(), rising.rend());
  Words shuffled = rising;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  // What stands once in each is as seldom as it can be without the pieces between being too long to compare.
  Words pieces = any_words(random, words_max, 2);
  Words other_pieces = any_words(random, words_max, 2, 2);
  for (std::size_t i = 45; i < words_max; i += 46) pieces[i] = other_pieces[i] = static_cast<std::int32_t>(i + 10);
  const std::vector<std::pair<Words, Words>> worst{
      {any_words(random, words_max, 1'000), any_words(random, words_max, 1'000, 1'000)},  // Nothing in common.
      {any_words(random, words_max, 2), any_words(random, words_max, 2)},
      {any_words(random, words_max, 50), any_words(random, words_max, 50)},
      {any_words(random, words_max, 30'000), any_words(random, words_max, 30'000)},
      {any_words(random, words_max, 2), any_words(random, words_max / 2, 2)},
      {any_words(random, words_max, 1), any_words(random, 1, 1, 1)},
      {rising, falling},
      {rising, shuffled},
      {pieces, other_pieces},
      {any_words(random, words_max, 1), {}},
  };
  for (const auto& [a, b] : worst) {
    const Comparison found = compare(PlainWords(a), b, true);
    CHECK(found.cells <= comparison_cells_max);
    CHECK(is_list_for(found, a, b));
    CHECK(found.distance <= std::max(std::ssize(a), std::ssize(b)));
  }
}

TEST_CASE("a text with several words at a place is laid over another one, however long") {
  // At each place a word of two texts that share nothing, each of which stands but once.
  struct TwoTexts {
    [[nodiscard]] std::int64_t size() const { return 5'000; }
    [[nodiscard]] bool has(std::int64_t place, std::int32_t word) const {
      return word == place || word == place + 5'000;
    }
    void for_each_word(std::int64_t place, const std::function<void(std::int32_t)>& work) const {
      work(static_cast<std::int32_t>(place));
      work(static_cast<std::int32_t>(place + 5'000));
    }
  };
  std::mt19937_64 random(11);
  for (int i = 0; i < 5; ++i) {
    Words other(10'000);
    std::iota(other.begin(), other.end(), 0);
    std::shuffle(other.begin(), other.end(), random);
    const Comparison found = compare(TwoTexts(), other, true);
    CHECK(found.distance <= 10'000);
    CHECK(found.cells <= comparison_cells_max);
    const auto places =
        std::count_if(found.edits.begin(), found.edits.end(), [](Edit edit) { return edit != Edit::put_in; });
    CHECK(places == 5'000);
    CHECK(std::ssize(found.edits) - std::count(found.edits.begin(), found.edits.end(), Edit::leave_out) == 10'000);
  }
}

TEST_CASE("long texts with many mistakes are laid over each other nearly as well as can be") {
  std::mt19937_64 random(10);
  const Words speech = any_speech(random, 10'000);
  Words written = with_mistakes(speech, random, 12);
  // A passage is missing.
  written.erase(written.begin() + 4'000, written.begin() + 4'500);
  const Comparison found = compare(PlainWords(speech), written, true);
  CHECK_FALSE(found.is_exact);
  CHECK(is_list_for(found, speech, written));
  const std::int64_t exact = exact_distance(speech, written);
  CHECK(exact > 1'000);
  CHECK(found.distance >= exact);
  CHECK(static_cast<double>(found.distance) <= 1.01 * static_cast<double>(exact));
}
