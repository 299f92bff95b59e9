#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/aggregation/conduct/references.h"

// Inside conduct: what the answers of those outside a pair tell of a task.
namespace tally::aggregation::conduct {

// How probable each label is from a worker where a label is true: the answers by their reference, smoothed by two
// pseudo-answers of the crowd's row.
class ConfusionRows {
 public:
  ConfusionRows(const AnswerRows& rows, const References& references);

  [[nodiscard]] std::size_t labels() const { return labels_; }
  // By label, of all references.
  [[nodiscard]] std::span<const double> log_frequency() const { return log_frequency_; }
  [[nodiscard]] double of_crowd(std::size_t truth, std::size_t label) const { return crowd_[truth * labels_ + label]; }
  [[nodiscard]] double of_worker(std::int32_t worker, std::size_t truth, std::size_t label) const {
    return static_cast<double>(worker_[cell(worker, label) + truth]);
  }
  // By true label: the logarithms of the probability of the worker's answer.
  [[nodiscard]] std::span<const float> log_likelihood(std::int32_t worker, std::int32_t label) const {
    return {log_worker_.data() + cell(worker, at(label)), labels_};
  }

 private:
  [[nodiscard]] std::size_t cell(std::int32_t worker, std::size_t label) const {
    return (at(worker) * labels_ + label) * labels_;
  }
  void count(const AnswerRows& rows, const References& references);
  void smooth_worker(std::int32_t worker);

  std::size_t labels_;
  std::vector<double> log_frequency_;
  std::vector<double> crowd_;      // [truth][label]
  std::vector<float> worker_;      // [worker][label][truth]
  std::vector<float> log_worker_;  // The same.
};

// Some of the answers of one task, to which others are added and taken away again.
class Outside {
 public:
  explicit Outside(const ConfusionRows& tables)
      : tables_(tables), answers_of_(tables.labels()), log_likelihood_(tables.labels()), belief_(tables.labels()) {}

  void clear();
  void add(const Row& row) { count(row, 1); }
  void take(const Row& row) { count(row, -1); }
  [[nodiscard]] std::int64_t answers() const { return answers_; }

  // What is true of the task: by these answers, as in the model of Dawid and Skene; or as it is known.
  void believe();
  void believe(std::int32_t known);
  [[nodiscard]] std::int32_t most_believed() const { return most_believed_; }

  // The probability that two workers who do not know of each other give the same label, and not the most believed one.
  // How much more or less a label is given to this task than to others tells how tempting it is.
  [[nodiscard]] double same_wrong(std::int32_t a, std::int32_t b) const;

 private:
  void count(const Row& row, int sign);
  [[nodiscard]] double same(std::int32_t a, std::int32_t b, std::size_t truth, std::size_t label) const;

  const ConfusionRows& tables_;
  std::vector<std::int32_t> answers_of_;  // By label.
  std::int64_t answers_ = 0;
  std::vector<double> log_likelihood_;  // By true label.
  std::vector<double> belief_;          // By true label.
  std::int32_t most_believed_ = 0;
};

}  // namespace tally::aggregation::conduct
