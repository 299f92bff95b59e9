#include "common/aggregation/labels/answer_table.h"

#include <algorithm>
#include <tuple>

#include "common/base/assert.h"

namespace tally::aggregation::labels {

AnswerTable::AnswerTable(Size size, std::span<const Answer> answers) : size_(size) {
  TALLY_ASSERT(size.tasks >= 0);
  const auto tasks = static_cast<std::size_t>(size.tasks);
  first_.assign(tasks + 1, 0);
  for (const Answer& answer : answers) {
    TALLY_ASSERT(answer.task >= 0 && answer.task < size.tasks);
    TALLY_ASSERT(answer.worker >= 0 && answer.worker < size.workers);
    TALLY_ASSERT(answer.label >= 0 && answer.label < size.labels);
    ++first_[static_cast<std::size_t>(answer.task) + 1];
  }
  for (std::size_t task = 0; task < tasks; ++task) first_[task + 1] += first_[task];

  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  ballots_.resize(answers.size());
  for (const Answer& answer : answers) {
    ballots_[next[static_cast<std::size_t>(answer.task)]++] = {answer.worker, answer.label};
  }
  for (std::size_t task = 0; task < tasks; ++task) {
    std::sort(ballots_.begin() + static_cast<std::ptrdiff_t>(first_[task]),
              ballots_.begin() + static_cast<std::ptrdiff_t>(first_[task + 1]), [](const Ballot& a, const Ballot& b) {
                return std::tie(a.worker, a.label) < std::tie(b.worker, b.label);
              });
  }
}

}  // namespace tally::aggregation::labels
