#include <algorithm>
#include <cmath>

#include "common/aggregation/conduct/stages.h"
#include "common/aggregation/conduct/tails.h"

// Speed against the others: each answer's seconds by what is usual for its task.
namespace tally::aggregation::conduct {
namespace {

constexpr std::size_t others_timed_min = 3;

// REQUIRES values. The mean of the middle two where their number is even.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

// The median of ascending values without one of them.
double median_without(std::span<const float> sorted, float one) {
  const std::size_t left_out =
      static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), one) - sorted.begin());
  const auto other = [&](std::size_t i) { return static_cast<double>(sorted[i < left_out ? i : i + 1]); };
  const std::size_t others = sorted.size() - 1;
  if (others % 2 == 1) return other(others / 2);
  return (other(others / 2 - 1) + other(others / 2)) / 2;
}

std::vector<float> times_of(std::span<const Row> rows) {
  std::vector<float> times;
  for (const Row& row : rows) {
    if (row.seconds > 0) times.push_back(row.seconds);
  }
  return times;
}

double median_of_project(const AnswerRows& rows) {
  std::vector<double> times;
  for (const Row& row : rows.all()) {
    if (row.seconds > 0) times.push_back(static_cast<double>(row.seconds));
  }
  return times.empty() ? 0 : median(times);
}

// By place: the share of the usual time; 0 where the answer's is not known.
std::vector<float> shares_of_usual(const AnswerRows& rows) {
  std::vector<float> share(rows.all().size());
  const double usual_of_project = median_of_project(rows);
  for (std::int32_t task = 0; task < rows.tasks(); ++task) {
    std::vector<float> times = times_of(rows.of_task(task));
    std::sort(times.begin(), times.end());
    std::size_t place = rows.first_of_task(task);
    for (const Row& row : rows.of_task(task)) {
      if (row.seconds > 0) {
        const bool is_told_by_others = times.size() > others_timed_min;
        const double usual = is_told_by_others ? median_without(times, row.seconds) : usual_of_project;
        share[place] = static_cast<float>(static_cast<double>(row.seconds) / usual);
      }
      ++place;
    }
  }
  return share;
}

}  // namespace

void find_too_fast(const AnswerRows& rows, Conduct& conduct) {
  const std::vector<float> share = shares_of_usual(rows);
  std::vector<Signal> candidates;
  std::vector<double> log10_p;
  std::vector<double> shares;
  for (std::int32_t no = 0; no < rows.workers(); ++no) {
    shares.clear();
    for (const std::uint32_t place : rows.of_worker(no)) {
      if (share[place] > 0) shares.push_back(static_cast<double>(share[place]));
    }
    if (shares.empty()) continue;
    WorkerConduct& worker = conduct.workers[at(no)];
    worker.timed = std::ssize(shares);
    worker.pace = median(shares);
    if (worker.timed < answers_judged_min) continue;
    Signal signal{.kind = SignalKind::too_fast, .worker = no, .of = worker.timed, .measure = *worker.pace};
    signal.count = std::count_if(shares.begin(), shares.end(), [](double value) { return value < too_fast_share; });
    signal.expected = static_cast<double>(signal.of) / 2;
    signal.log10_p = log10_binomial_or_more(signal.count, signal.of, 0.5);
    candidates.push_back(signal);
    log10_p.push_back(signal.log10_p);
  }
  for (const std::size_t i : holm(log10_p, std::ssize(log10_p), level)) conduct.signals.push_back(candidates[i]);
}

}  // namespace tally::aggregation::conduct
