#include "common/aggregation/conduct/answer_rows.h"

#include <algorithm>
#include <cmath>

#include "common/base/assert.h"

namespace tally::aggregation::conduct {
namespace {

// By number: where its rows begin; one more at the end.
template <typename NumberOf>
std::vector<std::size_t> starts(std::span<const Row> rows, std::int32_t count, const NumberOf& number_of) {
  std::vector<std::size_t> first(at(count) + 1);
  for (const Row& row : rows) ++first[at(number_of(row)) + 1];
  for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
  return first;
}

std::int32_t task_of(const Row& row) { return row.task; }
std::int32_t worker_of(const Row& row) { return row.worker; }

void check(const ConductInput& input) {
  const auto& size = input.size;
  TALLY_ASSERT(size.tasks >= 0 && size.workers >= 0 && size.labels >= 0);
  TALLY_ASSERT(std::ssize(input.answers) <= answers_max);
  TALLY_ASSERT(std::int64_t{size.labels} * size.labels <= labels::cells_max / std::max(size.workers, 1));
  TALLY_ASSERT(input.gold.empty() || std::ssize(input.gold) == size.tasks);
  TALLY_ASSERT(input.believed.empty() || std::ssize(input.believed) == size.tasks);
  TALLY_ASSERT(input.first_option >= labels::unknown && input.first_option < size.labels);
  for (const std::int32_t label : input.gold) TALLY_ASSERT(label >= labels::unknown && label < size.labels);
  for (const std::int32_t label : input.believed) TALLY_ASSERT(label >= labels::unknown && label < size.labels);
  for (const Answer& answer : input.answers) {
    TALLY_ASSERT(answer.task >= 0 && answer.task < size.tasks);
    TALLY_ASSERT(answer.worker >= 0 && answer.worker < size.workers);
    TALLY_ASSERT(answer.label >= 0 && answer.label < size.labels);
    TALLY_ASSERT(answer.seconds >= 0 && std::isfinite(answer.seconds));
  }
}

// Sorted by task and worker, of each worker the last answer.
std::vector<Row> sorted_rows(const ConductInput& input) {
  std::vector<Row> rows;
  rows.reserve(input.answers.size());
  for (const Answer& answer : input.answers) {
    rows.push_back({answer.task, answer.worker, answer.label, answer.seconds});
  }
  const auto is_before = [](const Row& a, const Row& b) {
    return a.task != b.task ? a.task < b.task : a.worker < b.worker;
  };
  std::stable_sort(rows.begin(), rows.end(), is_before);
  // Backwards, so that the last of equal ones is the one that stays.
  const auto is_same = [](const Row& a, const Row& b) { return a.task == b.task && a.worker == b.worker; };
  const auto kept = std::unique(rows.rbegin(), rows.rend(), is_same);
  rows.erase(rows.begin(), kept.base());
  return rows;
}

}  // namespace

AnswerRows::AnswerRows(const ConductInput& input) : size_(input.size) {
  check(input);
  rows_ = sorted_rows(input);
  first_of_task_ = starts(rows_, size_.tasks, task_of);
  first_of_worker_ = starts(rows_, size_.workers, worker_of);
  std::vector<std::size_t> next(first_of_worker_.begin(), first_of_worker_.end() - 1);
  places_.resize(rows_.size());
  for (std::size_t place = 0; place < rows_.size(); ++place) {
    places_[next[at(rows_[place].worker)]++] = static_cast<std::uint32_t>(place);
  }
}

}  // namespace tally::aggregation::conduct
