#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "common/aggregation/conduct/pairs.h"
#include "common/aggregation/conduct/stages.h"

// Pairs are joined by the workers they have in common.
namespace tally::aggregation::conduct {
namespace {

// Workers that are joined by twos. The root of a group is its lowest.
class Groups {
 public:
  explicit Groups(std::int32_t workers) : parent_(at(workers)) { std::iota(parent_.begin(), parent_.end(), 0); }

  void join(std::int32_t a, std::int32_t b) {
    const std::int32_t root_a = root_of(a);
    const std::int32_t root_b = root_of(b);
    parent_[at(std::max(root_a, root_b))] = std::min(root_a, root_b);
  }
  std::int32_t root_of(std::int32_t worker) {
    while (parent_[at(worker)] != worker) {
      parent_[at(worker)] = parent_[at(parent_[at(worker)])];
      worker = parent_[at(worker)];
    }
    return worker;
  }
  // By root, ascending, of two or more.
  std::map<std::int32_t, std::vector<std::int32_t>> all() {
    std::map<std::int32_t, std::vector<std::int32_t>> groups;
    for (std::int32_t worker = 0; worker < static_cast<std::int32_t>(parent_.size()); ++worker) {
      const std::int32_t root = root_of(worker);
      if (root != worker) groups.try_emplace(root, 1, root).first->second.push_back(worker);
    }
    return groups;
  }

 private:
  std::vector<std::int32_t> parent_;
};

std::vector<Ring> rings_of(const std::vector<Pair>& pairs, std::int32_t workers) {
  Groups groups(workers);
  for (const Pair& pair : pairs) groups.join(pair.first, pair.second);
  std::map<std::int32_t, Ring> by_root;
  for (auto& [root, members] : groups.all()) by_root[root].workers = std::move(members);
  for (const Pair& pair : pairs) by_root[groups.root_of(pair.first)].pairs.push_back(pair);
  std::vector<Ring> rings;
  rings.reserve(by_root.size());
  for (auto& [root, ring] : by_root) rings.push_back(std::move(ring));
  return rings;
}

std::vector<std::vector<std::int32_t>> alike_of(const Links& links, std::int32_t workers) {
  Groups groups(workers);
  for (std::int32_t worker = 0; worker < workers; ++worker) {
    for (const std::int32_t other : links.of(worker)) groups.join(worker, other);
  }
  auto all = groups.all();
  std::vector<std::vector<std::int32_t>> alike;
  alike.reserve(all.size());
  for (auto& [root, members] : all) alike.push_back(std::move(members));
  return alike;
}

// Each worker's by the pair that is the least probable.
void add_signals(const Ring& ring, std::int32_t number, std::vector<Signal>& signals) {
  std::map<std::int32_t, const Pair*> closest;
  for (const Pair& pair : ring.pairs) {
    for (const std::int32_t worker : {pair.first, pair.second}) {
      const Pair*& known = closest[worker];
      if (known == nullptr || pair.log10_p < known->log10_p) known = &pair;
    }
  }
  for (const auto& [worker, pair] : closest) {
    signals.push_back({.kind = SignalKind::copying,
                       .worker = worker,
                       .count = pair->agreed_wrong,
                       .of = pair->shared,
                       .expected = pair->expected,
                       .ring = number,
                       .log10_p = pair->log10_p});
  }
}

}  // namespace

void find_rings(const AnswerRows& rows, std::span<const std::int32_t> gold, Conduct& conduct) {
  const PairTest test = test_pairs(rows, gold);
  conduct.pairs_tested = test.tested;
  conduct.pairs_excess = test.null.excess;
  conduct.pairs_dispersion = test.null.dispersion;
  conduct.alike = alike_of(test.links, rows.workers());
  conduct.rings = rings_of(test.found, rows.workers());
  for (std::size_t i = 0; i < conduct.rings.size(); ++i) {
    add_signals(conduct.rings[i], static_cast<std::int32_t>(i), conduct.signals);
  }
}

}  // namespace tally::aggregation::conduct
