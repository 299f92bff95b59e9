#include <algorithm>
#include <cmath>

#include "common/aggregation/labels/beliefs.h"
#include "common/aggregation/labels/digamma.h"
#include "common/base/assert.h"

// mace (multi-annotator competence estimation): on each task a worker either knows the label and gives it, or spams and
// gives any label by a taste of their own. Source: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy, "Learning whom to
// trust with MACE", Proceedings of NAACL-HLT (2013) 1120–1130.
//
// It is fitted by the paper's variational form of expectation maximisation, with priors of its kind. The paper starts
// many times by chance, goes on for long and keeps the likeliest fit. Here there is one start, at which all workers are
// alike and nearly always know, which is the plain vote; so an estimate depends neither on chance nor on how workers
// are numbered. And it makes few rounds: the model takes labels for equally frequent, and where they are not, more
// rounds explain a frequent label by a taste for it, which fits the answers better and the truth worse.
namespace tally::aggregation::labels {
namespace {

// Pseudo-answers. Less than one of each: a worker is taken to know nearly always or nearly never.
constexpr double knowing_prior = 0.5;
constexpr double taste_prior = 10;  // Of each label: tastes are taken for even until much is known of them.
constexpr double knows_at_start = 0.99;
constexpr int rounds_max = 10;
constexpr double change_min = 1e-5;  // It ends with a round in which no belief changed by more.

// What the answers of some tasks add to the next round.
struct Sums {
  std::vector<double> right;  // [worker][label given]: how much of the answers is believed to be right.
  double change = 0;          // The greatest of a belief.
  std::vector<double> logs;   // Of a task's beliefs.
};

class Fit {
 public:
  Fit(const Problem& problem, Workforce& workforce)
      : problem_(problem),
        answers_(problem.answers),
        workforce_(workforce),
        labels_(static_cast<std::size_t>(problem.answers.labels())),
        workers_(static_cast<std::size_t>(problem.answers.workers())),
        belief_(weighted_shares(problem)),
        given_(workers_ * labels_),
        earlier_right_(given_.size()),
        knows_(workers_, knows_at_start),
        spams_(given_.size(), (1 - knows_at_start) / problem.answers.labels()),
        gain_(given_.size()) {
    TALLY_ASSERT(labels_ > 0);
    count_given();
  }

  Estimate run() {
    for (int round = 0; round < rounds_max; ++round) {
      expect();
      maximise();
      if (change_ <= change_min) break;
    }
    // The beliefs that belong to the last knowledge of the workers, and not to that before it.
    expect();
    make_shares();
    return take_estimate();
  }

 private:
  Estimate take_estimate() {
    Estimate estimate;
    estimate.belief = std::move(belief_);
    estimate.skill.resize(workers_);
    estimate.confusion.resize(given_.size() * labels_);
    for (std::size_t cell = 0; cell < given_.size(); ++cell) {
      const std::size_t given = cell % labels_;
      for (std::size_t label = 0; label < labels_; ++label) {
        const double by_knowing = given == label ? knows_[cell / labels_] : 0;
        estimate.confusion[cell * labels_ + label] = by_knowing + spams_[cell];
      }
      // All labels are taken for equally frequent, as in the paper.
      estimate.skill[cell / labels_] += (knows_[cell / labels_] + spams_[cell]) / static_cast<double>(labels_);
    }
    return estimate;
  }

  void count_given() {
    for (std::int32_t task = 0; task < answers_.tasks(); ++task) {
      for (const Ballot& ballot : answers_.of_task(task)) given_[cell_of(ballot)] += 1;
    }
    if (problem_.history.empty()) return;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      for (std::size_t given = 0; given < labels_; ++given) {
        const std::size_t cell = worker * labels_ + given;
        for (std::size_t label = 0; label < labels_; ++label) given_[cell] += problem_.history[cell * labels_ + label];
        earlier_right_[cell] = problem_.history[cell * labels_ + given];
      }
    }
  }

  [[nodiscard]] std::size_t cell_of(const Ballot& ballot) const {
    return static_cast<std::size_t>(ballot.worker) * labels_ + static_cast<std::size_t>(ballot.label);
  }

  // From what workers are like to beliefs.
  void expect() {
    for (std::size_t cell = 0; cell < gain_.size(); ++cell) {
      gain_[cell] = std::log1p(knows_[cell / labels_] / spams_[cell]);
    }
    const auto judge_tasks = [&](std::int32_t first, std::int32_t end, Sums& sums) {
      sums.right.resize(given_.size());
      sums.logs.resize(labels_);
      for (std::int32_t task = first; task < end; ++task) judge(task, sums);
    };
    gather(sum_in_parts<Sums>(answers_, given_.size(), workforce_, judge_tasks));
  }

  void judge(std::int32_t task, Sums& sums) {
    if (answers_.of_task(task).empty()) return;
    const auto row = row_of(belief_, answers_, task);
    if (problem_.gold_of(task) == unknown) {
      weigh_answers(task, sums.logs);
      sums.change = std::max(sums.change, believe(row, sums.logs));
    }
    for (const Ballot& ballot : answers_.of_task(task)) {
      sums.right[cell_of(ballot)] += row[static_cast<std::size_t>(ballot.label)];
    }
  }

  // All labels are as probable as the answers are by spamming alone; each label given gains by knowing.
  void weigh_answers(std::int32_t task, std::vector<double>& logs) const {
    std::fill(logs.begin(), logs.end(), 0.0);
    for (const Ballot& ballot : answers_.of_task(task)) {
      logs[static_cast<std::size_t>(ballot.label)] += gain_[cell_of(ballot)];
    }
  }

  void gather(const std::vector<Sums>& sums) {
    right_ = earlier_right_;
    change_ = 0;
    for (const Sums& part : sums) {
      change_ = std::max(change_, part.change);
      for (std::size_t cell = 0; cell < right_.size(); ++cell) right_[cell] += part.right[cell];
    }
  }

  // How much of a worker's right answers of a label was known: the rest was luck.
  [[nodiscard]] double known_of(std::size_t cell) const {
    const double knows = knows_[cell / labels_];
    return right_[cell] * knows / (knows + spams_[cell]);
  }

  // From beliefs to what workers are like: by the mean logarithm over what they may be, as variational Bayes has it.
  void maximise() {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      double known = 0;
      double all = 0;
      for (std::size_t cell = worker * labels_; cell < (worker + 1) * labels_; ++cell) {
        const double of_label = known_of(cell);
        // From here on the cell holds the answers that were spam.
        right_[cell] = given_[cell] - of_label;
        known += of_label;
        all += given_[cell];
      }
      const double log_all = digamma(all + 2 * knowing_prior);
      const double log_spam = digamma(all - known + knowing_prior) - log_all;
      const double log_tastes = digamma(all - known + static_cast<double>(labels_) * taste_prior);
      for (std::size_t cell = worker * labels_; cell < (worker + 1) * labels_; ++cell) {
        spams_[cell] = std::exp(log_spam + digamma(right_[cell] + taste_prior) - log_tastes);
      }
      knows_[worker] = std::exp(digamma(known + knowing_prior) - log_all);
    }
  }

  // Means of logarithms are those of numbers that add up to less than 1.
  void make_shares() {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      double sum = knows_[worker];
      for (std::size_t label = 0; label < labels_; ++label) sum += spams_[worker * labels_ + label];
      knows_[worker] /= sum;
      for (std::size_t label = 0; label < labels_; ++label) spams_[worker * labels_ + label] /= sum;
    }
  }

  const Problem& problem_;
  const AnswerTable& answers_;
  Workforce& workforce_;
  std::size_t labels_;
  std::size_t workers_;
  std::vector<double> belief_;         // As in Estimate.
  std::vector<double> given_;          // [worker][label given]: answers, earlier ones too.
  std::vector<double> earlier_right_;  // [worker][label given]: answers of earlier projects that were right.
  std::vector<double> right_;          // [worker][label given]: answers, as far as they are believed.
  std::vector<double> knows_;          // By worker: how probable it is that an answer is known.
  std::vector<double> spams_;          // [worker][label given]: how probable it is that an answer is this spam.
  std::vector<double> gain_;           // [worker][label given]: what an answer adds to the logarithm of its label.
  double change_ = 0;
};

Estimate estimate(const Problem& problem, Workforce& workforce) {
  if (problem.answers.labels() == 0 || problem.answers.workers() == 0) return {weighted_shares(problem), {}, {}};
  return Fit(problem, workforce).run();
}

}  // namespace

extern const Method mace_method;
const Method mace_method{"mace", "each worker knows the label or spams", true, estimate};

}  // namespace tally::aggregation::labels
