#include "common/aggregation/conduct/pairs.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "common/aggregation/conduct/outside.h"
#include "common/aggregation/conduct/tails.h"

namespace tally::aggregation::conduct {
namespace {

constexpr std::int64_t outside_min = 2;  // One who differs from both may as well be the one who errs.
constexpr double share_max = 0.99;

// What the bulk of pairs is like, of which sums are enough: a pair can be taken out again.
struct Bulk {
  double wrong = 0;
  double expected = 0;
  double wrong_squared = 0;
  double wrong_expected = 0;
  double expected_squared = 0;

  void add(const Pair& pair, int sign) {
    const auto wrong_of_pair = static_cast<double>(pair.agreed_wrong);
    wrong += sign * wrong_of_pair;
    expected += sign * pair.expected;
    wrong_squared += sign * wrong_of_pair * wrong_of_pair;
    wrong_expected += sign * wrong_of_pair * pair.expected;
    expected_squared += sign * pair.expected * pair.expected;
  }

  // By moments: the mean is excess × expected, the variance beyond Poisson's is dispersion × its square.
  [[nodiscard]] PairNull null() const {
    PairNull null;
    if (expected <= 0) return null;
    null.excess = std::max(1.0, wrong / expected);
    const double squares =
        wrong_squared - 2 * null.excess * wrong_expected + null.excess * null.excess * expected_squared;
    const double means_squared = null.excess * null.excess * expected_squared;
    null.dispersion = std::max(0.0, (squares - null.excess * expected) / means_squared);
    return null;
  }
};

double log10_p_of(const Pair& pair, const PairNull& null) {
  const double mean = null.excess * pair.expected;
  if (null.dispersion >= dispersion_min) return log10_count_or_more(pair.agreed_wrong, mean, null.dispersion);
  // Its variance is that of tasks that are all alike, which is no less than that of any others with this mean.
  const double share = std::min(mean / static_cast<double>(pair.shared), share_max);
  return log10_binomial_or_more(pair.agreed_wrong, pair.shared, share);
}

std::int64_t wrong_max(const Pair& pair) { return std::max(pair.wrong_of_first, pair.wrong_of_second); }

// Walks the pairs of one worker after the other, so that what is kept at a time is one pair for each other worker.
class PairWalk {
 public:
  PairWalk(const AnswerRows& rows, const ConfusionRows& tables, std::span<const std::int32_t> gold, const Links& links)
      : rows_(rows), gold_(gold), links_(links), outside_(tables), with_(at(rows.workers())) {}

  void run() {
    for (std::int32_t worker = 0; worker < rows_.workers(); ++worker) {
      for (const std::uint32_t place : rows_.of_worker(worker)) compare(rows_.all()[place]);
      finish();
    }
  }

  std::int64_t tested = 0;
  Bulk bulk;                   // Without linked pairs: a ring must not hide itself in the measure of the crowd.
  std::vector<Pair> suspects;  // Those that can be found at all.

 private:
  // The worker's answer with those of all who come later.
  void compare(const Row& own) {
    const auto of_task = rows_.of_task(own.task);
    if (std::ssize(of_task) > pair_answers_of_task_max) return;
    outside_.clear();
    for (const Row& row : of_task) {
      if (is_outside_of(own, row)) outside_.add(row);
    }
    for (const Row& other : of_task) {
      if (other.worker <= own.worker) continue;
      take_side_of(other, own, of_task);
      compare(own, other);
      put_back_side_of(other, own, of_task);
    }
  }

  [[nodiscard]] bool is_outside_of(const Row& own, const Row& row) const {
    return row.worker != own.worker && !links_.are_linked(own.worker, row.worker);
  }
  [[nodiscard]] bool is_only_on_side_of(const Row& other, const Row& own, const Row& row) const {
    return !is_outside_of(other, row) && is_outside_of(own, row);
  }
  void take_side_of(const Row& other, const Row& own, std::span<const Row> of_task) {
    for (const Row& row : of_task) {
      if (is_only_on_side_of(other, own, row)) outside_.take(row);
    }
  }
  void put_back_side_of(const Row& other, const Row& own, std::span<const Row> of_task) {
    for (const Row& row : of_task) {
      if (is_only_on_side_of(other, own, row)) outside_.add(row);
    }
  }

  void compare(const Row& own, const Row& other) {
    const std::int32_t known = label_of(gold_, own.task);
    if (known != labels::unknown) {
      outside_.believe(known);
    } else if (outside_.answers() >= outside_min) {
      outside_.believe();
    } else {
      return;
    }
    Pair& pair = with_[at(other.worker)];
    if (pair.shared++ == 0) {
      pair.first = own.worker;
      pair.second = other.worker;
      met_.push_back(other.worker);
    }
    const std::int32_t right = outside_.most_believed();
    pair.wrong_of_first += own.label != right ? 1 : 0;
    pair.wrong_of_second += other.label != right ? 1 : 0;
    pair.agreed_wrong += own.label == other.label && own.label != right ? 1 : 0;
    pair.expected += outside_.same_wrong(own.worker, other.worker);
  }

  void finish() {
    std::sort(met_.begin(), met_.end());
    for (const std::int32_t other : met_) {
      const Pair& pair = with_[at(other)];
      if (pair.shared >= pair_tasks_min) {
        ++tested;
        if (!links_.are_linked(pair.first, pair.second)) bulk.add(pair, 1);
        if (is_suspect(pair)) keep(pair);
      }
      with_[at(other)] = {};
    }
    met_.clear();
  }

  static bool is_suspect(const Pair& pair) {
    return pair.agreed_wrong >= pair_agreed_wrong_min &&
           static_cast<double>(pair.agreed_wrong) >= pair_wrong_share_min * static_cast<double>(wrong_max(pair));
  }

  void keep(const Pair& pair) {
    suspects.push_back(pair);
    suspects.back().log10_p = log10_p_of(pair, {});
    if (std::ssize(suspects) < 2 * pairs_kept_max) return;
    std::nth_element(suspects.begin(), suspects.begin() + pairs_kept_max, suspects.end(),
                     [](const Pair& a, const Pair& b) {
                       return std::tie(a.log10_p, a.first, a.second) < std::tie(b.log10_p, b.first, b.second);
                     });
    suspects.resize(pairs_kept_max);
  }

  const AnswerRows& rows_;
  std::span<const std::int32_t> gold_;
  const Links& links_;
  Outside outside_;
  std::vector<Pair> with_;  // By other worker.
  std::vector<std::int32_t> met_;
};

std::vector<std::size_t> standing_out(const std::vector<Pair>& suspects, std::int64_t tested, const PairNull& null) {
  std::vector<double> log10_p;
  log10_p.reserve(suspects.size());
  for (const Pair& pair : suspects) log10_p.push_back(log10_p_of(pair, null));
  std::vector<std::size_t> places = holm(log10_p, tested, level);
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace

PairTest test_pairs(const AnswerRows& rows, std::span<const std::int32_t> gold) {
  constexpr int rounds_max = 10;
  PairTest test;
  test.links = Links(rows);
  const Links& links = test.links;
  const ConfusionRows tables(rows, references_of(rows, gold, links));
  PairWalk walk(rows, tables, gold, links);
  walk.run();
  test.tested = walk.tested;

  // What stands out against plain chance is set aside first, then what a wider measure explains comes back.
  std::vector<std::size_t> places = standing_out(walk.suspects, test.tested, {});
  for (int round = 0; round < rounds_max; ++round) {
    Bulk bulk = walk.bulk;
    for (const std::size_t place : places) {
      const Pair& pair = walk.suspects[place];
      if (!links.are_linked(pair.first, pair.second)) bulk.add(pair, -1);
    }
    test.null = bulk.null();
    const std::vector<std::size_t> next = standing_out(walk.suspects, test.tested, test.null);
    if (next == places) break;
    places = next;
  }
  for (const std::size_t place : places) {
    Pair& pair = test.found.emplace_back(walk.suspects[place]);
    pair.log10_p = log10_p_of(pair, test.null);
    pair.expected *= test.null.excess;
  }
  std::sort(test.found.begin(), test.found.end(),
            [](const Pair& a, const Pair& b) { return std::tie(a.first, a.second) < std::tie(b.first, b.second); });
  return test;
}

}  // namespace tally::aggregation::conduct
