#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "broker/audit/auditor.h"
#include "broker/group_builder.h"
#include "broker/storage/audit_rows.h"
#include "broker/storage/store.h"
#include "tests/broker/core/world.h"

// A database with a real history in it: decided by the core, stored group by group as a broker would.
namespace tally::audit::testing {

// Stores what each command led to, before the next.
class Recorder {
 public:
  Recorder();
  void operator()(core::World& world, core::Effects effects);

 private:
  storage::Store store_;
  broker::GroupBuilder builder_;  // Without snapshots.
};

// What was posted, answered and paid: five projects, one of them reviewed, one judged by skill, one with gold and an
// audit and one with a training round and two parts that share what they learn, and money of every kind.
struct History {
  ProjectId project;
  ProjectId reviewed;
  ProjectId skilled;
  ProjectId confident;
  ProjectId trained;
  AccountId requester, ann, ben, cem;
  AssignmentId answer_of_ann;  // To item 1 of the first project; paid.
  TaskId task_of_ann;
  // Of audits between the commands that made it.
  std::string wrong_in_between;
  Micros most_under_way;
};

// The one database of these tests, with its history; made at first use.
const History& history();

// Gives the database back as it was made, whatever happened to its rows.
void restore();
// As the owner of the tables. An update must hit a row.
void tamper(const std::string& sql);
std::vector<std::vector<std::string>> query(const std::string& sql);

// The whole audit, page by page.
struct Outcome {
  std::string wrong;
  AuditPage all;  // Sums over the pages.
  int pages = 0;
};
Outcome audit_all();
// The database at this moment.
void with_snapshot(const std::function<void(storage::AuditSnapshot&)>& work);
// Of a broker that is not told to stop.
Auditor& auditor();

}  // namespace tally::audit::testing
