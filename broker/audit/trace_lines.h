#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/storage/audit_rows.h"
#include "schemas/messages/admin.h"
#include "schemas/records.h"

// What the chains of trace.h are written with.
namespace tally::audit {

// A record where it stands: the batch that holds it, its place among the batch's records.
struct Place {
  PartId part;
  const storage::AuditedBatch& batch;
  const std::vector<Record>& records;
  std::size_t index = 0;
  [[nodiscard]] const Record& record() const { return records[index]; }
};

// Lines of one trace. A task of a hundred answers needs some nine hundred; leases that ran out have no bound.
inline constexpr std::size_t trace_lines_max = 2000;

// Lines of a chain, put in order of time at the end; at the same time, in the order in which they were added. What
// comes after trace_lines_max is counted only, and the last line says so.
class TraceLines {
 public:
  explicit TraceLines(storage::AuditSnapshot& snapshot) : snapshot_(snapshot) {}

  // With where it was recorded. `at_ms` 0: the time of the batch.
  void add(const Place& place, std::int64_t at_ms, std::string what, std::string text);
  // Behind those that are here.
  void append(TraceLines& others);
  // The records of a part, in order. What cannot be read is a line of its own.
  void walk(PartId part, const std::function<void(const Place&)>& visit);
  // Content as text in quotes, cut; "erased" where it is gone.
  [[nodiscard]] std::string content(PartId part, ContentKind kind, std::int64_t no);
  [[nodiscard]] storage::AuditSnapshot& snapshot() { return snapshot_; }
  [[nodiscard]] AuditTrace take();

 private:
  storage::AuditSnapshot& snapshot_;
  std::vector<TraceLine> lines_;
  std::size_t left_out_ = 0;
};

[[nodiscard]] std::string text_of(SubAccount account);  // "wallet of 33"
[[nodiscard]] std::string text_of(PartId part,
                                  const TransferPosted& r);  // "m17.1.33: 0.05 escrow of 33 -> earnings of 50"
// "m17.1.33: 0.05 escrow of 33 -> earnings of 50, fee 0.01 -> fees"
[[nodiscard]] std::string text_of(PartId part, const PayoutPosted& r);
[[nodiscard]] std::string ballot_text(std::string_view ballot);  // In quotes; a digest is cut and said to be one.
[[nodiscard]] std::string account_text(AccountId account);
[[nodiscard]] std::string verdict_text(const ProjectSpec& spec, const VerdictReached& r);  // Without its ballots.

}  // namespace tally::audit
