#pragma once

#include "broker/storage/projection.h"
#include "broker/storage/session.h"

// One group, from its records to a COMMIT that is known to have happened or not.
namespace tally::storage {

class GroupCommit {
 public:
  GroupCommit(Session& session, const Group& group);
  CommitOutcome run();

 private:
  enum class Attempt { stored, missed };  // missed: the fence let fewer parts through than the group has.

  Attempt attempt();
  [[nodiscard]] bool pass_fence(pqxx::transaction_base& tx) const;
  CommitOutcome settle();
  void commit(pqxx::work& tx);
  void step(const char* name) const;

  Session& session_;
  const Group& group_;
  Rows existing_{17};
  Rows created_{17};
  std::string all_parts_;
  Writes writes_;
};

}  // namespace tally::storage
