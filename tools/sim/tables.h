#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/storage/store.h"
#include "schemas/records.h"

// The tables of schemas/sql/, as far as the broker or an auditor reads them, in memory.
namespace tally::sim {

struct PartRow {
  std::string owner;
  std::int64_t epoch = 1;
  Time lease_until;
  std::int64_t commit_seq = 0;
  Time at;
  Digest digest{};
  storage::PartSummary summary;
};
struct BatchRow {
  std::int64_t epoch = 1;
  Time at;
  std::string encoded;
  Digest previous{}, digest{};
};
struct SnapshotRow {
  std::int64_t commit_seq = 0;
  std::string state;
};
struct MailRow {
  PartId to;
  Micros amount;
};
struct StoredAnswer {
  std::int32_t task = 0;
  AccountId worker;
  Ballots ballots;
  std::optional<std::string> body;
};
struct PersonRow {
  Role role = Role::worker;
  bool enrolled = false;
  bool suspended = false;
};
struct ProjectTableRow {
  AccountId owner;
  ProjectState state = ProjectState::posting;
  ProjectSpec spec;
  std::int64_t items = 0;
  std::int64_t part_size = 0;
  std::int64_t deadline_ms = 0;
};
struct BrokerRow {
  Time seen;
  Time alive;
};

struct Tables {
  std::map<PartId, PartRow> parts;
  std::map<PartId, std::vector<BatchRow>> batches;  // Batch n is at n - 1.
  std::map<PartId, SnapshotRow> snapshots;
  std::map<std::tuple<PartId, ContentKind, std::int64_t>, std::string> contents;
  std::map<std::pair<PartId, std::int64_t>, MailRow> outbox;
  std::set<std::tuple<PartId, PartId, std::int64_t>> inbox;  // (receiver, sender, number)
  std::set<std::tuple<PartId, AccountId, std::string>> command_keys;
  std::map<AssignmentId, StoredAnswer> answers;
  std::set<std::tuple<PartId, std::int32_t, AccountId>> answered;  // (part, task, worker): unique.
  std::set<TaskId> verdicts;
  std::map<AssignmentId, PayState> pay_decisions;
  std::map<TransferId, TransferPosted> transfers;
  std::map<AssignmentId, PayoutPosted> payouts;
  std::map<std::tuple<PartId, Fund, AccountId>, std::int64_t> sub_accounts;
  std::map<AccountId, PersonRow> people;
  std::map<PartId, ProjectTableRow> projects;
  std::set<std::tuple<PartId, std::string, AccountId>> payout_runs;
  std::set<std::pair<PartId, std::string>> payout_runs_settled;
  std::map<std::string, BrokerRow> brokers;
  std::map<std::int64_t, std::int64_t> outages;  // from_ms -> to_ms
};

}  // namespace tally::sim
