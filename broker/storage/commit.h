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
  void send_fence(Pipeline& pipeline) const;
  [[nodiscard]] bool passed_fence(Pipeline& pipeline) const;
  void commit(Pipeline& pipeline) const;
  CommitOutcome settle();
  void step(const char* name) const;

  Session& session_;
  const Group& group_;
  std::vector<Write> fences_;  // Each as many rows as it was given, or the group is not let through.
  Parameters all_parts_;
  Writes writes_;
};

}  // namespace tally::storage
