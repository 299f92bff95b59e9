// What holds for every method that ranks items from pairs. A new one is in the registry, and so in here.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <catch2/catch.hpp>

#include "common/aggregation/pairs/method.h"
#include "tests/common/aggregation/crowd.h"

using namespace tally::aggregation::pairs;
using namespace tally::test;

namespace {

struct Made {
  PreferenceTable::Size size;
  std::vector<Preference> preferences;
  std::vector<double> truth;  // By item: its score.

  [[nodiscard]] PreferenceTable table() const { return {size, preferences}; }
};

// Items of evenly spread scores, that workers of the given reliabilities compare by chance.
Made any_contests(std::mt19937_64& random, std::int32_t items, std::int32_t count, double spread,
                  const std::vector<double>& reliability) {
  Made made{{items, static_cast<std::int32_t>(reliability.size())}, {}, {}};
  for (std::int32_t item = 0; item < items; ++item) {
    made.truth.push_back(spread * (item - (items - 1) / 2.0) / std::max(items - 1, 1));
  }
  std::shuffle(made.truth.begin(), made.truth.end(), random);
  while (std::ssize(made.preferences) < count) {
    Preference said{below(random, made.size.workers), below(random, items), below(random, items)};
    if (said.better == said.worse) continue;
    const double difference =
        made.truth[static_cast<std::size_t>(said.better)] - made.truth[static_cast<std::size_t>(said.worse)];
    const bool is_so = share(random) < 1 / (1 + std::exp(-difference));
    const bool is_reported = share(random) < reliability[static_cast<std::size_t>(said.worker)];
    if (is_so != is_reported) std::swap(said.better, said.worse);
    made.preferences.push_back(said);
  }
  return made;
}

Made small_contests(std::mt19937_64& random) {
  return any_contests(random, 2 + below(random, 8), 1 + below(random, 60), 3, {0.9, 0.8, 0.6});
}

Ranking rank(const Method& method, const Made& made, const Settings& settings = {}) {
  return method.rank(made.table(), settings);
}

// Of all pairs of items, the share that is in the true order (Kendall).
double share_in_order(const Ranking& ranking, const Made& made) {
  std::int64_t right = 0;
  std::int64_t pairs = 0;
  for (std::size_t i = 0; i < ranking.order.size(); ++i) {
    for (std::size_t j = i + 1; j < ranking.order.size(); ++j) {
      const auto better = static_cast<std::size_t>(ranking.order[i]);
      const auto worse = static_cast<std::size_t>(ranking.order[j]);
      right += made.truth[better] > made.truth[worse] ? 1 : 0;
      ++pairs;
    }
  }
  return static_cast<double>(right) / static_cast<double>(pairs);
}

Approx near(double value) { return Approx(value).margin(1e-5); }

// Hunter's iteration as the paper has it, with the prior's item held at a strength of 1. Slow and sure.
std::vector<double> scores_by_hunter(const Made& made, double prior) {
  std::vector<double> strength(static_cast<std::size_t>(made.size.items), 1.0);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<double> wins(strength.size(), prior);
    std::vector<double> expected;
    expected.reserve(strength.size());
    for (const double of_item : strength) expected.push_back(2 * prior / (of_item + 1));
    for (const Preference& preference : made.preferences) {
      const auto better = static_cast<std::size_t>(preference.better);
      const auto worse = static_cast<std::size_t>(preference.worse);
      wins[better] += 1;
      expected[better] += 1 / (strength[better] + strength[worse]);
      expected[worse] += 1 / (strength[better] + strength[worse]);
    }
    for (std::size_t item = 0; item < strength.size(); ++item) strength[item] = wins[item] / expected[item];
  }
  double mean = 0;
  for (double& of_item : strength) {
    of_item = std::log(of_item);
    mean += of_item / static_cast<double>(strength.size());
  }
  for (double& of_item : strength) of_item -= mean;
  return strength;
}

}  // namespace

TEST_CASE("a ranking does not see the order of the preferences, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(1);
    for (int i = 0; i < 30; ++i) {
      Made made = small_contests(random);
      const Ranking before = rank(*method, made);
      std::shuffle(made.preferences.begin(), made.preferences.end(), random);
      const Ranking after = rank(*method, made);
      REQUIRE(after.score == before.score);
      REQUIRE(after.standard_error == before.standard_error);
      REQUIRE(after.order == before.order);
      REQUIRE(after.reliability == before.reliability);
    }
  }
}

TEST_CASE("a ranking does not see how items and workers are numbered") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(2);
    for (int i = 0; i < 30; ++i) {
      const Made made = small_contests(random);
      const auto item_of = shuffled(made.size.items, random);
      const auto worker_of = shuffled(made.size.workers, random);
      Made renamed = made;
      for (Preference& preference : renamed.preferences) {
        preference.better = item_of[static_cast<std::size_t>(preference.better)];
        preference.worse = item_of[static_cast<std::size_t>(preference.worse)];
        preference.worker = worker_of[static_cast<std::size_t>(preference.worker)];
      }
      const Ranking before = rank(*method, made);
      const Ranking after = rank(*method, renamed);
      for (std::size_t item = 0; item < before.score.size(); ++item) {
        const auto other = static_cast<std::size_t>(item_of[item]);
        REQUIRE(after.score[other] == near(before.score[item]));
        REQUIRE(after.standard_error[other] == near(before.standard_error[item]));
      }
      for (std::size_t worker = 0; worker < before.reliability.size(); ++worker) {
        REQUIRE(after.reliability[static_cast<std::size_t>(worker_of[worker])] == near(before.reliability[worker]));
      }
    }
  }
}

TEST_CASE("with all preferences turned round the scores are turned round") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(3);
    for (int i = 0; i < 30; ++i) {
      const Made made = small_contests(random);
      Made turned = made;
      for (Preference& preference : turned.preferences) std::swap(preference.better, preference.worse);
      const Ranking before = rank(*method, made);
      const Ranking after = rank(*method, turned);
      for (std::size_t item = 0; item < before.score.size(); ++item) {
        REQUIRE(after.score[item] == near(-before.score[item]));
      }
    }
  }
}

TEST_CASE("scores have the mean 0 and finite errors, and the order has every item once, the best first") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(4);
    for (int i = 0; i < 30; ++i) {
      const Made made = small_contests(random);
      const Ranking found = rank(*method, made);
      REQUIRE(std::accumulate(found.score.begin(), found.score.end(), 0.0) == near(0));
      for (const double error : found.standard_error) REQUIRE((error > 0 && std::isfinite(error)));
      for (std::size_t place = 1; place < found.order.size(); ++place) {
        const double before = found.score[static_cast<std::size_t>(found.order[place - 1])];
        REQUIRE(before >= found.score[static_cast<std::size_t>(found.order[place])] - 1e-5);
      }
      auto sorted = found.order;
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t item = 0; item < sorted.size(); ++item) REQUIRE(sorted[item] == std::int32_t(item));
    }
  }
}

TEST_CASE("nothing at all, one item, and items that nobody compared are ranked too") {
  for (const Method* method : methods()) {
    INFO(method->name);
    CHECK(rank(*method, {}).order.empty());
    const Ranking one = rank(*method, {{1, 1}, {}, {}});
    CHECK(one.order == std::vector<std::int32_t>{0});
    CHECK(one.score == std::vector<double>{0});
    const Ranking three = rank(*method, {{3, 2}, {}, {}});
    CHECK(three.order == std::vector<std::int32_t>{0, 1, 2});
    for (const double score : three.score) CHECK(score == near(0));
  }
}

TEST_CASE("after one preference the better item is first and the one nobody saw is between") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Ranking found = rank(*method, {{3, 1}, {{0, 2, 0}}, {}});
    CHECK(found.order == std::vector<std::int32_t>{2, 1, 0});
    CHECK(found.score[1] == near(0));
  }
}

TEST_CASE("items that won alike are alike, and are in the order of their numbers") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Ranking each_once = rank(*method, {{2, 2}, {{0, 1, 0}, {1, 0, 1}}, {}});
    CHECK(each_once.order == std::vector<std::int32_t>{0, 1});
    CHECK(each_once.score[0] == near(0));
    const Ranking in_a_circle = rank(*method, {{3, 1}, {{0, 0, 1}, {0, 1, 2}, {0, 2, 0}}, {}});
    CHECK(in_a_circle.order == std::vector<std::int32_t>{0, 1, 2});
    // Both others beat the first item, and not each other.
    const Ranking behind = rank(*method, {{3, 2}, {{0, 2, 0}, {1, 1, 0}}, {}});
    CHECK(behind.order == std::vector<std::int32_t>{1, 2, 0});
  }
}

TEST_CASE("items that were never beaten, and groups that never met, have finite scores") {
  for (const Method* method : methods()) {
    INFO(method->name);
    Made made{{5, 1}, {}, {}};
    for (int i = 0; i < 1000; ++i) {
      made.preferences.push_back({0, 0, 1});
      made.preferences.push_back({0, 1, 2});
      made.preferences.push_back({0, 3, 4});
    }
    const Ranking found = rank(*method, made);
    for (const double score : found.score) CHECK(std::abs(score) < 30);
    CHECK(found.score[0] > found.score[1]);
    CHECK(found.score[1] > found.score[2]);
    CHECK(found.score[3] > found.score[4]);
  }
}

TEST_CASE("the scores of two items are what a hand works out") {
  // Let u be the ratio of the winner's strength to the middle; the loser's is 1 / u. After one win the likelihood is
  // greatest where 1 / (1 + u^2) = prior * (u - 1) / (u + 1).
  const Method& method = *methods().find("bradley_terry");
  const Made one_win{{2, 1}, {{0, 1, 0}}, {}};
  CHECK(rank(method, one_win, {.prior = 0.6}).score[1] == near(std::log(2.0)));
  CHECK(rank(method, one_win, {.prior = 0.2}).score[1] == near(std::log(3.0)));

  // Without a prior the odds are those of the wins, and the variance of their logarithm is 1 / (n p (1 - p)). A score
  // is half of it away from the mean.
  Made many{{2, 1}, {}, {}};
  for (int i = 0; i < 100; ++i) many.preferences.push_back({0, i < 75 ? 0 : 1, i < 75 ? 1 : 0});
  const Ranking found = rank(method, many, {.prior = prior_min});
  CHECK(found.score[0] == near(std::log(3.0) / 2));
  CHECK(found.score[1] == near(-std::log(3.0) / 2));
  CHECK(found.standard_error[0] == near(0.5 / std::sqrt(100 * 0.75 * 0.25)));
  CHECK(found.standard_error[1] == near(found.standard_error[0]));
}

TEST_CASE("scores are what Hunter's iteration leads to") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 10; ++i) {
    const Made made = small_contests(random);
    const auto expected = scores_by_hunter(made, 0.5);
    const Ranking found = rank(*methods().find("bradley_terry"), made);
    for (std::size_t item = 0; item < expected.size(); ++item) REQUIRE(found.score[item] == near(expected[item]));
  }
}

TEST_CASE("the order of thirty items is recovered") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(6);
    for (int i = 0; i < 10; ++i) {
      const Made made = any_contests(random, 30, 6000, 6, std::vector<double>(10, 1.0));
      CHECK(share_in_order(rank(*method, made), made) > 0.97);
    }
  }
}

TEST_CASE("nineteen of twenty scores lie within two errors of the truth") {
  std::mt19937_64 random(9);
  int within = 0;
  for (int i = 0; i < 20; ++i) {
    const Made made = any_contests(random, 30, 6000, 6, {1});
    const Ranking found = rank(*methods().find("bradley_terry"), made);
    for (std::size_t item = 0; item < 30; ++item) {
      within += std::abs(found.score[item] - made.truth[item]) < 1.96 * found.standard_error[item] ? 1 : 0;
    }
  }
  CHECK(within > 600 * 93 / 100);
  CHECK(within < 600 * 97 / 100);
}

TEST_CASE("workers who guess or answer the wrong way round are told apart, and spoil no noisy ranking") {
  std::mt19937_64 random(7);
  std::vector<double> reliability(20, 0.95);
  for (std::size_t worker = 0; worker < 6; ++worker) reliability[worker] = 0.5;
  for (std::size_t worker = 6; worker < 10; ++worker) reliability[worker] = 0.05;
  const Made made = any_contests(random, 40, 4000, 8, reliability);
  const Ranking noisy = rank(*methods().find("noisy_bradley_terry"), made);
  const Ranking plain = rank(*methods().find("bradley_terry"), made);
  CHECK(plain.reliability.empty());
  REQUIRE(noisy.reliability.size() == 20);
  for (std::size_t worker = 0; worker < 20; ++worker) {
    CHECK(noisy.reliability[worker] == Approx(reliability[worker]).margin(0.12));
  }
  CHECK(share_in_order(noisy, made) > 0.96);
  CHECK(share_in_order(noisy, made) > share_in_order(plain, made));
}

TEST_CASE("a million preferences are ranked by every method, and most pairs of items rightly") {
  std::mt19937_64 random(8);
  const Made made = any_contests(random, items_exact_max + 1, 1'000'000, 6, std::vector<double>(100, 0.9));
  const PreferenceTable table = made.table();
  for (const Method* method : methods()) {
    INFO(method->name);
    // The noisy one goes on for hundreds of rounds until the last digits stand still; the order stands after ten.
    const Ranking found = method->rank(table, {.rounds_max = 20});
    CHECK(share_in_order(found, made) > 0.97);
    for (const double error : found.standard_error) REQUIRE((error > 0.02 && error < 0.2));
  }
}

TEST_CASE("errors of more items than are solved exactly are a little less than the exact ones") {
  std::mt19937_64 random(10);
  Made made = any_contests(random, 100, 20'000, 4, {1});
  const Ranking exact = rank(methods().preferred(), made);
  made.size.items = items_exact_max + 1;  // The others are never compared.
  const Ranking quick = rank(methods().preferred(), made);
  for (std::size_t item = 0; item < 100; ++item) {
    CHECK(quick.standard_error[item] < exact.standard_error[item] * 1.01);
    CHECK(quick.standard_error[item] > exact.standard_error[item] * 0.9);
  }
}

TEST_CASE("methods for pairs are found by their names, and Bradley and Terry's is for those who name none") {
  check_list(methods(), "bradley_terry");
}
