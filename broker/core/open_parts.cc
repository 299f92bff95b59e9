#include "broker/core/open_parts.h"

#include <algorithm>
#include <limits>

namespace tally::core {

OpenParts::OpenParts(const std::vector<std::int64_t>& numbers) {
  parts_.reserve(numbers.size());
  for (const std::int64_t part_no : numbers) parts_.push_back({part_no, 0, true});
}

std::vector<OpenParts::Entry>::const_iterator OpenParts::from(std::int64_t part_no) const {
  return std::lower_bound(parts_.begin(), parts_.end(), part_no,
                          [](const Entry& entry, std::int64_t no) { return entry.part_no < no; });
}

const OpenParts::Entry* OpenParts::find(std::int64_t part_no) const {
  const auto found = from(part_no);
  return found == parts_.end() || found->part_no != part_no ? nullptr : &*found;
}

OpenParts::Entry* OpenParts::find(std::int64_t part_no) {
  const auto found = from(part_no);
  if (found == parts_.end() || found->part_no != part_no) return nullptr;
  return &parts_[static_cast<std::size_t>(found - parts_.begin())];
}

void OpenParts::forget_freed(Entry& entry) {
  if (entry.version > 0) freed_.erase({entry.version, entry.part_no});
  entry.version = 0;
}

bool OpenParts::open(std::int64_t part_no) {
  if (contains(part_no)) return false;
  parts_.insert(from(part_no), {part_no, 0, true});
  // Some workers may be past it.
  place_freed(part_no);
  return true;
}

void OpenParts::close(std::int64_t part_no) {
  Entry* entry = find(part_no);
  if (entry == nullptr) return;
  forget_freed(*entry);
  parts_.erase(from(part_no));
}

void OpenParts::place_freed(std::int64_t part_no) {
  Entry* entry = find(part_no);
  if (entry == nullptr) return;
  forget_freed(*entry);
  entry->has_places = true;
  entry->version = ++version_;
  freed_.insert({entry->version, part_no});
}

void OpenParts::places_gone(std::int64_t part_no) {
  Entry* entry = find(part_no);
  if (entry == nullptr) return;
  forget_freed(*entry);
  entry->has_places = false;
}

bool OpenParts::has_places(std::int64_t part_no) const {
  const Entry* entry = find(part_no);
  return entry != nullptr && entry->has_places;
}

std::vector<std::int64_t> OpenParts::numbers() const {
  std::vector<std::int64_t> numbers;
  numbers.reserve(parts_.size());
  for (const Entry& entry : parts_) numbers.push_back(entry.part_no);
  return numbers;
}

std::optional<OpenParts::Look> OpenParts::next(Cursor& cursor) const {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  for (auto it = freed_.upper_bound({cursor.seen, last}); it != freed_.end(); ++it) {
    if (it->second < cursor.next_part) return Look{it->second, it->first};
    cursor.seen = it->first;  // The first look at it is still to come.
  }
  for (auto it = from(cursor.next_part); it != parts_.end(); ++it) {
    if (it->has_places) return Look{it->part_no, 0};
  }
  return std::nullopt;
}

void OpenParts::passed(Cursor& cursor, Look look) {
  if (look.version > 0) {
    cursor.seen = look.version;
  } else {
    cursor.next_part = look.part_no + 1;
  }
}

std::optional<std::int64_t> OpenParts::after(std::int64_t part_no) const {
  for (auto it = from(part_no + 1); it != parts_.end(); ++it) {
    if (it->has_places) return it->part_no;
  }
  return std::nullopt;
}

}  // namespace tally::core
