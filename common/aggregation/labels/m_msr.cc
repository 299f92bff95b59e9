#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "common/aggregation/labels/beliefs.h"
#include "common/base/assert.h"

// m_msr (matrix mean-subsequence-reduced): votes weighted by what agreement tells of each worker, robust against a part
// of the workers who do as they like. Let a worker's reliability be 1 where every answer is right and 0 where it is
// chance. Of two workers who err independently, the likeness (how often they agree, on the same scale) is the product
// of their reliabilities. So the matrix of likenesses has rank one, and each known entry, divided by the other worker's
// reliability, tells this worker's: they are averaged without the extreme ones, over and over. Source: Q. Ma,
// A. Olshevsky, "Adversarial crowdsourcing through robust rank-one matrix completion", Advances in Neural Information
// Processing Systems 33 (2020).
//
// Some things differ from the paper, since real crowds share few tasks. An entry counts by what it can tell: by the
// tasks shared, and by how reliable the other is. A quarter of the weight is cut at each end, rather than a fixed
// number of entries on the far sides of the worker's own value. Who shares little is taken to be like the crowd. Signs
// are not told from absolute values afterwards: the start, which is agreement with the vote, has them. The matrix is
// symmetric, so there is one vector and not two, which goes half way in each round. And gold tells of a worker
// directly.
namespace tally::aggregation::labels {
namespace {

// Pairs are kept for so many workers, those with the most answers; the others are judged against these.
constexpr std::size_t core_workers_max = 1024;
constexpr double cut_share = 0.25;  // Of the weight, at each end.
constexpr double crowd_prior = 5;   // The weight of the crowd's mean: pseudo-tasks shared with somebody always right.
constexpr double crowd_mean_min = 0.1;  // A crowd is taken to be better than chance.
// The likeness to a worker who answers by chance tells nothing of anybody.
constexpr double reliability_min = 1e-3;
constexpr int rounds_max = 200;
constexpr double change_min = 1e-6;        // It ends with a round in which no reliability changed by more.
constexpr std::size_t part_workers = 128;  // For the workforce.

// A worker of the core, as another worker sees them.
struct Neighbour {
  std::int32_t position = 0;  // In the core.
  std::int32_t shared = 0;    // Tasks, gold apart.
  double likeness = 0;
};

// What one neighbour tells of a worker's reliability.
struct Hint {
  double reliability = 0;
  double weight = 0;
};

// Of hints without the extreme ones: the sum of the weights, and of the weighted reliabilities.
struct Kept {
  double weight = 0;
  double sum = 0;
};

// A hint at the edge of the cut counts by the part inside, so that no tie and no last bit decides.
Kept keep_middle(std::vector<Hint>& hints) {
  std::sort(hints.begin(), hints.end(), [](const Hint& a, const Hint& b) { return a.reliability < b.reliability; });
  double all = 0;
  for (const Hint& hint : hints) all += hint.weight;
  const double low = all * cut_share;
  const double high = all * (1 - cut_share);
  Kept kept;
  double before = 0;
  for (const Hint& hint : hints) {
    const double inside = std::min(before + hint.weight, high) - std::max(before, low);
    before += hint.weight;
    if (inside <= 0) continue;
    kept.weight += inside;
    kept.sum += inside * hint.reliability;
  }
  return kept;
}

class Fit {
 public:
  Fit(const Problem& problem, Workforce& workforce)
      : problem_(problem),
        answers_(problem.answers),
        workforce_(workforce),
        belief_(weighted_shares(problem)),
        reliability_(agreement_with(belief_, answers_)) {
    TALLY_ASSERT(answers_.labels() >= 2);
    for (double& value : reliability_) value = reliability_of(value);
    index_answers();
    choose_core();
    neighbours_.resize(core_.size());
    for_each_of_core([&](std::size_t position) { neighbours_[position] = neighbours_of(core_[position]); });
  }

  Estimate run() {
    for (int round = 0; round < rounds_max; ++round) {
      if (make_round() <= change_min) break;
    }
    judge_the_others();
    Estimate estimate;
    estimate.skill.reserve(reliability_.size());
    for (const double reliability : reliability_) estimate.skill.push_back(share_right_of(reliability));
    believe(estimate.skill);
    estimate.belief = std::move(belief_);
    return estimate;
  }

 private:
  struct Given {
    std::int32_t task = 0;
    std::int32_t label = 0;
  };

  // From a share of right answers, or of agreement, to where 1 is always and 0 is chance.
  [[nodiscard]] double reliability_of(double share) const {
    const double labels = answers_.labels();
    return (labels * share - 1) / (labels - 1);
  }
  [[nodiscard]] double share_right_of(double reliability) const {
    const double labels = answers_.labels();
    return std::clamp((reliability * (labels - 1) + 1) / labels, 0.0, 1.0);
  }

  // Answers by worker: on gold only how many are right, for there nobody else has to be asked.
  void index_answers() {
    const auto workers = static_cast<std::size_t>(answers_.workers());
    on_gold_.resize(workers);
    right_on_gold_.resize(workers);
    first_.assign(workers + 1, 0);
    for_each_answer([&](std::int32_t task, const Ballot& ballot) {
      const auto worker = static_cast<std::size_t>(ballot.worker);
      const std::int32_t gold = problem_.gold_of(task);
      if (gold == unknown) {
        ++first_[worker + 1];
      } else {
        on_gold_[worker] += 1;
        right_on_gold_[worker] += ballot.label == gold ? 1 : 0;
      }
    });
    for (std::size_t worker = 0; worker < workers; ++worker) first_[worker + 1] += first_[worker];
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    given_.resize(first_.back());
    for_each_answer([&](std::int32_t task, const Ballot& ballot) {
      if (problem_.gold_of(task) != unknown) return;
      given_[next[static_cast<std::size_t>(ballot.worker)]++] = {task, ballot.label};
    });
  }

  template <typename Work>
  void for_each_answer(const Work& work) const {
    for (std::int32_t task = 0; task < answers_.tasks(); ++task) {
      for (const Ballot& ballot : answers_.of_task(task)) work(task, ballot);
    }
  }

  [[nodiscard]] std::span<const Given> given_by(std::size_t worker) const {
    return {given_.data() + first_[worker], given_.data() + first_[worker + 1]};
  }
  [[nodiscard]] double answers_of(std::size_t worker) const {
    return static_cast<double>(given_by(worker).size()) + on_gold_[worker];
  }

  void choose_core() {
    const std::size_t workers = reliability_.size();
    core_.resize(workers);
    std::iota(core_.begin(), core_.end(), std::size_t{0});
    if (workers > core_workers_max) {
      std::stable_sort(core_.begin(), core_.end(),
                       [&](std::size_t a, std::size_t b) { return given_by(a).size() > given_by(b).size(); });
      core_.resize(core_workers_max);
      std::sort(core_.begin(), core_.end());
    }
    position_.assign(workers, -1);
    for (std::size_t position = 0; position < core_.size(); ++position) {
      position_[core_[position]] = static_cast<std::int32_t>(position);
    }
    std::vector<Answer> of_core;
    for (const std::size_t worker : core_) {
      for (const Given& given : given_by(worker)) of_core.push_back({given.task, position_[worker], given.label});
    }
    core_answers_ =
        AnswerTable({answers_.tasks(), static_cast<std::int32_t>(core_.size()), answers_.labels()}, of_core);
  }

  // Those of the core who share a task with the worker.
  [[nodiscard]] std::vector<Neighbour> neighbours_of(std::size_t worker) const {
    std::vector<std::int32_t> shared(core_.size());
    std::vector<std::int32_t> agreed(core_.size());
    for (const Given& given : given_by(worker)) {
      for (const Ballot& ballot : core_answers_.of_task(given.task)) {
        const auto position = static_cast<std::size_t>(ballot.worker);
        shared[position] += 1;
        agreed[position] += ballot.label == given.label ? 1 : 0;
      }
    }
    // Everybody is like themselves.
    if (position_[worker] >= 0) shared[static_cast<std::size_t>(position_[worker])] = 0;
    std::vector<Neighbour> neighbours;
    for (std::size_t position = 0; position < core_.size(); ++position) {
      if (shared[position] == 0) continue;
      const double share = static_cast<double>(agreed[position]) / shared[position];
      neighbours.push_back({static_cast<std::int32_t>(position), shared[position], reliability_of(share)});
    }
    return neighbours;
  }

  // Each worker is judged by what was known before, so it does not matter who does it.
  template <typename Work>
  void for_each_of_core(const Work& work) {
    for_each_in_parts(core_.size(), part_workers, workforce_, work);
  }

  // Returns the greatest change of a reliability.
  double make_round() {
    const double crowd = mean_of_core();
    std::vector<double> next(core_.size());
    for_each_of_core(
        [&](std::size_t position) { next[position] = judge(core_[position], neighbours_[position], crowd); });
    double change = 0;
    for (std::size_t position = 0; position < core_.size(); ++position) {
      double& reliability = reliability_[core_[position]];
      // Half way: who takes the others for too good is taken for too bad, and the other way round in the next round.
      const double half_way = (reliability + next[position]) / 2;
      change = std::max(change, std::abs(half_way - reliability));
      reliability = half_way;
    }
    return change;
  }

  // By answer.
  [[nodiscard]] double mean_of_core() const {
    double sum = 0;
    double all = 0;
    for (const std::size_t worker : core_) {
      sum += answers_of(worker) * reliability_[worker];
      all += answers_of(worker);
    }
    return all > 0 ? std::max(sum / all, crowd_mean_min) : 1;
  }

  [[nodiscard]] double judge(std::size_t worker, const std::vector<Neighbour>& neighbours, double crowd) const {
    std::vector<Hint> hints;
    hints.reserve(neighbours.size());
    for (const Neighbour& neighbour : neighbours) {
      const double other = reliability_[core_[static_cast<std::size_t>(neighbour.position)]];
      if (std::abs(other) < reliability_min) continue;
      // The less reliable the other, the more does chance in their likeness weigh after the division.
      hints.push_back({neighbour.likeness / other, neighbour.shared * other * other});
    }
    Kept kept = keep_middle(hints);
    // All neighbours together tell no more of an answer than gold would.
    const auto most = static_cast<double>(given_by(worker).size());
    if (kept.weight > most) kept = {most, kept.sum / kept.weight * most};
    const double on_gold = on_gold_[worker];
    const double of_gold = on_gold > 0 ? on_gold * reliability_of(right_on_gold_[worker] / on_gold) : 0;
    const double reliability = (kept.sum + of_gold + crowd_prior * crowd) / (kept.weight + on_gold + crowd_prior);
    return std::clamp(reliability, reliability_of(0), 1.0);
  }

  void judge_the_others() {
    const double crowd = mean_of_core();
    for (std::size_t worker = 0; worker < reliability_.size(); ++worker) {
      if (position_[worker] >= 0) continue;
      reliability_[worker] = judge(worker, neighbours_of(worker), crowd);
    }
  }

  // Each vote counts by the logarithm of the odds that it is right against that it is a given other label.
  void believe(const std::vector<double>& skill) {
    std::vector<double> weight(skill.size());
    for (std::size_t worker = 0; worker < weight.size(); ++worker) {
      // Few answers show no worker to be nearly perfect.
      const double least = 1 / (answers_of(worker) + 2);
      const double right = std::clamp(skill[worker], least, 1 - least);
      weight[worker] = std::log((answers_.labels() - 1) * right / (1 - right));
    }
    for (std::int32_t task = 0; task < answers_.tasks(); ++task) {
      if (answers_.of_task(task).empty() || problem_.gold_of(task) != unknown) continue;
      const auto row = row_of(belief_, answers_, task);
      std::fill(row.begin(), row.end(), 0.0);
      for (const Ballot& ballot : answers_.of_task(task)) {
        row[static_cast<std::size_t>(ballot.label)] += weight[static_cast<std::size_t>(ballot.worker)];
      }
      exp_normalise(row);
    }
  }

  const Problem& problem_;
  const AnswerTable& answers_;
  Workforce& workforce_;
  std::vector<double> belief_;       // As in Estimate.
  std::vector<double> reliability_;  // By worker.
  std::vector<std::size_t> first_;   // By worker: where their part of given_ begins; one more at the end.
  std::vector<Given> given_;         // By worker, then task; without gold.
  std::vector<double> on_gold_;      // By worker: answers on gold.
  std::vector<double> right_on_gold_;
  std::vector<std::size_t> core_;                   // Workers, by number.
  std::vector<std::int32_t> position_;              // By worker: where in the core, or -1.
  AnswerTable core_answers_;                        // The core's workers are numbered by their position. Without gold.
  std::vector<std::vector<Neighbour>> neighbours_;  // By position.
};

Estimate estimate(const Problem& problem, Workforce& workforce) {
  // With one label all agree, which tells nothing.
  if (problem.answers.labels() >= 2) return Fit(problem, workforce).run();
  return estimate_by_agreement(weighted_shares(problem), problem.answers);
}

}  // namespace

extern const Method m_msr_method;
const Method m_msr_method{"m_msr", "votes weighted by what each worker's agreement with others tells, extremes apart",
                          false, estimate};

}  // namespace tally::aggregation::labels
