#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "schemas/time.h"

namespace tally::sim {

// What was stored of something when, in true time: whether it was ever so within a while. A reply may be on its way
// while the next command is carried out.
template <class Key, class Value>
class History {
 public:
  void add(const Key& key, Time at, Value value) { changes_[key].emplace_back(at, std::move(value)); }

  // At some moment from `from` on.
  [[nodiscard]] bool was(const Key& key, Time from, const Value& value) const {
    const auto found = changes_.find(key);
    if (found == changes_.end()) return false;
    const auto& changes = found->second;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const bool lasted = i + 1 == changes.size() || changes[i + 1].first >= from;
      if (lasted && changes[i].second == value) return true;
    }
    return false;
  }
  [[nodiscard]] bool knows(const Key& key) const { return changes_.contains(key); }

 private:
  std::map<Key, std::vector<std::pair<Time, Value>>> changes_;
};

}  // namespace tally::sim
