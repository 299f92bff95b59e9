#include "common/aggregation/conduct/references.h"

#include <algorithm>
#include <cmath>

#include "common/aggregation/conduct/tails.h"

namespace tally::aggregation::conduct {
namespace {

// Of each answer: what the others said who answered the task, counted by weight (empty: alike).
std::vector<std::int32_t> votes_of_others(const AnswerRows& rows, std::span<const std::int64_t> weight,
                                          const Links& links) {
  const auto weight_of = [&](const Row& row) { return weight.empty() ? 1 : weight[at(row.worker)]; };
  std::vector<std::int32_t> found(rows.all().size());
  Votes votes(rows.labels());
  Votes others(rows.labels());
  for (std::int32_t task = 0; task < rows.tasks(); ++task) {
    for (const Row& row : rows.of_task(task)) votes.add(row.label, weight_of(row));
    std::size_t place = rows.first_of_task(task);
    for (const Row& row : rows.of_task(task)) {
      const auto is_other = [&](const Row& other) {
        return other.worker != row.worker && !links.are_linked(row.worker, other.worker);
      };
      if (links.has_any(row.worker)) {
        others.clear();
        for (const Row& other : rows.of_task(task)) {
          if (is_other(other)) others.add(other.label, weight_of(other));
        }
        found[place++] = others.leader();
        continue;
      }
      votes.take(row.label, weight_of(row));
      found[place++] = votes.leader();
      votes.put_back(row.label, weight_of(row));
    }
    votes.clear();
  }
  return found;
}

void put_gold(const AnswerRows& rows, std::span<const std::int32_t> gold, std::vector<std::int32_t>& beside) {
  if (gold.empty()) return;
  for (std::size_t place = 0; place < beside.size(); ++place) {
    const std::int32_t right = gold[at(rows.all()[place].task)];
    if (right != labels::unknown) beside[place] = right;
  }
}

// The more one agrees beyond chance, the more one's vote tells. Few answers count as if ten more were by chance. All
// have a little weight, so that where nobody is known to be good, as where all say the same, the plurality stands.
std::vector<std::int64_t> weights(const AnswerRows& rows, std::span<const std::int32_t> beside) {
  std::vector<std::int64_t> weight(at(rows.workers()), 1);
  for (std::int32_t worker = 0; worker < rows.workers(); ++worker) {
    const std::optional<Kappa> kappa = kappa_of(rows, worker, beside);
    if (!kappa) continue;
    const auto compared = static_cast<double>(kappa->compared);
    weight[at(worker)] += std::llround(1000 * std::max(0.0, kappa->value) * compared / (compared + 10));
  }
  return weight;
}

// The shares of a table of two labels for each answer, one's own and that beside it.
struct Shares {
  explicit Shares(std::int32_t count) : labels(at(count)), both(labels * labels), own(labels), other(labels) {}

  void add(std::int32_t mine, std::int32_t beside, double share) {
    both[at(mine) * labels + at(beside)] += share;
    own[at(mine)] += share;
    other[at(beside)] += share;
  }

  std::size_t labels;
  std::vector<double> both;
  std::vector<double> own;
  std::vector<double> other;
};

// The variance of kappa times the answers, if there is as much agreement as was found, and if there is none.
double variance(const Shares& shares, double kappa, double by_chance) {
  double sum = 0;
  for (std::size_t a = 0; a < shares.labels; ++a) {
    for (std::size_t b = 0; b < shares.labels; ++b) {
      const double margins = (a == b ? shares.own[a] + shares.other[a] : shares.other[a] + shares.own[b]) * (1 - kappa);
      const double factor = a == b ? 1 - margins : margins;
      sum += shares.both[a * shares.labels + b] * factor * factor;
    }
  }
  const double shift = kappa - by_chance * (1 - kappa);
  return std::max(0.0, sum - shift * shift) / ((1 - by_chance) * (1 - by_chance));
}

double variance_of_nothing(const Shares& shares, double by_chance) {
  double sum = by_chance + by_chance * by_chance;
  for (std::size_t a = 0; a < shares.labels; ++a) {
    sum -= shares.own[a] * shares.other[a] * (shares.own[a] + shares.other[a]);
  }
  return std::max(0.0, sum) / ((1 - by_chance) * (1 - by_chance));
}

}  // namespace

std::optional<Kappa> kappa_of(const AnswerRows& rows, std::int32_t worker, std::span<const std::int32_t> beside) {
  Kappa kappa;
  for (const std::uint32_t place : rows.of_worker(worker)) {
    if (beside[place] == labels::unknown) continue;
    ++kappa.compared;
    kappa.agreed += rows.all()[place].label == beside[place] ? 1 : 0;
  }
  if (kappa.compared == 0) return std::nullopt;
  const auto compared = static_cast<double>(kappa.compared);
  Shares shares(rows.labels());
  for (const std::uint32_t place : rows.of_worker(worker)) {
    if (beside[place] != labels::unknown) shares.add(rows.all()[place].label, beside[place], 1 / compared);
  }
  for (std::size_t label = 0; label < shares.labels; ++label) {
    kappa.by_chance += shares.own[label] * shares.other[label];
  }
  // Whole answers apart, or not at all: sums of shares are not exact.
  if (1 - kappa.by_chance < 0.5 / compared / compared) return std::nullopt;
  const double observed = static_cast<double>(kappa.agreed) / compared;
  kappa.value = (observed - kappa.by_chance) / (1 - kappa.by_chance);
  kappa.standard_error = std::sqrt(variance(shares, kappa.value, kappa.by_chance) / compared);
  // Whose answers are all alike has no variance then, and no agreement beyond chance.
  const double spread = std::sqrt(variance_of_nothing(shares, kappa.by_chance) / compared);
  kappa.log10_p = spread < 1e-9 ? 0 : log10_normal_or_more(kappa.value / spread);
  return kappa;
}

References references_of(const AnswerRows& rows, std::span<const std::int32_t> gold, const Links& links) {
  References found;
  found.plurality = votes_of_others(rows, {}, links);
  found.reference = found.plurality;
  put_gold(rows, gold, found.reference);
  found.weight = weights(rows, found.reference);
  found.reference = votes_of_others(rows, found.weight, links);
  put_gold(rows, gold, found.reference);
  return found;
}

}  // namespace tally::aggregation::conduct
