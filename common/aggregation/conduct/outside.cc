#include "common/aggregation/conduct/outside.h"

#include <algorithm>
#include <cmath>

namespace tally::aggregation::conduct {
namespace {

constexpr double row_prior = 2;
constexpr double task_prior = 4;
constexpr double probability_max = 0.95;  // Nobody is sure to err, however tempting the task.
constexpr double belief_min = 1e-4;       // Less changes no sum that matters.

}  // namespace

ConfusionRows::ConfusionRows(const AnswerRows& rows, const References& references) : labels_(at(rows.labels())) {
  crowd_.assign(labels_ * labels_, 0.5);  // So that what nobody gave is not impossible.
  worker_.assign(at(rows.workers()) * labels_ * labels_, 0);
  log_worker_.resize(worker_.size());
  count(rows, references);
  for (std::size_t truth = 0; truth < labels_; ++truth) {
    double sum = 0;
    for (std::size_t label = 0; label < labels_; ++label) sum += crowd_[truth * labels_ + label];
    for (std::size_t label = 0; label < labels_; ++label) crowd_[truth * labels_ + label] /= sum;
    log_frequency_.push_back(std::log(sum));
  }
  for (std::int32_t worker = 0; worker < rows.workers(); ++worker) smooth_worker(worker);
}

void ConfusionRows::count(const AnswerRows& rows, const References& references) {
  for (std::size_t place = 0; place < rows.all().size(); ++place) {
    if (references.reference[place] == labels::unknown) continue;
    const Row& row = rows.all()[place];
    const std::size_t truth = at(references.reference[place]);
    crowd_[truth * labels_ + at(row.label)] += 1;
    worker_[cell(row.worker, at(row.label)) + truth] += 1;
  }
}

void ConfusionRows::smooth_worker(std::int32_t worker) {
  for (std::size_t truth = 0; truth < labels_; ++truth) {
    double sum = row_prior;
    for (std::size_t label = 0; label < labels_; ++label)
      sum += static_cast<double>(worker_[cell(worker, label) + truth]);
    for (std::size_t label = 0; label < labels_; ++label) {
      const std::size_t place = cell(worker, label) + truth;
      const double share = (static_cast<double>(worker_[place]) + row_prior * of_crowd(truth, label)) / sum;
      worker_[place] = static_cast<float>(share);
      log_worker_[place] = static_cast<float>(std::log(share));
    }
  }
}

void Outside::clear() {
  answers_ = 0;
  std::fill(answers_of_.begin(), answers_of_.end(), 0);
  std::fill(log_likelihood_.begin(), log_likelihood_.end(), 0.0);
}

void Outside::count(const Row& row, int sign) {
  answers_ += sign;
  answers_of_[at(row.label)] += sign;
  const auto likelihood = tables_.log_likelihood(row.worker, row.label);
  for (std::size_t truth = 0; truth < likelihood.size(); ++truth) {
    log_likelihood_[truth] += sign * static_cast<double>(likelihood[truth]);
  }
}

void Outside::believe() {
  double most = -HUGE_VAL;
  for (std::size_t truth = 0; truth < belief_.size(); ++truth) {
    belief_[truth] = log_likelihood_[truth] + tables_.log_frequency()[truth];
    if (belief_[truth] > most) most_believed_ = static_cast<std::int32_t>(truth);
    most = std::max(most, belief_[truth]);
  }
  double sum = 0;
  for (double& belief : belief_) sum += belief = std::exp(belief - most);
  for (double& belief : belief_) belief /= sum;
}

void Outside::believe(std::int32_t known) {
  std::fill(belief_.begin(), belief_.end(), 0.0);
  belief_[at(known)] = 1;
  most_believed_ = known;
}

double Outside::same(std::int32_t a, std::int32_t b, std::size_t truth, std::size_t label) const {
  const double of_a = tables_.of_worker(a, truth, label);
  const double of_b = tables_.of_worker(b, truth, label);
  if (truth == label) return of_a * of_b;
  const double usual = tables_.of_crowd(truth, label);
  const double lure = (static_cast<double>(answers_of_[label]) + task_prior * usual) /
                      ((static_cast<double>(answers_) + task_prior) * usual);
  return std::min(of_a * lure, probability_max) * std::min(of_b * lure, probability_max);
}

double Outside::same_wrong(std::int32_t a, std::int32_t b) const {
  double sum = 0;
  for (std::size_t truth = 0; truth < belief_.size(); ++truth) {
    if (belief_[truth] < belief_min) continue;
    for (std::size_t label = 0; label < belief_.size(); ++label) {
      if (label != at(most_believed_)) sum += belief_[truth] * same(a, b, truth, label);
    }
  }
  return std::min(sum, probability_max);
}

}  // namespace tally::aggregation::conduct
