#include <algorithm>
#include <cmath>

#include "common/aggregation/conduct/stages.h"
#include "common/aggregation/conduct/tails.h"

// Answers that were given without looking at the task: one label over and over, or any.
namespace tally::aggregation::conduct {
namespace {

struct Candidates {
  std::vector<Signal> signals;
  std::vector<double> log10_p;

  void add(const Signal& signal) {
    signals.push_back(signal);
    log10_p.push_back(signal.log10_p);
  }
};

bool is_judged(const WorkerConduct& worker) {
  return worker.beyond_chance && worker.beyond_chance->compared >= answers_judged_min;
}

bool is_nothing(const Kappa& kappa) { return kappa.log10_p > std::log10(nothing_level); }

// What the best quarter of those judged reaches: with two thirds of a crowd not looking, it is still of those who do.
double best_beyond_chance(const std::vector<WorkerConduct>& workers) {
  std::vector<double> reached;
  for (const WorkerConduct& worker : workers) {
    if (is_judged(worker)) reached.push_back(worker.beyond_chance->value);
  }
  if (reached.empty()) return 0;
  const auto quarter = reached.begin() + std::ssize(reached) / 4;
  std::nth_element(reached.begin(), quarter, reached.end(), std::greater<>());
  return *quarter;
}

// The label that the worker gave most where the reference is another one; the lowest of several.
std::optional<Signal> constant_label(const AnswerRows& rows, const References& references, std::int32_t worker) {
  std::vector<std::int64_t> given(at(rows.labels()));
  for (const std::uint32_t place : rows.of_worker(worker)) {
    if (references.reference[place] != labels::unknown) ++given[at(rows.all()[place].label)];
  }
  Signal signal{.kind = SignalKind::constant, .worker = worker};
  signal.label = static_cast<std::int32_t>(std::max_element(given.begin(), given.end()) - given.begin());
  for (const std::uint32_t place : rows.of_worker(worker)) {
    const std::int32_t reference = references.reference[place];
    if (reference == labels::unknown || reference == signal.label) continue;
    ++signal.of;
    signal.count += rows.all()[place].label == signal.label ? 1 : 0;
  }
  if (signal.of == 0) return std::nullopt;
  signal.expected = constant_share * static_cast<double>(signal.of);
  signal.log10_p = log10_binomial_or_more(signal.count, signal.of, constant_share);
  return signal;
}

Signal random_signal(std::int32_t worker, const Kappa& kappa, double floor) {
  const auto compared = static_cast<double>(kappa.compared);
  const double share = std::min(kappa.by_chance + floor * (1 - kappa.by_chance), 1 - 1e-9);
  return {.kind = SignalKind::random,
          .worker = worker,
          .count = kappa.agreed,
          .of = kappa.compared,
          .expected = kappa.by_chance * compared,
          .measure = share * compared,
          .log10_p = log10_binomial_or_less(kappa.agreed, kappa.compared, share)};
}

}  // namespace

void find_without_looking(const AnswerRows& rows, const References& references, std::int32_t first_option,
                          Conduct& conduct) {
  conduct.best_beyond_chance = best_beyond_chance(conduct.workers);
  Candidates constant;
  Candidates random;
  for (std::int32_t worker = 0; worker < rows.workers(); ++worker) {
    if (!is_judged(conduct.workers[at(worker)])) continue;
    ++conduct.workers_judged;
    const Kappa& kappa = *conduct.workers[at(worker)].beyond_chance;
    if (!is_nothing(kappa)) continue;
    if (const auto signal = constant_label(rows, references, worker)) constant.add(*signal);
    if (conduct.best_beyond_chance >= best_min) {
      random.add(random_signal(worker, kappa, floor_of_best * conduct.best_beyond_chance));
    }
  }

  std::vector<bool> is_constant(at(rows.workers()));
  for (const std::size_t i : holm(constant.log10_p, conduct.workers_judged, level)) {
    Signal& signal = constant.signals[i];
    if (signal.label == first_option) signal.kind = SignalKind::always_first;
    is_constant[at(signal.worker)] = true;
    conduct.signals.push_back(signal);
  }
  // One reason is enough: a constant worker agrees by chance only, as a matter of course.
  for (const std::size_t i : benjamini_hochberg(random.log10_p, conduct.workers_judged, random_level)) {
    if (!is_constant[at(random.signals[i].worker)]) conduct.signals.push_back(random.signals[i]);
  }
}

}  // namespace tally::aggregation::conduct
