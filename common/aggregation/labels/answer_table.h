#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Answers that each choose one of a few labels: who answered what, by task.
namespace tally::aggregation::labels {

// Tasks, workers and labels are numbers from 0; their names are the caller's business.
struct Answer {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  std::int32_t label = 0;
};

struct Ballot {
  std::int32_t worker = 0;
  std::int32_t label = 0;
  friend bool operator==(const Ballot&, const Ballot&) = default;
};

// Does not change after it was made. 8 bytes an answer. What it holds does not depend on the order of the answers.
class AnswerTable {
 public:
  struct Size {
    std::int32_t tasks = 0;
    std::int32_t workers = 0;
    std::int32_t labels = 0;
  };

  AnswerTable() = default;
  // REQUIRES each number from 0 to below its count. O(n log n) in the answers of a task.
  AnswerTable(Size size, std::span<const Answer> answers);

  [[nodiscard]] std::int32_t tasks() const { return size_.tasks; }
  [[nodiscard]] std::int32_t workers() const { return size_.workers; }
  [[nodiscard]] std::int32_t labels() const { return size_.labels; }
  [[nodiscard]] std::int64_t answers() const { return std::ssize(ballots_); }

  // By worker, then label. A worker who answered the task again is in it again.
  [[nodiscard]] std::span<const Ballot> of_task(std::int32_t task) const {
    const auto no = static_cast<std::size_t>(task);
    return {ballots_.data() + first_[no], ballots_.data() + first_[no + 1]};
  }

 private:
  Size size_;
  std::vector<std::size_t> first_{0};  // By task: where its ballots begin; one more at the end.
  std::vector<Ballot> ballots_;
};

}  // namespace tally::aggregation::labels
