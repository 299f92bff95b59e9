#include <algorithm>
#include <cmath>

#include "common/aggregation/labels/beliefs.h"
#include "common/base/assert.h"

// glad (generative model of labels, abilities and difficulties): how probable a right answer is depends on the worker's
// ability and on how easy the task is; wrong answers are spread over the other labels alike. The logarithm of the odds
// of a right answer is ability × ease. An ability may be negative, an ease may not. Source: J. Whitehill, P. Ruvolo,
// T. Wu, J. Bergsma, J. Movellan, "Whose vote should count more: optimal integration of labels from labelers of unknown
// expertise", Advances in Neural Information Processing Systems 22 (2009).
//
// It is fitted by expectation maximisation. The paper climbs by conjugate gradients in every round. Here a round makes
// one gradient step for each task and one for each worker, scaled by the curvature, so that no step length has to be
// searched and a round reads the answers once.
namespace tally::aggregation::labels {
namespace {

// Abilities and logarithms of ease are taken for normal with this mean and a variance of 1, as in the paper.
constexpr double prior_mean = 1;
constexpr int rounds_max = 60;
constexpr double change_min = 1e-4;  // It ends with a round in which no belief changed by more.
// A longer step would trust the curvature too far from where it was taken.
constexpr double step_max = 1;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// The step from `value` to where the slope of the penalised likelihood would be 0.
double step_of(double value, double slope, double curvature) {
  return std::clamp((slope - (value - prior_mean)) / (curvature + 1), -step_max, step_max);
}

// What the answers of some tasks say of the workers.
struct Sums {
  std::vector<double> slope;      // By worker.
  std::vector<double> curvature;  // By worker.
  double change = 0;              // The greatest of a belief.
  std::vector<double> logs;       // Of a task's beliefs.
};

class Fit {
 public:
  Fit(const Problem& problem, Workforce& workforce)
      : problem_(problem), answers_(problem.answers), workforce_(workforce), belief_(weighted_shares(problem)) {
    TALLY_ASSERT(answers_.labels() >= 2);
    log_other_labels_ = std::log(answers_.labels() - 1);
    ability_.assign(static_cast<std::size_t>(answers_.workers()), prior_mean);
    log_ease_.assign(static_cast<std::size_t>(answers_.tasks()), prior_mean);
  }

  std::vector<double> run() {
    for (int round = 0; round < rounds_max; ++round) {
      if (make_round() <= change_min) break;
    }
    return std::move(belief_);
  }

 private:
  // Returns the greatest change of a belief.
  double make_round() {
    const auto judge_tasks = [&](std::int32_t first, std::int32_t end, Sums& sums) {
      sums.slope.resize(ability_.size());
      sums.curvature.resize(ability_.size());
      sums.logs.resize(static_cast<std::size_t>(answers_.labels()));
      for (std::int32_t task = first; task < end; ++task) judge(task, sums);
    };
    const std::vector<Sums> sums = sum_in_parts<Sums>(answers_, ability_.size(), workforce_, judge_tasks);
    step_workers(sums);
    double change = 0;
    for (const Sums& part : sums) change = std::max(change, part.change);
    return change;
  }

  // What is believed of a task, then how easy it is, then what it says of its workers.
  void judge(std::int32_t task, Sums& sums) {
    if (answers_.of_task(task).empty()) return;
    const auto row = row_of(belief_, answers_, task);
    if (problem_.gold_of(task) == unknown) {
      weigh_answers(task, sums.logs);
      sums.change = std::max(sums.change, believe(row, sums.logs));
    }
    step_task(task);
    const double ease = ease_of(task);
    for (const Ballot& ballot : answers_.of_task(task)) {
      const auto worker = static_cast<std::size_t>(ballot.worker);
      const double right = logistic(ability_[worker] * ease);
      sums.slope[worker] += (row[static_cast<std::size_t>(ballot.label)] - right) * ease;
      sums.curvature[worker] += right * (1 - right) * ease * ease;
    }
  }

  // A label gains by each answer what a right answer is more probable than one of the wrong ones.
  void weigh_answers(std::int32_t task, std::vector<double>& logs) const {
    std::fill(logs.begin(), logs.end(), 0.0);
    const double ease = ease_of(task);
    for (const Ballot& ballot : answers_.of_task(task)) {
      logs[static_cast<std::size_t>(ballot.label)] +=
          ability_[static_cast<std::size_t>(ballot.worker)] * ease + log_other_labels_;
    }
  }

  void step_task(std::int32_t task) {
    const auto row = row_of(belief_, answers_, task);
    const double ease = ease_of(task);
    double slope = 0;
    double curvature = 0;
    for (const Ballot& ballot : answers_.of_task(task)) {
      const double log_odds = ability_[static_cast<std::size_t>(ballot.worker)] * ease;
      const double right = logistic(log_odds);
      slope += (row[static_cast<std::size_t>(ballot.label)] - right) * log_odds;
      curvature += right * (1 - right) * log_odds * log_odds;
    }
    double& log_ease = log_ease_[static_cast<std::size_t>(task)];
    log_ease += step_of(log_ease, slope, curvature);
  }

  void step_workers(const std::vector<Sums>& sums) {
    for (std::size_t worker = 0; worker < ability_.size(); ++worker) {
      double slope = 0;
      double curvature = 0;
      for (const Sums& part : sums) {
        slope += part.slope[worker];
        curvature += part.curvature[worker];
      }
      ability_[worker] += step_of(ability_[worker], slope, curvature);
    }
  }

  [[nodiscard]] double ease_of(std::int32_t task) const { return std::exp(log_ease_[static_cast<std::size_t>(task)]); }

  const Problem& problem_;
  const AnswerTable& answers_;
  Workforce& workforce_;
  std::vector<double> belief_;
  double log_other_labels_ = 0;
  std::vector<double> ability_;   // By worker.
  std::vector<double> log_ease_;  // By task.
};

Estimate estimate(const Problem& problem, Workforce& workforce) {
  // With one label there is nothing to be wrong about.
  const bool has_choice = problem.answers.labels() >= 2;
  std::vector<double> belief = has_choice ? Fit(problem, workforce).run() : weighted_shares(problem);
  // An ability alone is no share of right answers: it depends on the tasks that the worker met.
  return estimate_by_agreement(std::move(belief), problem.answers);
}

}  // namespace

extern const Method glad_method;
const Method glad_method{"glad", "each worker's ability against each task's difficulty", false, estimate};

}  // namespace tally::aggregation::labels
