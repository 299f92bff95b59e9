#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "broker/core/core.h"
#include "broker/storage/store.h"

// Gathers what the core decided into one transaction, and knows where each part's journal ends. One thread.
namespace tally::broker {

// Where the journal of a part that is in memory ends.
struct Tail {
  std::int64_t epoch = 1;
  std::int64_t commit_seq = 0;  // 0: the part is not stored yet.
  Digest digest{};
  std::int64_t batches = 0;  // Since the last snapshot; and their records.
  std::int64_t records = 0;
};

// When a part is stored as a whole, so that loading it need not read all of its journal. To make a snapshot takes the
// loop milliseconds in which nobody is served, and what a journal is longer than it costs microseconds a record, so it
// is made only where it saves many times its size.
struct SnapshotRule {
  std::int64_t batches_min = INT64_MAX;  // Since the last one; and
  std::int64_t growth_min = 8;           // so many times more records than it would hold facts.
};

class GroupBuilder {
 public:
  explicit GroupBuilder(SnapshotRule rule = {}) : rule_(rule) {}

  // A part was loaded; it left memory.
  void learn(PartId part, const Tail& tail) { tails_[part] = tail; }
  void forget(PartId part) { tails_.erase(part); }

  // Takes records and contents out of the effects.
  void add(core::Effects& effects);

  [[nodiscard]] bool empty() const { return records_ == 0; }
  [[nodiscard]] std::int64_t records() const { return records_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }  // Of contents.
  [[nodiscard]] bool touches(PartId part) const { return parts_.contains(part); }
  [[nodiscard]] std::vector<PartId> parts() const;

  // All that was added, as the next transaction; the builder is empty then. The tails are those after it: when it is
  // not stored, forget() its parts.
  [[nodiscard]] storage::Group close(const core::Core& core, Time now);
  void clear();

 private:
  [[nodiscard]] bool wants_snapshot(const Tail& tail, const core::Part& part) const;

  SnapshotRule rule_;
  std::map<PartId, Tail> tails_;
  std::map<PartId, std::vector<Record>> parts_;
  std::vector<Content> contents_;
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
};

// What the row of a part tells of it.
[[nodiscard]] storage::PartSummary summary_of(const core::Part& part);

// A part as the database has it, made ready for the core. Throws std::runtime_error when it was damaged.
struct ReadPart {
  core::PartLoaded loaded;
  Tail tail;
};
[[nodiscard]] ReadPart read_part(storage::LoadedPart stored);

}  // namespace tally::broker
