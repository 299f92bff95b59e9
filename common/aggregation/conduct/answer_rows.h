#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/conduct/conduct.h"

// Inside conduct: the answers as its files walk them.
namespace tally::aggregation::conduct {

inline std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

struct Row {
  std::int32_t task = 0;
  std::int32_t worker = 0;
  std::int32_t label = 0;
  float seconds = 0;
};

// Does not change after it was made. 20 bytes an answer. Of a worker's answers to one task only the last is in it.
class AnswerRows {
 public:
  // REQUIRES what conduct_of does.
  explicit AnswerRows(const ConductInput& input);

  [[nodiscard]] std::int32_t tasks() const { return size_.tasks; }
  [[nodiscard]] std::int32_t workers() const { return size_.workers; }
  [[nodiscard]] std::int32_t labels() const { return size_.labels; }

  // By task, then worker.
  [[nodiscard]] std::span<const Row> all() const { return rows_; }
  // Where the task's begin in all(), and how many they are.
  [[nodiscard]] std::size_t first_of_task(std::int32_t task) const { return first_of_task_[at(task)]; }
  [[nodiscard]] std::span<const Row> of_task(std::int32_t task) const {
    return {rows_.data() + first_of_task_[at(task)], first_of_task_[at(task) + 1] - first_of_task_[at(task)]};
  }
  // Places in all(), ascending.
  [[nodiscard]] std::span<const std::uint32_t> of_worker(std::int32_t worker) const {
    return {places_.data() + first_of_worker_[at(worker)],
            first_of_worker_[at(worker) + 1] - first_of_worker_[at(worker)]};
  }

 private:
  labels::AnswerTable::Size size_;
  std::vector<Row> rows_;
  std::vector<std::size_t> first_of_task_;
  std::vector<std::uint32_t> places_;
  std::vector<std::size_t> first_of_worker_;
};

// The votes for each label of one task, to be taken and looked at without one or two of them.
class Votes {
 public:
  explicit Votes(std::int32_t labels) : of_label_(at(labels)) {}

  void add(std::int32_t label, std::int64_t weight) {
    Tally& tally = of_label_[at(label)];
    if (tally.answers++ == 0) given_.push_back(label);
    tally.weight += weight;
    ++answers_;
  }
  void clear() {
    for (const std::int32_t label : given_) of_label_[at(label)] = {};
    given_.clear();
    answers_ = 0;
  }
  // To look at the others; the same weight is put back afterwards.
  void take(std::int32_t label, std::int64_t weight) {
    of_label_[at(label)].weight -= weight;
    --of_label_[at(label)].answers;
    --answers_;
  }
  void put_back(std::int32_t label, std::int64_t weight) {
    of_label_[at(label)].weight += weight;
    ++of_label_[at(label)].answers;
    ++answers_;
  }

  [[nodiscard]] std::int64_t answers() const { return answers_; }
  [[nodiscard]] std::int64_t answers_of(std::int32_t label) const { return of_label_[at(label)].answers; }
  // The label with the most weight; unknown where there are several, or none with any.
  [[nodiscard]] std::int32_t leader() const {
    std::int64_t most = 0;
    std::int32_t found = labels::unknown;
    for (const std::int32_t label : given_) {
      const std::int64_t weight = of_label_[at(label)].weight;
      if (weight == most) found = labels::unknown;
      if (weight > most) found = label;
      if (weight > most) most = weight;
    }
    return found;
  }

 private:
  struct Tally {
    std::int64_t weight = 0;
    std::int64_t answers = 0;
  };
  std::vector<Tally> of_label_;
  std::vector<std::int32_t> given_;
  std::int64_t answers_ = 0;
};

}  // namespace tally::aggregation::conduct
