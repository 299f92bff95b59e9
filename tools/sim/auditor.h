#pragma once

#include <cstdint>

#include "tools/sim/audit_journal.h"
#include "tools/sim/audit_ledger.h"
#include "tools/sim/audit_replies.h"
#include "tools/sim/audit_tasks.h"
#include "tools/sim/audit_workers.h"
#include "tools/sim/findings.h"
#include "tools/sim/model_database.h"
#include "tools/sim/network.h"

// The auditor of a simulated world, written apart from the broker's core: it sees the bytes that are stored and the
// bytes that clients are sent, and nothing else, and holds them against what docs/simulator.md promises.
namespace tally::sim {

class Auditor {
 public:
  Auditor(Findings& findings, const Tables& tables)
      : findings_(findings),
        journal_(findings),
        ledger_(findings),
        tasks_(findings, ledger_),
        workers_(findings, journal_),
        replies_(findings, tables, tasks_, workers_) {}

  void stored(const storage::Group& group, const ModelDatabase::Owner& owner, const TaskAudit::Facts& facts);
  void taken(PartId part, std::int64_t epoch, const ModelDatabase::Owner& owner) {
    journal_.taken(part, epoch, owner.broker);
  }
  void request(Time now, const std::string& key, const Frame& frame) { replies_.request(now, key, frame); }
  void reply(Time now, const std::string& key, const Frame& frame) { replies_.reply(now, key, frame); }

  // When faults are over and everything has had its time.
  void check_at_rest();

  [[nodiscard]] const TaskAudit& tasks() const { return tasks_; }
  [[nodiscard]] const ReplyAudit& replies() const { return replies_; }

 private:
  Findings& findings_;
  JournalAudit journal_;
  LedgerAudit ledger_;
  TaskAudit tasks_;
  WorkerAudit workers_;
  ReplyAudit replies_;
};

}  // namespace tally::sim
