#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "broker/storage/store.h"
#include "tools/sim/tables.h"

// What a group writes beside the rows of its parts, with the constraints of the tables.
namespace tally::sim {

// Changes that can be taken back: a transaction. Taken back when it is destroyed without keep().
class Changes {
 public:
  Changes() = default;
  ~Changes() {
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)();
  }
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  void keep() { undo_.clear(); }

  // False: there is one already.
  template <class Map, class Key, class Value>
  bool insert(Map& map, const Key& key, Value value) {
    if (!map.emplace(key, std::move(value)).second) return false;
    undo_.push_back([&map, key] { map.erase(key); });
    return true;
  }
  template <class Set, class Key>
  bool insert(Set& set, const Key& key) {
    if (!set.insert(key).second) return false;
    undo_.push_back([&set, key] { set.erase(key); });
    return true;
  }
  template <class Map, class Key, class Value>
  void put(Map& map, const Key& key, Value value) {
    const auto found = map.find(key);
    if (found == map.end()) {
      insert(map, key, std::move(value));
    } else {
      change(found->second, std::move(value));
    }
  }
  template <class Value>
  void change(Value& place, Value value) {
    undo_.push_back([&place, old = std::exchange(place, std::move(value))] { place = old; });
  }
  template <class Value>
  void append(std::vector<Value>& list, Value value) {
    list.push_back(std::move(value));
    undo_.push_back([&list] { list.pop_back(); });
  }
  template <class Map, class Key>
  void erase(Map& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end()) return;
    undo_.push_back([&map, key, old = std::move(found->second)] { map.emplace(key, old); });
    map.erase(found);
  }

 private:
  std::vector<std::function<void()>> undo_;
};

// False: a constraint does not hold, or a row refers to nothing.
[[nodiscard]] bool write_rows(Tables& tables, Changes& changes, const storage::Group& group);

}  // namespace tally::sim
