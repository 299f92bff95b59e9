#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/storage/store.h"
#include "tools/sim/tables.h"

// A database in memory that does what storage::Store does with PostgreSQL: the same outcomes of the same calls, which
// a test compares. It never fails by itself: its callers decide what is lost, late or in doubt.
namespace tally::sim {

class ModelDatabase {
 public:
  // `now`: the database's own clock, by which leases of parts end.
  explicit ModelDatabase(std::function<Time()> now) : now_(std::move(now)) {}
  ModelDatabase(const ModelDatabase&) = delete;
  ModelDatabase& operator=(const ModelDatabase&) = delete;

  // Who calls: a broker with the lease it asks for.
  struct Owner {
    std::string broker;
    Duration lease{30'000};
  };

  // One transaction. missed: the fence let fewer parts through than the group has. refused: a constraint.
  enum class Attempt { stored, missed, refused };
  Attempt attempt(const storage::Group& group, const Owner& owner);
  // Of a group whose attempt missed: whether it had been stored before.
  [[nodiscard]] storage::CommitOutcome settle(const storage::Group& group) const;
  // Both, as Store::commit() does them while nothing fails.
  storage::CommitOutcome commit(const storage::Group& group, const Owner& owner);

  storage::LoadedPart take(PartId part, const Owner& owner);
  Time start(Time now, const Owner& owner);
  [[nodiscard]] storage::Catalogue catalogue() const;
  void note_outage(const storage::Away& away, const Owner& owner);
  void renew(std::span<const PartId> parts, Time now, const Owner& owner);
  [[nodiscard]] bool another_has_the_house(const Owner& owner) const;
  [[nodiscard]] std::vector<PartId> due_parts(Time now, std::size_t limit, std::span<const PartId> in_memory,
                                              const Owner& owner, storage::DueAfter* after = nullptr) const;
  [[nodiscard]] std::vector<std::optional<std::string>> contents(PartId part, ContentKind kind,
                                                                 std::span<const std::int64_t> numbers) const;

  // The part as take() reads it, without taking it.
  [[nodiscard]] storage::LoadedPart read(PartId part) const;
  [[nodiscard]] const Tables& tables() const { return tables_; }

  // Told of each group that is stored, and of each part that is taken, at once.
  struct Watch {
    std::function<void(const storage::Group&, const Owner&)> stored;
    std::function<void(PartId, std::int64_t epoch, const Owner&)> taken;
  };
  void watch(Watch watch) { watch_ = std::move(watch); }

 private:
  void write_outage(const storage::Away& away);
  [[nodiscard]] std::int64_t outage_since(Time at) const;

  std::function<Time()> now_;
  Tables tables_;
  Watch watch_;
};

}  // namespace tally::sim
