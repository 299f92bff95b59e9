#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace tally::core {

// The open parts of a project, in memory or not, and which of them may have a task to hand out. A worker looks at each
// part once, in the order of their numbers; after that only at those where a place was freed since. So what a pull
// costs does not depend on how many parts there are, nor on how many of them a worker has had all tasks of.
//
// What is noted of a part stays true while the part is not in memory: only there may it change.
class OpenParts {
 public:
  OpenParts() = default;
  // These are open, and nothing else is known of them. Numbers ascend.
  explicit OpenParts(const std::vector<std::int64_t>& numbers);

  // The part is open; true when it was not. It may have places until somebody says that it has none.
  bool open(std::int64_t part_no);
  void close(std::int64_t part_no);
  // A task of it has a place that it had not before: whoever has looked there looks again.
  void place_freed(std::int64_t part_no);
  // No task of it has a place.
  void places_gone(std::int64_t part_no);

  [[nodiscard]] bool contains(std::int64_t part_no) const { return find(part_no) != nullptr; }
  [[nodiscard]] bool has_places(std::int64_t part_no) const;
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  [[nodiscard]] std::vector<std::int64_t> numbers() const;  // Ascending.

  // How far one worker has looked.
  struct Cursor {
    std::int64_t next_part = 0;  // All before it were looked at,
    std::int64_t seen = 0;       // and again since a place was freed, up to this.
  };
  [[nodiscard]] Cursor begin() const { return {0, version_}; }

  struct Look {
    std::int64_t part_no = 0;
    std::int64_t version = 0;  // Of the freed place that it is for; 0: it is the worker's first look.
  };
  // Where the worker looks next; nothing: all was looked at. A part that was looked at before comes first, so that
  // early tasks get their missing answers early. The worker stays there until passed() is called.
  [[nodiscard]] std::optional<Look> next(Cursor& cursor) const;
  // There is nothing for this worker.
  static void passed(Cursor& cursor, Look look);
  // The part that a first look would come to after this one.
  [[nodiscard]] std::optional<std::int64_t> after(std::int64_t part_no) const;

 private:
  struct Entry {
    std::int64_t part_no = 0;
    std::int64_t version = 0;  // Of the last freed place, in freed_; 0: none.
    bool has_places = true;
  };
  [[nodiscard]] std::vector<Entry>::const_iterator from(std::int64_t part_no) const;
  [[nodiscard]] const Entry* find(std::int64_t part_no) const;
  [[nodiscard]] Entry* find(std::int64_t part_no);
  void forget_freed(Entry& entry);

  std::vector<Entry> parts_;                               // By number.
  std::set<std::pair<std::int64_t, std::int64_t>> freed_;  // (version, part_no) of those that have places.
  std::int64_t version_ = 0;
};

}  // namespace tally::core
