#include "common/aggregation/labels/confusion_model.h"

#include <algorithm>
#include <cmath>

#include "common/aggregation/labels/beliefs.h"
#include "common/aggregation/labels/digamma.h"
#include "common/base/assert.h"

namespace tally::aggregation::labels {
namespace {

// What was never seen is taken for this probable, so that its logarithm exists.
constexpr double probability_min = 1e-10;

// What the answers of some tasks add to the next round.
struct Sums {
  std::vector<double> counts;  // [worker][given][true]
  std::vector<double> tasks;   // By label.
  double change = 0;           // The greatest of a belief.
  double foretold = 0;         // Sum of logarithms.
  std::int64_t answers = 0;
};

class Fit {
 public:
  Fit(const Problem& problem, const ConfusionSettings& settings, Workforce& workforce)
      : problem_(problem), answers_(problem.answers), settings_(settings), workforce_(workforce) {
    labels_ = static_cast<std::size_t>(answers_.labels());
    workers_ = static_cast<std::size_t>(answers_.workers());
    result_.belief = weighted_shares(problem);
    counts_.resize(workers_ * labels_ * labels_);
    rows_.resize(workers_ * labels_);
    logs_.resize(counts_.size());
    prior_.resize(labels_ * labels_);
    log_frequency_.resize(labels_);
  }

  ConfusionFit run() {
    if (labels_ == 0) return std::move(result_);
    count_votes();
    for (int round = 0; round < settings_.rounds_max; ++round) {
      maximise();
      expect();
      result_.rounds = round + 1;
      if (change_ <= settings_.change_min) break;
    }
    // The rows that belong to the last beliefs, and not to those before them.
    maximise();
    foretell();
    return with_confusion();
  }

 private:
  ConfusionFit with_confusion() {
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
      const double row = row_of_cell(cell);
      counts_[cell] = row > 0 ? count_of(cell) / row : 1.0 / static_cast<double>(labels_);
    }
    result_.confusion = std::move(counts_);
    return std::move(result_);
  }

  // Of a worker, a given and a true label, with the prior; and of all given labels.
  [[nodiscard]] double count_of(std::size_t cell) const { return counts_[cell] + prior_[cell % prior_.size()]; }
  [[nodiscard]] double row_of_cell(std::size_t cell) const {
    return rows_[cell / (labels_ * labels_) * labels_ + cell % labels_] + settings_.row_prior;
  }

  template <typename Work>
  void sum_up(const Work& work) {
    gather(sum_in_parts<Sums>(answers_, counts_.size(), workforce_, work));
  }

  void gather(const std::vector<Sums>& sums) {
    change_ = 0;
    foretold_ = 0;
    bool has_counts = false;
    for (const Sums& part : sums) {
      change_ = std::max(change_, part.change);
      foretold_ += part.foretold;
      has_counts = has_counts || !part.counts.empty();
    }
    if (!has_counts) return;
    std::fill(counts_.begin(), counts_.end(), 0.0);
    result_.frequency.assign(labels_, 0);
    for (const Sums& part : sums) {
      for (std::size_t i = 0; i < part.counts.size(); ++i) counts_[i] += part.counts[i];
      for (std::size_t i = 0; i < part.tasks.size(); ++i) result_.frequency[i] += part.tasks[i];
    }
    if (problem_.history.empty()) return;
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += problem_.history[i];
  }

  void start(Sums& sums) const {
    sums.counts.resize(counts_.size());
    sums.tasks.resize(labels_);
  }

  void add(std::int32_t task, std::span<const double> row, Sums& sums) const {
    for (const Ballot& ballot : answers_.of_task(task)) {
      double* counts = sums.counts.data() + cell_of(ballot);
      for (std::size_t label = 0; label < labels_; ++label) counts[label] += row[label];
    }
    for (std::size_t label = 0; label < labels_; ++label) sums.tasks[label] += row[label];
  }

  // Of the cells of an answer, that of the first true label.
  [[nodiscard]] std::size_t cell_of(const Ballot& ballot) const {
    return (static_cast<std::size_t>(ballot.worker) * labels_ + static_cast<std::size_t>(ballot.label)) * labels_;
  }

  void count_votes() {
    sum_up([&](std::int32_t first, std::int32_t end, Sums& sums) {
      start(sums);
      for (std::int32_t task = first; task < end; ++task) add(task, row_of(result_.belief, answers_, task), sums);
    });
  }

  // From counts to probabilities.
  void maximise() {
    if (settings_.is_one_coin) {
      for (std::size_t worker = 0; worker < workers_; ++worker) spread_evenly(worker);
    }
    count_rows();
    make_prior();
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
      logs_[cell] = log_probability(count_of(cell), row_of_cell(cell));
    }

    double sum = 0;
    for (double& share : result_.frequency) sum += share += settings_.class_prior;
    for (std::size_t label = 0; label < labels_; ++label) {
      double& share = result_.frequency[label];
      share = sum > 0 ? share / sum : 1.0 / static_cast<double>(labels_);
      log_frequency_[label] = settings_.frequency_power * std::log(std::max(share, probability_min));
    }
  }

  [[nodiscard]] double log_probability(double count, double row) const {
    if (row <= 0) return -std::log(static_cast<double>(labels_));
    const double most_probable = std::log(std::max(count / row, probability_min));
    if (settings_.variational <= 0 || count <= 0) return most_probable;
    const double mean = digamma(count) - digamma(row);
    return most_probable + settings_.variational * (mean - most_probable);
  }

  // One coin: a worker's right answers to all labels together, and the wrong ones to each label alike.
  void spread_evenly(std::size_t worker) {
    double* counts = counts_.data() + worker * labels_ * labels_;
    double right = 0;
    double all = 0;
    for (std::size_t given = 0; given < labels_; ++given) {
      for (std::size_t label = 0; label < labels_; ++label) all += counts[given * labels_ + label];
      right += counts[given * labels_ + given];
    }
    const auto others = static_cast<double>(std::max<std::size_t>(labels_ - 1, 1));
    for (std::size_t given = 0; given < labels_; ++given) {
      for (std::size_t label = 0; label < labels_; ++label) {
        counts[given * labels_ + label] = given == label ? right : (all - right) / others;
      }
    }
  }

  void count_rows() {
    std::fill(rows_.begin(), rows_.end(), 0.0);
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) {
      rows_[cell / (labels_ * labels_) * labels_ + cell % labels_] += counts_[cell];
    }
  }

  [[nodiscard]] double diagonal_row(std::size_t given, std::size_t label) const {
    if (given == label) return labels_ == 1 ? 1 : settings_.diagonal_share;
    return (1 - settings_.diagonal_share) / static_cast<double>(labels_ - 1);
  }

  void make_prior() {
    std::fill(prior_.begin(), prior_.end(), 0.0);
    if (settings_.row_prior <= 0) return;
    for (std::size_t cell = 0; cell < counts_.size(); ++cell) prior_[cell % prior_.size()] += counts_[cell];
    for (std::size_t label = 0; label < labels_; ++label) {
      double sum = 0;
      for (std::size_t given = 0; given < labels_; ++given) {
        // One pseudo-answer, so that the crowd has a row for a label that it never saw.
        double& pooled = prior_[given * labels_ + label];
        pooled += diagonal_row(given, label);
        sum += pooled;
      }
      for (std::size_t given = 0; given < labels_; ++given) {
        double& prior = prior_[given * labels_ + label];
        prior = settings_.row_prior *
                (settings_.pooled * prior / sum + (1 - settings_.pooled) * diagonal_row(given, label));
      }
    }
  }

  // From probabilities to beliefs, and at once to the counts of the next round.
  void expect() {
    sum_up([&](std::int32_t first, std::int32_t end, Sums& sums) {
      start(sums);
      std::vector<double> logs(labels_);
      for (std::int32_t task = first; task < end; ++task) {
        const auto belief = row_of(result_.belief, answers_, task);
        if (!answers_.of_task(task).empty() && problem_.gold_of(task) == unknown) {
          judge(task, logs);
          sums.change = std::max(sums.change, believe(belief, logs));
        }
        add(task, belief, sums);
      }
    });
  }

  // What is believed of a task, as logarithms.
  void judge(std::int32_t task, std::vector<double>& row) const {
    std::copy(log_frequency_.begin(), log_frequency_.end(), row.begin());
    for (const Ballot& ballot : answers_.of_task(task)) {
      const double* logs = logs_.data() + cell_of(ballot);
      for (std::size_t label = 0; label < labels_; ++label) row[label] += logs[label];
    }
  }

  void foretell() {
    sum_up([&](std::int32_t first, std::int32_t end, Sums& sums) {
      std::vector<double> row(labels_);
      std::vector<double> others(labels_);
      for (std::int32_t task = first; task < end; ++task) {
        judge(task, row);
        for (const Ballot& ballot : answers_.of_task(task)) sums.foretold += foretell(task, ballot, row, others);
      }
    });
    if (answers_.answers() > 0) result_.foretold = foretold_ / static_cast<double>(answers_.answers());
  }

  // The logarithm of the probability of one answer, without what it itself added to beliefs and counts.
  double foretell(std::int32_t task, const Ballot& ballot, const std::vector<double>& row,
                  std::vector<double>& others) const {
    const std::size_t first = cell_of(ballot);
    for (std::size_t label = 0; label < labels_; ++label) others[label] = row[label] - logs_[first + label];
    exp_normalise(others);
    const auto belief = row_of(result_.belief, answers_, task);
    double probability = 0;
    for (std::size_t label = 0; label < labels_; ++label) {
      const std::size_t prior = static_cast<std::size_t>(ballot.label) * labels_ + label;
      const double count = counts_[first + label] - belief[label] + prior_[prior];
      const double of_row = rows_[static_cast<std::size_t>(ballot.worker) * labels_ + label] - belief[label];
      if (of_row + settings_.row_prior <= 0) continue;
      probability += others[label] * std::max(count, probability_min) / (of_row + settings_.row_prior);
    }
    return std::log(std::max(probability, probability_min));
  }

  const Problem& problem_;
  const AnswerTable& answers_;
  const ConfusionSettings& settings_;
  Workforce& workforce_;
  std::size_t labels_ = 0;
  std::size_t workers_ = 0;
  ConfusionFit result_;
  std::vector<double> counts_;  // [worker][given][true]
  std::vector<double> rows_;    // [worker][true]: all answers that were given where the label is true.
  std::vector<double> prior_;   // [given][true]
  std::vector<double> logs_;    // [worker][given][true]
  std::vector<double> log_frequency_;
  double change_ = 0;
  double foretold_ = 0;
};

}  // namespace

ConfusionFit fit_confusion(const Problem& problem, const ConfusionSettings& settings, Workforce& workforce) {
  return Fit(problem, settings, workforce).run();
}

std::vector<double> skill_of(const ConfusionFit& fit, const AnswerTable& answers) {
  const auto labels = static_cast<std::size_t>(answers.labels());
  std::vector<double> skill(static_cast<std::size_t>(answers.workers()));
  for (std::size_t worker = 0; worker < skill.size(); ++worker) {
    for (std::size_t label = 0; label < labels; ++label) {
      skill[worker] += fit.frequency[label] * fit.confusion[(worker * labels + label) * labels + label];
    }
  }
  return skill;
}

Estimate estimate_from(ConfusionFit fit, const AnswerTable& answers) {
  std::vector<double> skill = skill_of(fit, answers);
  return {std::move(fit.belief), std::move(skill), std::move(fit.confusion)};
}

}  // namespace tally::aggregation::labels
