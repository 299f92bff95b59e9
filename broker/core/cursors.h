#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

#include "broker/core/open_parts.h"
#include "schemas/ids.h"

namespace tally::core {

// How far each worker has looked through each project. Bounded: of those that were not asked for lately some are
// forgotten, and the worker then looks from the beginning.
class Cursors {
 public:
  explicit Cursors(std::size_t size_max) : half_(size_max / 2) {}

  // Valid until the next call.
  OpenParts::Cursor& of(AccountId worker, ProjectId project, const OpenParts& parts) {
    const Key key{worker, project};
    const auto young = young_.find(key);
    if (young != young_.end()) return young->second;
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    const auto old = old_.find(key);
    if (old == old_.end()) return young_.emplace(key, parts.begin()).first->second;
    const OpenParts::Cursor cursor = old->second;
    old_.erase(old);
    return young_.emplace(key, cursor).first->second;
  }
  [[nodiscard]] std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Key = std::pair<AccountId, ProjectId>;
  // Both numbers are small and close together.
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(key.first.value) * 0x9e3779b97f4a7c15U +
             static_cast<std::size_t>(key.second.value);
    }
  };

  std::size_t half_;
  std::unordered_map<Key, OpenParts::Cursor, Hash> young_,
      old_;  // Asked for since the last turn of generations, and before.
};

}  // namespace tally::core
