#include "admin/quality/pace.h"

#include <algorithm>

#include "admin/quality/words.h"

namespace tally::admin::quality {
namespace {

namespace conduct = aggregation::conduct;

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

std::optional<double> median_seconds(std::vector<std::int64_t> times_ms) {
  if (times_ms.empty()) return std::nullopt;
  const auto middle = times_ms.begin() + std::ssize(times_ms) / 2;
  std::nth_element(times_ms.begin(), middle, times_ms.end());
  return static_cast<double>(*middle) / 1000;
}

// By worker.
std::vector<std::vector<std::int64_t>> times_of(const Collected& collected, std::int64_t AnswerGiven::*time) {
  std::vector<std::vector<std::int64_t>> times(collected.workers.size());
  for (const AnswerGiven& answer : collected.answers) times[at(answer.worker)].push_back(answer.*time);
  return times;
}

}  // namespace

float seconds_of(const AnswerGiven& answer) {
  return static_cast<float>(std::max<std::int64_t>(answer.took_ms, 1)) / 1000;
}

std::vector<std::optional<double>> seconds_an_answer(const Collected& collected) {
  std::vector<std::optional<double>> seconds;
  seconds.reserve(collected.workers.size());
  for (auto& of_worker : times_of(collected, &AnswerGiven::took_ms)) {
    seconds.push_back(median_seconds(std::move(of_worker)));
  }
  return seconds;
}

std::vector<std::optional<double>> seconds_between_hand_ins(const Collected& collected) {
  std::vector<std::optional<double>> between;
  between.reserve(collected.workers.size());
  for (auto& of_worker : times_of(collected, &AnswerGiven::at_ms)) {
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

conduct::Conduct pace_of(const Collected& collected) {
  std::vector<conduct::Answer> answers;
  answers.reserve(collected.answers.size());
  for (const AnswerGiven& answer : collected.answers) {
    answers.push_back({answer.task, answer.worker, 0, seconds_of(answer)});
  }
  const auto count = [](const auto& list) { return static_cast<std::int32_t>(list.size()); };
  return conduct::pace_of({{count(collected.tasks), count(collected.workers), 1}, answers});
}

Haste haste_of(const Collected& collected) {
  Haste haste;
  haste.answers = std::ssize(collected.answers);
  std::vector<std::int64_t> times_ms;
  times_ms.reserve(collected.answers.size());
  for (const AnswerGiven& answer : collected.answers) times_ms.push_back(answer.took_ms);
  haste.seconds = median_seconds(std::move(times_ms));
  const conduct::Conduct found = pace_of(collected);
  const auto name_of_worker = [&](std::int32_t no) { return worker_name(collected.workers[at(no)]); };
  const auto no_label = [](std::int32_t) { return std::string(); };
  for (const conduct::Signal& signal : found.signals) {
    haste.too_fast.push_back(
        {collected.workers[at(signal.worker)], conduct::reason_of(signal, found, name_of_worker, no_label)});
  }
  std::sort(haste.too_fast.begin(), haste.too_fast.end(),
            [](const TooFast& a, const TooFast& b) { return a.account < b.account; });
  return haste;
}

}  // namespace tally::admin::quality
