#pragma once

#include <atomic>
#include <cstdint>

#include "broker/audit/finding.h"
#include "broker/storage/audit_rows.h"

// One part, looked at in full: its journal is a chain, its records keep the rules, its tables are what they say.
namespace tally::audit {

struct PartTotals {
  std::int64_t batches = 0;
  std::int64_t records = 0;
  std::int64_t transfers = 0;
  std::int64_t verdicts = 0;
  std::int64_t payouts = 0;
  std::int64_t sum = 0;          // Of its balances.
  std::int64_t transit = 0;      // Its balance of transit.
  std::int64_t in_outboxes = 0;  // Money in mails of this part that their receivers do not have.
};

// Stops at the first finding, or when `stop` is set (the totals then mean nothing). Memory grows with the part.
[[nodiscard]] PartTotals audit_part(storage::AuditSnapshot& snapshot, const storage::AuditedPart& row, Finding& finding,
                                    const std::atomic<bool>& stop);

}  // namespace tally::audit
