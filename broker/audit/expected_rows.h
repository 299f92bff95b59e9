#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "broker/audit/finding.h"
#include "broker/storage/audit_rows.h"
#include "schemas/records.h"

// The rows that the tables beside the journal must have, by the journal.
namespace tally::audit {

class ExpectedRows {
 public:
  ExpectedRows(PartId part, Finding& finding) : part_(part), finding_(finding) {}

  // `at`: of the record's batch.
  void add(const Record& record, Time at);
  // Reads every table of the part; the first row that is missing, too many or other is noted.
  void compare(storage::AuditSnapshot& snapshot);

 private:
  struct Visitor;
  struct Person {
    Role role = Role::worker;
    bool is_enrolled = false;
    bool is_suspended = false;
    std::int64_t created_ms = 0;
  };
  using Rows = std::map<storage::AuditKey, std::string>;

  [[nodiscard]] std::string name_of_row(storage::AuditTable table, const storage::AuditKey& key) const;
  // A row that is written once.
  void insert(storage::AuditTable table, storage::AuditKey key, std::string cells);
  void put_state();  // Rows that change: as they stand after the last record.
  void compare_table(storage::AuditSnapshot& snapshot, storage::AuditTable table);
  [[nodiscard]] std::string difference(storage::AuditTable table, const std::string& found,
                                       const std::string& expected) const;

  PartId part_;
  Finding& finding_;
  std::array<Rows, storage::audit_tables> rows_;
  std::map<SubAccount, std::int64_t> balances_;
  std::map<AccountId, Person> people_;
  std::map<std::int32_t, PayDecided> pay_;
  std::optional<ProjectCreated> project_;
  ProjectState project_state_ = ProjectState::posting;
  std::int64_t deadline_ms_ = 0;
};

}  // namespace tally::audit
