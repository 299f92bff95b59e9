#include "broker/audit/auditor.h"

#include <optional>
#include <utility>

#include "broker/audit/finding.h"
#include "broker/audit/part_audit.h"
#include "broker/audit/trace.h"

namespace tally::audit {
namespace {

using storage::AuditedPart;
using storage::AuditSnapshot;

// What one step may read, about: a part is read in full. So that a reply comes within seconds.
constexpr std::int64_t records_per_step = 20'000;
constexpr std::size_t parts_per_step = 256;
constexpr std::int64_t retry_after_ms = 2'000;

void add_to(AuditPage& page, const PartTotals& totals, Finding& finding) {
  ++page.parts;
  page.batches += totals.batches;
  page.transfers += totals.transfers;
  page.verdicts += totals.verdicts;
  page.payouts += totals.payouts;
  const bool fits = add(page.sum.value, totals.sum) && add(page.transit.value, totals.transit) &&
                    add(page.in_outboxes.value, totals.in_outboxes);
  if (!fits) finding.note("sub_accounts", "sums over parts do not fit in 64 bits");
}

// Rows without a part are nobody's: no journal tells of them.
void check_orphans(AuditSnapshot& snapshot, std::optional<PartId> after, std::optional<PartId> before,
                   Finding& finding) {
  if (const auto orphan = snapshot.orphan_between(after, before)) {
    finding.note("parts " + to_text(*orphan), "missing; other tables have rows of it");
  }
}

// Over all parts at one moment: money is neither made nor lost, and what left a part is under way or has arrived.
void check_all(AuditSnapshot& snapshot, Finding& finding) {
  const storage::MoneyOfAll money = snapshot.money_of_all();
  if (money.sum != "0")
    finding.note("sub_accounts of all parts", "they add up to " + money.sum + " micros, not to zero");
  if (money.transit != money.under_way) {
    finding.note("sub_accounts of all parts",
                 "transit comes to " + money.transit + " micros, the mail under way to " + money.under_way);
  }
}

AuditPage step(AuditSnapshot& snapshot, std::optional<PartId> after, const std::atomic<bool>& stop) {
  AuditPage page;
  Finding finding;
  const auto parts = snapshot.parts_after(after.value_or(PartId{-1}), parts_per_step);
  std::int64_t records = 0;
  for (const AuditedPart& part : parts) {
    if (records >= records_per_step || finding.any() || stop.load()) break;
    check_orphans(snapshot, after, part.part, finding);
    if (!finding.any()) {
      const PartTotals totals = audit_part(snapshot, part, finding, stop);
      records += totals.records;
      add_to(page, totals, finding);
    }
    after = part.part;
  }
  const bool is_end = parts.size() < parts_per_step && (parts.empty() || after == parts.back().part);
  if (is_end && !finding.any()) {
    check_orphans(snapshot, after, std::nullopt, finding);
    check_all(snapshot, finding);
  }
  if (!is_end) page.next = std::to_string(after->value);
  page.wrong = finding.text();
  return page;
}

}  // namespace

Auditor::Auditor(AuditorConfig config, const std::atomic<bool>& stop)
    : stop_(stop), rows_({std::move(config.connection), std::move(config.log)}, stop) {}

Result<Done, Refusal> Auditor::read(const std::function<void(AuditSnapshot&)>& work) {
  const auto done = rows_.read(work);
  if (!done && done.error() == storage::AuditRows::Failure::definite) {
    return Unexpected{
        Refusal{RefusalCode::internal_error, "the database could not be read; the broker's log says why", 0}};
  }
  if (!done || stop_.load()) {
    return Unexpected{
        Refusal{RefusalCode::unavailable, "the database cannot be reached just now; ask again", retry_after_ms}};
  }
  return Done{};
}

Result<Reply, Refusal> Auditor::verify(const VerifyAudit& message) {
  std::optional<PartId> after;
  if (!message.after.empty()) {
    const auto number = whole_number_from(message.after);
    if (!number) {
      return Unexpected{
          Refusal{RefusalCode::malformed, "after: not a cursor of this broker; begin with an empty one", 0}};
    }
    after = PartId{*number};
  }
  AuditPage page;
  const auto done = read([&](AuditSnapshot& snapshot) { page = step(snapshot, after, stop_); });
  if (!done) return Unexpected{done.error()};
  return Reply{std::move(page)};
}

Result<Reply, Refusal> Auditor::trace(const TraceAudit& message) {
  Result<AuditTrace, Refusal> found = AuditTrace{};
  const auto done = read([&](AuditSnapshot& snapshot) { found = trace_of(snapshot, message.id); });
  if (!done) return Unexpected{done.error()};
  if (!found) return Unexpected{found.error()};
  return Reply{std::move(*found)};
}

}  // namespace tally::audit
