#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/digest.h"
#include "schemas/ids.h"
#include "schemas/records.h"
#include "schemas/time.h"

// The seam between the broker and PostgreSQL. Everything here blocks, so it is called from the committer's and the
// loader's thread, never from the event loop; a Store belongs to one thread and has one connection.
namespace tally::storage {

// What the row of a part shows without reading the part: kept current by each commit.
struct PartSummary {
  std::int16_t state = 0;        // PartState of a task part, ProjectState of a control part.
  std::int64_t next_due_ms = 0;  // When something in the part falls due, earliest; 0: never.
  std::int64_t tasks = 0;
  std::int64_t settled = 0;
  std::int64_t undecided = 0;
  std::int64_t answers = 0;
  std::int64_t leased = 0;  // Live leases.
  std::int64_t under_review = 0;
  Micros paid;
  Micros fees;
  std::int64_t best_guesses = 0;
};

// What one group commit writes for one part. `commit_seq` is one more than that of the part's last commit.
struct PartBatch {
  PartId part;
  bool created = false;  // The part does not exist yet: commit_seq is 1, epoch is 1.
  std::int64_t epoch = 0;
  std::int64_t commit_seq = 0;
  Time at;
  std::vector<Record> records;  // In the order in which they were decided.
  std::string encoded;          // The same, as the journal keeps them.
  Digest previous{};            // digest of the batch before; zeros for the first.
  Digest digest{};              // batch_digest() of the above.
  PartSummary summary;
  std::optional<std::string> snapshot;  // State after this batch, where loading should start from.
};

// sha256(previous | part | commit_seq | epoch | at | encoded), numbers as 8 bytes big-endian.
[[nodiscard]] Digest batch_digest(const Digest& previous, PartId part, std::int64_t commit_seq, std::int64_t epoch,
                                  Time at, std::string_view encoded);

// One transaction. Parts ascend by id, each once.
struct Group {
  std::vector<PartBatch> parts;
  std::vector<Content> contents;  // A later body for the same (part, kind, no) replaces the earlier one.
};

enum class CommitOutcome {
  stored,   // Durable.
  fenced,   // Another broker owns a part of it, or memory is not what the database has: nothing was stored.
  refused,  // A definite error (a constraint, a value): nothing was stored, sending it again would not help.
};

// A part as the database has it: the last snapshot and the batches after it.
struct LoadedBatch {
  std::int64_t commit_seq = 0;
  std::string encoded;
};
struct LoadedPart {
  PartId part;
  bool exists = false;
  std::int64_t epoch = 0;
  std::int64_t commit_seq = 0;
  Digest digest{};  // Of the last batch.
  Time at;          // Of the last batch.
  std::optional<std::string> snapshot;
  std::vector<LoadedBatch> batches;                      // After the snapshot, in order.
  std::vector<std::pair<PartId, std::int64_t>> arrived;  // Mails stored here that are still in their sender's outbox.
  std::vector<std::int64_t> received;  // Numbers of mails in its outbox that their receiver has stored already.
  std::int64_t outage_ms = 0;          // How long no broker ran since `at`.
};

// A project as the core's catalogue knows it while its control part is not loaded.
struct CatalogueProject {
  ProjectId project;
  AccountId owner;
  ProjectState state = ProjectState::posting;
  std::int64_t deadline_ms = 0;
  std::int64_t tasks_per_worker_max = 0;
  bool keeps_workers = false;  // ProjectSpec::keeps_workers().
  bool pull_by_item = false;
  std::int64_t part_size = 0;
  std::int64_t items = 0;
  std::vector<std::int64_t> open_parts;  // part_no of task parts whose state is open, ascending.
};
struct Catalogue {
  std::vector<CatalogueProject> projects;  // All that are posting, open or paused; ascending.
  std::vector<PartId> to_wake;             // Parts with mail or earnings on their way: loaded after a start.
};

// Where a commit can be made to fail, for tests: called with the name of each step. It may throw, kill or wait.
using Failpoint = std::function<void(std::string_view step)>;
inline constexpr std::string_view commit_steps[] = {"before_begin", "after_fence",   "after_batches",
                                                    "after_rows",   "before_commit", "after_commit"};

// A time in which a broker ran and its database did not answer.
struct Away {
  Time until;
  Duration length;  // More than zero.
};

// A place in the order in which parts fall due.
struct DueAfter {
  std::int64_t due_ms = 0;
  PartId part;
};

struct StoreConfig {
  std::string connection;           // libpq connection string.
  std::string broker_id;            // Owner of parts: kept in the data folder, the same after a restart.
  Duration lease{30'000};           // How long a part stays this broker's without a commit or renewal.
  Duration retry_delay_max{2'000};  // Between attempts while the database is away.
  Failpoint failpoint;              // Empty in production.
  std::function<void(std::string_view key_value_line)> log;  // One line an event.
};

class Store {
 public:
  // Connects; throws std::runtime_error with a clear text when the database cannot be reached or is not migrated.
  // `stop` ends waits and retries: a call that gives up because of it throws Stopped.
  Store(StoreConfig config, const std::atomic<bool>& stop);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  struct Stopped {};

  // Stores the group, all or nothing. Errors that may pass (serialization, deadlock, a lost connection, a database that
  // is starting or full) are tried again with the same bytes until it succeeds or `stop`; an error of COMMIT is settled
  // by reading the group's rows in `batches`. `away()` tells meanwhile that the database does not answer.
  CommitOutcome commit(const Group& group);
  [[nodiscard]] bool away() const;  // Any thread. True while a commit is being tried again.

  // Takes ownership of a part (epoch + 1) and reads it; not `exists` when there is no such part. Throws
  // std::runtime_error when another broker holds it (text says until when); retries what may pass. Who takes the
  // house's part from another broker serves in its place: the time since that one's last sign of life is noted as an
  // outage.
  LoadedPart take(PartId part);

  // At the start of a broker: notes the outage since the last batch or the last sign of life of who had the house; none
  // while another broker has it. Gives the latest time that is recorded anywhere.
  Time start(Time now);

  // For a broker that holds the account parts: before, another one may still change it.
  Catalogue catalogue();

  // Deadlines in the parts that are not in memory move by it when they are loaded. Nothing is noted where another
  // broker has the house's part, and so served.
  void note_outage(const Away& away);

  // Keeps the leases of these parts alive and writes the sign of life.
  void renew(std::span<const PartId> parts, Time now);
  // The first account part, without which no other is taken: another broker has taken it, though its lease may be over.
  [[nodiscard]] bool another_has_the_house();

  // Parts of this owner, or of one whose lease has ended, that are due at `now` and not among those in memory: at most
  // `limit`, earliest first. With `after` only those behind that place, which moves to the last of them.
  std::vector<PartId> due_parts(Time now, std::size_t limit, std::span<const PartId> in_memory = {},
                                DueAfter* after = nullptr);

  // Contents by number, in the order asked; empty optional where there is none (erased).
  std::vector<std::optional<std::string>> contents(PartId part, ContentKind kind,
                                                   std::span<const std::int64_t> numbers);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
