#include "broker/item_cache.h"

namespace tally::broker {

const ItemCache::Values* ItemCache::find(TaskId task) {
  const auto found = places_.find(run_of(task));
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->items.at(static_cast<std::size_t>(task.no % items_per_run));
}

void ItemCache::add(const ItemRun& run, std::vector<Values> items) {
  if (places_.contains(run)) return;
  Entry entry{run, std::move(items), sizeof(Entry)};
  for (const Values& values : entry.items) {
    entry.bytes += sizeof(Values);
    for (const std::string& value : values)
      entry.bytes += static_cast<std::int64_t>(sizeof(std::string) + value.capacity());
  }
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  places_.emplace(run, entries_.begin());
  // The newest stays in any case: somebody waits for it.
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes;
    places_.erase(entries_.back().run);
    entries_.pop_back();
  }
}

}  // namespace tally::broker
