// The known answer of Dawid and Skene's model: their own example. A. P. Dawid, A. M. Skene, "Maximum likelihood
// estimation of observer error-rates using the EM algorithm", Applied Statistics 28 (1979) 20–28: the ratings of 45
// patients by five anaesthetists, and what the paper estimates from them, to two decimals.
#include <algorithm>
#include <array>
#include <string_view>

#include <catch2/catch.hpp>

#include "tests/common/aggregation/labels_crowd.h"

using namespace tally::aggregation::labels;
using tally::test::Labelled;
using tally::test::row;

namespace {

// By patient: the first observer's three ratings, then one of each other observer.
constexpr std::array<std::string_view, 45> ratings{
    "1111111", "3334334", "1122122", "2223121", "2223222", "2223322", "1222111", "3333433", "2222223",
    "2322223", "4444444", "2223343", "1111111", "2223212", "1211111", "1112111", "1111111", "1111111",
    "2222221", "2221322", "2222222", "2222221", "2223222", "2212222", "1111111", "1111111", "2322222",
    "1111111", "1111111", "1121121", "1111111", "3333233", "1111111", "2222222", "2223232", "4334343",
    "2212232", "2323233", "3333432", "1111111", "1111111", "1212111", "2322222", "1211111", "2222222"};

using Row = std::array<double, 4>;

constexpr Row frequencies{0.40, 0.42, 0.11, 0.07};

// By observer and true class: how probable each rating is.
constexpr std::array<std::array<Row, 4>, 5> error_rates{{
    {{{0.89, 0.11, 0, 0}, {0.07, 0.88, 0.05, 0}, {0, 0.34, 0.66, 0}, {0, 0, 0.56, 0.44}}},
    {{{0.83, 0.17, 0, 0}, {0.05, 0.63, 0.31, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}},
    {{{1, 0, 0, 0}, {0.11, 0.79, 0.11, 0}, {0, 0.40, 0.20, 0.40}, {0, 0, 0.67, 0.33}}},
    {{{0.94, 0.06, 0, 0}, {0.05, 0.84, 0.10, 0}, {0, 0, 0.80, 0.20}, {0, 0, 0.33, 0.67}}},
    {{{1, 0, 0, 0}, {0.16, 0.73, 0.11, 0}, {0, 0.21, 0.79, 0}, {0, 0, 0.33, 0.67}}},
}};

// By patient: the class that is probable; with a probability of 1.00 but for three patients.
constexpr std::string_view classes = "142222132243121111222222112111131224233111212";

Row published_belief(std::size_t patient) {
  if (patient + 1 == 7) return {0.98, 0.02, 0, 0};
  if (patient + 1 == 35) return {0, 0.95, 0.05, 0};
  if (patient + 1 == 38) return {0, 0.02, 0.98, 0};
  Row belief{};
  belief[static_cast<std::size_t>(classes[patient] - '1')] = 1;
  return belief;
}

Labelled patients() {
  Labelled made{{45, 5, 4}, {}};
  for (std::size_t patient = 0; patient < ratings.size(); ++patient) {
    for (std::int32_t i = 0; i < 7; ++i) {
      const std::int32_t rating = ratings[patient][static_cast<std::size_t>(i)] - '1';
      made.answers.push_back({static_cast<std::int32_t>(patient), std::max(i - 2, 0), rating});
    }
  }
  return made;
}

// Two decimals say no more.
Approx as_published(double value) { return Approx(value).margin(0.0051); }

}  // namespace

TEST_CASE("the patients of 1979 get the estimates that Dawid and Skene published") {
  static_assert(classes.size() == ratings.size());
  const Labelled made = patients();
  const Estimate found = tally::test::estimate(*methods().find("dawid_skene"), made);
  Row frequency{};
  for (std::size_t patient = 0; patient < ratings.size(); ++patient) {
    INFO("patient " << patient + 1);
    const auto belief = row(found, made, static_cast<std::int32_t>(patient));
    const Row published = published_belief(patient);
    for (std::size_t label = 0; label < 4; ++label) {
      CHECK(belief[label] == as_published(published[label]));
      frequency[label] += belief[label] / 45;
    }
  }
  for (std::size_t label = 0; label < 4; ++label) CHECK(frequency[label] == as_published(frequencies[label]));
}

TEST_CASE("the anaesthetists of 1979 get the error rates that Dawid and Skene published") {
  const Estimate found = tally::test::estimate(*methods().find("dawid_skene"), patients());
  for (std::size_t observer = 0; observer < 5; ++observer) {
    for (std::size_t label = 0; label < 4; ++label) {
      for (std::size_t given = 0; given < 4; ++given) {
        INFO("observer " << observer + 1 << ", true class " << label + 1 << ", rating " << given + 1);
        const double rate = found.confusion[(observer * 4 + given) * 4 + label];
        CHECK(rate == as_published(error_rates[observer][label][given]));
      }
    }
  }
}
