#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schemas/ids.h"

// Items near being handed out, by runs of neighbours: tasks of a part leave in order, so one read serves many. The
// least recently used run leaves when there is no room. One thread.
namespace tally::broker {

inline constexpr std::int64_t items_per_run = 64;

struct ItemRun {
  PartId part;
  std::int64_t no = 0;  // Items [no * items_per_run, (no + 1) * items_per_run) of the part.
  friend auto operator<=>(const ItemRun&, const ItemRun&) = default;
};
[[nodiscard]] inline ItemRun run_of(TaskId task) { return {task.part, task.no / items_per_run}; }

class ItemCache {
 public:
  explicit ItemCache(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  using Values = std::vector<std::string>;
  // Null when the run is not here. An item that was erased has no values.
  [[nodiscard]] const Values* find(TaskId task);
  [[nodiscard]] bool has(const ItemRun& run) const { return places_.contains(run); }
  // One per item of the run, in order.
  void add(const ItemRun& run, std::vector<Values> items);
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    ItemRun run;
    std::vector<Values> items;
    std::int64_t bytes = 0;
  };
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
  std::list<Entry> entries_;  // The most recently used first.
  std::map<ItemRun, std::list<Entry>::iterator> places_;
};

}  // namespace tally::broker
