#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/storage/store.h"
#include "common/base/digest.h"
#include "common/base/result.h"
#include "schemas/ids.h"
#include "schemas/records.h"
#include "schemas/time.h"

// What the auditor reads: rows as they stand, with no meaning given to them. On a connection of its own; one thread.
namespace tally::storage {

// The tables that follow from the journal.
enum class AuditTable {
  transfers,
  payouts,
  sub_accounts,
  answers,
  verdicts,
  pay_decisions,
  outbox,
  inbox,
  command_keys,
  payout_runs,
  payout_runs_settled,
  people,
  projects,
};
inline constexpr std::size_t audit_tables = 13;

struct AuditTableShape {
  std::string_view name;
  std::span<const std::string_view> columns;  // Of a row's cells, in order; binary content is its SHA-256 in hex.
};
[[nodiscard]] AuditTableShape shape_of(AuditTable table);

// What tells the rows of a table and part apart: one or two numbers, or a text.
struct AuditKey {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::string text;
  friend auto operator<=>(const AuditKey&, const AuditKey&) = default;
};

// All other columns as text, with cell_separator between them. At most one column of a table is free text, so equal
// cells mean equal columns.
inline constexpr char cell_separator = '\x1f';
struct AuditRow {
  AuditKey key;
  std::string cells;
};

struct AuditedPart {
  PartId part;
  std::int64_t epoch = 0;
  std::int64_t commit_seq = 0;
  Time at;
  std::string digest;
  PartSummary summary;
};

struct AuditedBatch {
  std::int64_t commit_seq = 0;
  std::int64_t epoch = 0;
  Time at;
  std::string encoded;
  std::string previous;
  std::string digest;
};

struct AuditedContent {
  std::int64_t no = 0;
  std::optional<std::string> body;  // Nothing: erased.
};

// Sums over all parts, as decimal text: a database that was tampered with may hold more than 64 bits do.
struct MoneyOfAll {
  std::string sum;
  std::string transit;
  std::string under_way;  // Of mails that their receivers do not have yet.
};

// The database at one moment: a transaction that repeats its reads and writes nothing.
class AuditSnapshot {
 public:
  class Impl;
  explicit AuditSnapshot(Impl& impl) : impl_(impl) {}

  // Ascending.
  [[nodiscard]] std::vector<AuditedPart> parts_after(PartId after, std::size_t limit);
  [[nodiscard]] std::optional<AuditedPart> part(PartId part);
  // A part between these two (none at the ends: no bound) that has rows in some table, and none in `parts`.
  [[nodiscard]] std::optional<PartId> orphan_between(std::optional<PartId> after, std::optional<PartId> before);

  // In the order of their keys, until `visit` says false.
  void batches(PartId part, const std::function<bool(const AuditedBatch&)>& visit);
  void rows(AuditTable table, PartId part, const std::function<bool(const AuditRow&)>& visit);
  void contents(PartId part, ContentKind kind, const std::function<bool(const AuditedContent&)>& visit);
  [[nodiscard]] std::optional<AuditedContent> content(PartId part, ContentKind kind, std::int64_t no);

  // Which of these mails (receiver, number) of a part their receivers have. Ascending.
  [[nodiscard]] std::vector<std::int64_t> received(PartId from, std::span<const std::pair<PartId, std::int64_t>> mails);
  // A mail this part has from a part that does not exist.
  [[nodiscard]] std::optional<PartId> unknown_sender(PartId part);
  [[nodiscard]] MoneyOfAll money_of_all();

 private:
  Impl& impl_;
};

struct AuditRowsConfig {
  std::string connection;  // libpq connection string; read only is enough.
  std::function<void(std::string_view key_value_line)> log;
};

class AuditRows {
 public:
  // Connects at the first read. `stop` ends waits.
  AuditRows(AuditRowsConfig config, const std::atomic<bool>& stop);
  ~AuditRows();
  AuditRows(const AuditRows&) = delete;
  AuditRows& operator=(const AuditRows&) = delete;

  enum class Failure {
    away,     // The database cannot be reached just now.
    definite  // It refuses to be read; the log says why.
  };
  // Runs `work` with a snapshot; from the start again, a few times, where the connection is lost.
  Result<Done, Failure> read(const std::function<void(AuditSnapshot&)>& work);

 private:
  class Connected;
  AuditRowsConfig config_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Connected> connected_;
};

}  // namespace tally::storage
