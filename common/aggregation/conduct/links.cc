#include "common/aggregation/conduct/links.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "common/aggregation/conduct/tails.h"

namespace tally::aggregation::conduct {
namespace {

constexpr double agreed_share_min = 0.95;
// Who is linked with more of all workers than that is not in a ring but like everybody.
constexpr double linked_share_max = 0.25;

using LinksOfWorkers = std::vector<std::vector<std::int32_t>>;

bool has(const std::vector<std::int32_t>& sorted, std::int32_t worker) {
  return !sorted.empty() && std::binary_search(sorted.begin(), sorted.end(), worker);
}

struct Likeness {
  std::int32_t first = 0;
  std::int32_t second = 0;
  std::int64_t shared = 0;
  std::int64_t agreed = 0;
};

// One worker after the other against all that share tasks.
class AgreementWalk {
 public:
  explicit AgreementWalk(const AnswerRows& rows) : with_(at(rows.workers())) {
    for (std::int32_t worker = 0; worker < rows.workers(); ++worker) {
      for (const std::uint32_t place : rows.of_worker(worker)) compare(rows.all()[place], rows);
      finish(worker);
    }
  }

  std::vector<double> agreement;  // By worker: the mean over those met, each counting once.
  std::vector<Likeness> alike;
  std::int64_t pairs = 0;

 private:
  void compare(const Row& own, const AnswerRows& rows) {
    const auto of_task = rows.of_task(own.task);
    if (std::ssize(of_task) > pair_answers_of_task_max) return;
    for (const Row& other : of_task) {
      if (other.worker == own.worker) continue;
      Likeness& likeness = with_[at(other.worker)];
      if (likeness.shared++ == 0) others_.push_back(other.worker);
      likeness.agreed += own.label == other.label ? 1 : 0;
    }
  }

  void finish(std::int32_t worker) {
    std::sort(others_.begin(), others_.end());
    double sum = 0;
    for (const std::int32_t other : others_) {
      Likeness& likeness = with_[at(other)];
      const double share = static_cast<double>(likeness.agreed) / static_cast<double>(likeness.shared);
      sum += share;
      if (other > worker && likeness.shared >= pair_tasks_min) {
        ++pairs;
        if (share >= agreed_share_min) keep({worker, other, likeness.shared, likeness.agreed});
      }
      likeness = {};
    }
    agreement.push_back(others_.empty() ? 0 : sum / static_cast<double>(others_.size()));
    others_.clear();
  }

  void keep(const Likeness& likeness) {
    alike.push_back(likeness);
    if (std::ssize(alike) < 2 * pairs_kept_max) return;
    std::nth_element(alike.begin(), alike.begin() + pairs_kept_max, alike.end(),
                     [](const Likeness& a, const Likeness& b) {
                       return std::tie(b.shared, a.first, a.second) < std::tie(a.shared, b.first, b.second);
                     });
    alike.resize(pairs_kept_max);
  }

  std::vector<Likeness> with_;
  std::vector<std::int32_t> others_;
};

// What the best of those who agree with anybody reach, if so many are called the best.
double best_of(std::vector<double> agreement, std::int64_t one_in) {
  agreement.erase(std::remove(agreement.begin(), agreement.end(), 0.0), agreement.end());
  if (agreement.empty()) return 0;
  const auto least = agreement.begin() + std::ssize(agreement) / one_in;
  std::nth_element(agreement.begin(), least, agreement.end(), std::greater<>());
  return *least;
}

// By worker: the share of the answers of those one is not linked with, to one's tasks, that are the same as one's own.
std::vector<double> agreement_outside(const AnswerRows& rows, const LinksOfWorkers& linked) {
  std::vector<double> share(at(rows.workers()));
  for (std::int32_t worker = 0; worker < rows.workers(); ++worker) {
    std::int64_t others = 0;
    std::int64_t agreed = 0;
    for (const std::uint32_t place : rows.of_worker(worker)) {
      const Row& own = rows.all()[place];
      const auto of_task = rows.of_task(own.task);
      if (std::ssize(of_task) > pair_answers_of_task_max) continue;
      for (const Row& other : of_task) {
        if (other.worker == worker || has(linked[at(worker)], other.worker)) continue;
        ++others;
        agreed += own.label == other.label ? 1 : 0;
      }
    }
    if (others > 0) share[at(worker)] = static_cast<double>(agreed) / static_cast<double>(others);
  }
  return share;
}

LinksOfWorkers linked_by_likeness(const AnswerRows& rows) {
  const AgreementWalk walk(rows);
  // Who meets nobody but a ring agrees with all whom it meets; so nobody is taken to agree more than the best do.
  const double best = best_of(walk.agreement, 4);
  std::vector<double> log10_p;
  for (const Likeness& likeness : walk.alike) {
    const double usual = std::max(walk.agreement[at(likeness.first)], walk.agreement[at(likeness.second)]);
    log10_p.push_back(
        log10_binomial_or_more(likeness.agreed, likeness.shared, std::clamp(std::min(usual, best), 0.01, 0.99)));
  }
  LinksOfWorkers linked(at(rows.workers()));
  for (const std::size_t i : holm(log10_p, walk.pairs, level)) {
    linked[at(walk.alike[i].first)].push_back(walk.alike[i].second);
    linked[at(walk.alike[i].second)].push_back(walk.alike[i].first);
  }
  for (auto& others : linked) std::sort(others.begin(), others.end());
  return linked;
}

}  // namespace

Links::Links(const AnswerRows& rows) : of_worker_(at(rows.workers())) {
  LinksOfWorkers linked = linked_by_likeness(rows);
  const std::vector<double> outside = agreement_outside(rows, linked);
  const double good = best_of(outside, 3);
  const double linked_max = linked_share_max * static_cast<double>(rows.workers());
  for (std::size_t worker = 0; worker < linked.size(); ++worker) {
    if (static_cast<double>(linked[worker].size()) > linked_max || outside[worker] >= good) continue;
    of_worker_[worker] = std::move(linked[worker]);
  }
}

bool Links::are_linked(std::int32_t a, std::int32_t b) const { return has_any(a) && has(of_worker_[at(a)], b); }

}  // namespace tally::aggregation::conduct
