#include <algorithm>
#include <cmath>

#include "common/aggregation/labels/method.h"
#include "common/aggregation/metrics/task_counts.h"
#include "common/base/assert.h"

// What is said of one worker at a time.
namespace tally::aggregation::metrics {

Interval wilson_interval(std::int64_t right, std::int64_t count, double z) {
  TALLY_ASSERT(right >= 0);
  TALLY_ASSERT(right <= count);
  TALLY_ASSERT(z > 0 && std::isfinite(z));
  if (count == 0) return {0, 1};
  const auto n = static_cast<double>(count);
  const double p = share(right, count);
  const double centre = p + z * z / (2 * n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // At the ends exactly, where rounding would leave a little.
  const double low = right == 0 ? 0 : std::max(0.0, (centre - half) / scale);
  const double high = right == count ? 1 : std::min(1.0, (centre + half) / scale);
  return {low, high};
}

std::vector<Accuracy> worker_accuracy(const AnswerTable& answers, std::span<const std::int32_t> truth) {
  TALLY_ASSERT(std::ssize(truth) == answers.tasks());
  std::vector<Accuracy> accuracy(static_cast<std::size_t>(answers.workers()));
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    const std::int32_t right = truth[static_cast<std::size_t>(task)];
    TALLY_ASSERT(right >= labels::unknown && right < answers.labels());
    if (right == labels::unknown) continue;
    for (const Ballot& ballot : answers.of_task(task)) {
      Accuracy& of_worker = accuracy[static_cast<std::size_t>(ballot.worker)];
      of_worker.right += ballot.label == right ? 1 : 0;
      ++of_worker.count;
    }
  }
  for (Accuracy& of_worker : accuracy) of_worker.interval = wilson_interval(of_worker.right, of_worker.count);
  return accuracy;
}

namespace {

// What a worker said of a task, and what was said by whom the worker is compared with.
struct Comparison {
  std::int32_t worker = 0;
  std::int32_t own = 0;
  std::int32_t other = 0;
};

BeyondChance beyond_chance(std::span<const Comparison> comparisons, Counts& own, Counts& other) {
  BeyondChance found;
  found.compared = std::ssize(comparisons);
  for (const Comparison& comparison : comparisons) {
    found.agreed += comparison.own == comparison.other ? 1 : 0;
    ++own[static_cast<std::size_t>(comparison.own)];
    ++other[static_cast<std::size_t>(comparison.other)];
  }
  // Over the labels that were given, each once: a worker may know few of many labels.
  std::int64_t same_by_chance = 0;
  for (const Comparison& comparison : comparisons) {
    const auto label = static_cast<std::size_t>(comparison.own);
    same_by_chance += own[label] * other[label];
    own[label] = 0;
  }
  for (const Comparison& comparison : comparisons) other[static_cast<std::size_t>(comparison.other)] = 0;

  const std::int64_t all_pairs = found.compared * found.compared;
  if (same_by_chance == all_pairs) return found;
  const double by_chance = share(same_by_chance, all_pairs);
  found.kappa = (share(found.agreed, found.compared) - by_chance) / (1 - by_chance);
  return found;
}

// The label with the most votes, or unknown where there are several or no votes at all.
std::int32_t leader(std::span<const std::int32_t> given, const Counts& counts) {
  std::int64_t most = 0;
  std::int32_t found = labels::unknown;
  for (const std::int32_t label : given) {
    const std::int64_t votes = counts[static_cast<std::size_t>(label)];
    if (votes == most) found = labels::unknown;
    if (votes > most) found = label;
    most = std::max(most, votes);
  }
  return found;
}

// The ballots of the worker who comes first.
std::span<const Ballot> first_worker(std::span<const Ballot> ballots) {
  std::size_t count = 0;
  while (count < ballots.size() && ballots[count].worker == ballots[0].worker) ++count;
  return ballots.first(count);
}

}  // namespace

std::optional<double> cohen_kappa(const AnswerTable& answers, std::int32_t a, std::int32_t b) {
  TALLY_ASSERT(a >= 0 && a < answers.workers());
  TALLY_ASSERT(b >= 0 && b < answers.workers());
  TALLY_ASSERT(a != b);
  std::vector<Comparison> comparisons;
  for (std::int32_t task = 0; task < answers.tasks(); ++task) {
    for (const Ballot& of_a : answers.of_task(task)) {
      if (of_a.worker != a) continue;
      for (const Ballot& of_b : answers.of_task(task)) {
        if (of_b.worker == b) comparisons.push_back({a, of_a.label, of_b.label});
      }
    }
  }
  Counts own(static_cast<std::size_t>(answers.labels()));
  Counts other(own.size());
  return beyond_chance(comparisons, own, other).kappa;
}

std::vector<BeyondChance> agreement_beyond_chance(const AnswerTable& answers) {
  std::vector<Comparison> comparisons;
  std::vector<std::int32_t> given;
  Counts others;
  for_each_task(answers, [&](std::span<const Ballot> ballots, const Counts& counts) {
    given.clear();
    for (const Ballot& ballot : ballots) given.push_back(ballot.label);
    std::sort(given.begin(), given.end());
    given.erase(std::unique(given.begin(), given.end()), given.end());
    if (others.empty()) others.resize(counts.size());
    for (const std::int32_t label : given) {
      others[static_cast<std::size_t>(label)] = counts[static_cast<std::size_t>(label)];
    }
    for (auto rest = ballots; !rest.empty(); rest = rest.subspan(first_worker(rest).size())) {
      const auto of_worker = first_worker(rest);
      for (const Ballot& ballot : of_worker) --others[static_cast<std::size_t>(ballot.label)];
      const std::int32_t vote = leader(given, others);
      for (const Ballot& ballot : of_worker) {
        ++others[static_cast<std::size_t>(ballot.label)];
        if (vote != labels::unknown) comparisons.push_back({ballot.worker, ballot.label, vote});
      }
    }
  });
  std::stable_sort(comparisons.begin(), comparisons.end(),
                   [](const Comparison& a, const Comparison& b) { return a.worker < b.worker; });

  std::vector<BeyondChance> found(static_cast<std::size_t>(answers.workers()));
  Counts own(static_cast<std::size_t>(answers.labels()));
  Counts other(own.size());
  for (std::size_t first = 0; first < comparisons.size();) {
    std::size_t end = first;
    while (end < comparisons.size() && comparisons[end].worker == comparisons[first].worker) ++end;
    const std::span<const Comparison> of_worker{comparisons.data() + first, end - first};
    found[static_cast<std::size_t>(comparisons[first].worker)] = beyond_chance(of_worker, own, other);
    first = end;
  }
  return found;
}

}  // namespace tally::aggregation::metrics
