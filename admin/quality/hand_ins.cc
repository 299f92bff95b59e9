#include "admin/quality/hand_ins.h"

#include <algorithm>

namespace tally::admin::quality {
namespace {

std::optional<double> median_seconds(std::vector<std::int64_t> gaps_ms) {
  if (gaps_ms.empty()) return std::nullopt;
  const auto middle = gaps_ms.begin() + std::ssize(gaps_ms) / 2;
  std::nth_element(gaps_ms.begin(), middle, gaps_ms.end());
  return static_cast<double>(*middle) / 1000;
}

}  // namespace

std::vector<std::optional<double>> seconds_between_hand_ins(const Collected& collected) {
  std::vector<std::vector<std::int64_t>> times(collected.workers.size());
  for (const AnswerGiven& answer : collected.answers) {
    times[static_cast<std::size_t>(answer.worker)].push_back(answer.at_ms);
  }
  std::vector<std::optional<double>> between;
  between.reserve(times.size());
  for (std::vector<std::int64_t>& of_worker : times) {
    std::sort(of_worker.begin(), of_worker.end());
    std::vector<std::int64_t> gaps_ms;
    for (std::size_t i = 1; i < of_worker.size(); ++i) {
      const std::int64_t gap_ms = of_worker[i] - of_worker[i - 1];
      if (gap_ms > 0 && gap_ms <= collected.spec.lease.ms) gaps_ms.push_back(gap_ms);
    }
    between.push_back(median_seconds(std::move(gaps_ms)));
  }
  return between;
}

}  // namespace tally::admin::quality
