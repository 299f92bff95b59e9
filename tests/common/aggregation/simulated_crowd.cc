#include "tests/common/aggregation/simulated_crowd.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace tally::aggregation::conduct {
namespace {

std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

// Draws by plain arithmetic: the distributions of the standard library differ from one library to another.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::int32_t below(std::int32_t bound) {
    return static_cast<std::int32_t>(random_() % static_cast<std::uint64_t>(bound));
  }
  double share() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }
  bool happens(double probability) { return share() < probability; }
  // About normal, by a sum of twelve.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += share();
    return sum;
  }
  template <typename Value>
  void shuffle(std::vector<Value>& values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[at(below(static_cast<std::int32_t>(i)))]);
    }
  }

 private:
  std::mt19937_64 random_;
};

class Maker {
 public:
  Maker(const CrowdPlan& plan, std::uint64_t seed) : plan_(plan), chance_(seed) { crowd_.plan = plan; }

  SimulatedCrowd made() {
    make_workers();
    make_tasks();
    for (std::int32_t task = 0; task < plan_.tasks; ++task) answer(task);
    return std::move(crowd_);
  }

 private:
  void make_workers() {
    const auto spammers = static_cast<std::int32_t>(std::lround(plan_.spammers * plan_.workers));
    std::vector<Manner>& manners = crowd_.manners;
    manners.assign(at(plan_.workers), Manner::looks);
    for (std::int32_t i = 0; i < spammers; ++i) {
      manners[at(i)] = i % 3 == 0 ? Manner::random : i % 3 == 1 ? Manner::constant : Manner::always_first;
    }
    std::fill_n(manners.begin() + spammers, plan_.ring, Manner::copies);
    chance_.shuffle(manners);
    std::int32_t experts = 0;
    for (std::int32_t worker = 0; worker < plan_.workers; ++worker) {
      skill_.push_back(plan_.skill_min + (plan_.skill_max - plan_.skill_min) * chance_.share());
      if (manners[at(worker)] == Manner::looks && experts++ < plan_.experts) skill_.back() = 0.99;
      favourite_.push_back(1 + chance_.below(plan_.labels - 1));
      (manners[at(worker)] == Manner::copies ? ring_ : others_).push_back(worker);
    }
  }

  void make_tasks() {
    for (std::int32_t task = 0; task < plan_.tasks; ++task) {
      crowd_.truth.push_back(chance_.below(plan_.labels));
      crowd_.gold.push_back(chance_.happens(plan_.gold) ? crowd_.truth.back() : labels::unknown);
      is_ring_task_.push_back(task < plan_.ring_tasks && !ring_.empty() ? 1 : 0);
    }
    chance_.shuffle(is_ring_task_);
  }

  void answer(std::int32_t task) {
    const std::int32_t answers = plan_.answers_min + chance_.below(plan_.answers_max - plan_.answers_min + 1);
    const std::int32_t lure = wrong_label(task);
    const bool is_tempting = chance_.happens(plan_.tempting);
    std::vector<std::int32_t> who;
    if (is_ring_task_[at(task)] != 0) {
      chance_.shuffle(ring_);
      who.assign(ring_.begin(), ring_.begin() + plan_.ring_of_task);
    }
    chance_.shuffle(others_);
    who.insert(who.end(), others_.begin(), others_.begin() + std::max(0, answers - std::int32_t(who.size())));
    const std::int32_t copied = chance_.happens(plan_.ring_skill) ? crowd_.truth[at(task)] : wrong_label(task);
    for (const std::int32_t worker : who) {
      std::int32_t label = copied;
      if (crowd_.manners[at(worker)] != Manner::copies) label = own_label(worker, task, is_tempting ? lure : -1);
      crowd_.answers.push_back({task, worker, label, seconds(worker)});
    }
  }

  std::int32_t own_label(std::int32_t worker, std::int32_t task, std::int32_t lure) {
    switch (crowd_.manners[at(worker)]) {
      case Manner::random:
        return chance_.below(plan_.labels);
      case Manner::constant:
        return favourite_[at(worker)];
      case Manner::always_first:
        return 0;
      default:
        break;
    }
    const double error = (1 - skill_[at(worker)]) * (lure >= 0 ? 2 : 1);
    if (!chance_.happens(error)) return crowd_.truth[at(task)];
    return lure >= 0 ? lure : wrong_label(task);
  }

  std::int32_t wrong_label(std::int32_t task) {
    return (crowd_.truth[at(task)] + 1 + chance_.below(plan_.labels - 1)) % plan_.labels;
  }

  float seconds(std::int32_t worker) {
    if (!plan_.is_timed) return 0;
    const Manner manner = crowd_.manners[at(worker)];
    const double pace = manner == Manner::looks || manner == Manner::copies ? 1 : 0.1;
    return static_cast<float>(20 * pace * std::exp(0.5 * chance_.normal() + 0.4 * (skill_[at(worker)] - 0.8)));
  }

  CrowdPlan plan_;
  Chance chance_;
  SimulatedCrowd crowd_;
  std::vector<double> skill_;
  std::vector<std::int32_t> favourite_;
  std::vector<std::int32_t> ring_;
  std::vector<std::int32_t> others_;
  std::vector<char> is_ring_task_;  // Of bool there is no reference to swap.
};

SignalKind kind_of(Manner manner) {
  switch (manner) {
    case Manner::constant:
      return SignalKind::constant;
    case Manner::always_first:
      return SignalKind::always_first;
    case Manner::copies:
      return SignalKind::copying;
    default:
      return SignalKind::random;
  }
}

}  // namespace

SimulatedCrowd simulated_crowd(const CrowdPlan& plan, std::uint64_t seed) { return Maker(plan, seed).made(); }

void Found::add(const Found& other) {
  lookers += other.lookers;
  lookers_accused += other.lookers_accused;
  lookers_called_copying += other.lookers_called_copying;
  spammers += other.spammers;
  spammers_found += other.spammers_found;
  spammers_named_right += other.spammers_named_right;
  ring += other.ring;
  ring_found += other.ring_found;
  ring_alike += other.ring_alike;
  lookers_alike += other.lookers_alike;
  rings += other.rings;
}

Found compare(const SimulatedCrowd& crowd, const Conduct& conduct) {
  std::vector<unsigned> signals(crowd.manners.size());  // By worker, a bit for each kind.
  for (const Signal& signal : conduct.signals) {
    signals[at(signal.worker)] |= 1U << static_cast<unsigned>(signal.kind);
  }
  Found found;
  found.rings = static_cast<int>(conduct.rings.size());
  for (const auto& group : conduct.alike) {
    for (const std::int32_t worker : group) {
      found.ring_alike += crowd.manners[at(worker)] == Manner::copies ? 1 : 0;
      found.lookers_alike += crowd.manners[at(worker)] == Manner::looks ? 1 : 0;
    }
  }
  for (std::size_t worker = 0; worker < signals.size(); ++worker) {
    const Manner manner = crowd.manners[worker];
    const auto has = [&](SignalKind kind) {
      return (signals[worker] >> static_cast<unsigned>(kind) & 1U) != 0 ? 1 : 0;
    };
    const int any = signals[worker] != 0 ? 1 : 0;
    if (manner == Manner::looks) {
      ++found.lookers;
      found.lookers_accused += any;
      found.lookers_called_copying += has(SignalKind::copying);
    } else if (manner == Manner::copies) {
      ++found.ring;
      found.ring_found += has(SignalKind::copying);
    } else {
      ++found.spammers;
      found.spammers_found += any;
      found.spammers_named_right += has(kind_of(manner));
    }
  }
  return found;
}

}  // namespace tally::aggregation::conduct
