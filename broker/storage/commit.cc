#include "broker/storage/commit.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "broker/storage/array.h"
#include "broker/storage/statements.h"
#include "common/base/assert.h"

namespace tally::storage {
namespace {

namespace sql = statements;

// A row was to be stored with what it refers to, and that is not there: as definite as a constraint.
class MissingRow : public pqxx::sql_error {
 public:
  explicit MissingRow(const char* statement) : pqxx::sql_error("a row refers to nothing", statement, "23503") {}
};

// COMMIT came back with a warning: a synchronous standby does not have it for certain.
class CommitWarning : public pqxx::failure {
 public:
  CommitWarning() : pqxx::failure("COMMIT returned with a warning") {}
};

void add_fence(Rows& rows, const PartBatch& b) {
  const PartSummary& s = b.summary;
  rows.add(b.part, project_of(b.part), b.epoch, b.commit_seq, b.at.ms, b.digest, s.state, s.next_due_ms, s.tasks,
           s.settled, s.undecided, s.answers, s.leased, s.under_review, s.paid, s.fees, s.best_guesses, b.previous);
}

}  // namespace

GroupCommit::GroupCommit(Session& session, const Group& group) : session_(session), group_(group) {
  Column parts;
  Rows existing(18);
  Rows created(18);
  for (std::size_t i = 0; i < group.parts.size(); ++i) {
    const PartBatch& batch = group.parts[i];
    TALLY_ASSERT(i == 0 || group.parts[i - 1].part < batch.part);
    TALLY_ASSERT(!batch.created || (batch.epoch == 1 && batch.commit_seq == 1));
    add_fence(batch.created ? created : existing, batch);
    parts.add(batch.part);
  }
  all_parts_ = {parts.take()};
  for (const auto& [statement, rows] : {std::pair{&sql::fence, &existing}, std::pair{&sql::create_parts, &created}}) {
    if (rows->empty()) continue;
    const std::size_t count = rows->size();
    Parameters parameters = rows->take();
    parameters.push_back({session.config().broker_id});
    parameters.push_back({std::to_string(session.config().lease.ms)});
    fences_.push_back({statement, std::move(parameters), count});
  }
  writes_ = writes_of(group, session.known_accounts());
}

void GroupCommit::step(const char* name) const {
  if (session_.config().failpoint) session_.config().failpoint(name);
}

// Whatever happened to an earlier attempt, this one waits for its locks, so that its outcome is settled when the fence
// answers.
CommitOutcome GroupCommit::run() {
  for (;;) {
    bool committing = false;
    try {
      if (attempt() == Attempt::stored) {
        session_.known_accounts().add(writes_.new_accounts);
        session_.succeeded();
        return CommitOutcome::stored;
      }
      committing = true;  // What settling meets is never an error of the group.
      const CommitOutcome outcome = settle();
      session_.succeeded();
      return outcome;
    } catch (const pqxx::failure& error) {
      const bool in_doubt = committing || dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr;
      if (!in_doubt && trouble_of(error, session_.is_open()) == Trouble::definite) {
        session_.log("event=group_refused sqlstate=" + sqlstate_of(error) + " error=\"" + one_line(error.what()) + '"');
        session_.drop();
        session_.known_accounts().clear();  // Should what is known be what was wrong.
        session_.succeeded();
        return CommitOutcome::refused;
      }
      session_.wait_after(error, "commit");
    }
  }
}

// Two round trips: all statements, whose results say whether the group may be stored; then COMMIT. Where a test looks
// at the steps they are as many, so that each has really happened.
GroupCommit::Attempt GroupCommit::attempt() {
  const bool is_watched = static_cast<bool>(session_.config().failpoint);
  Pipeline& pipeline = session_.pipeline();
  step("before_begin");
  send_fence(pipeline);
  if (is_watched) {
    pipeline.flush();
    if (!passed_fence(pipeline)) return Attempt::missed;
    step("after_fence");
  }
  for (const Write& write : writes_.all) pipeline.send(*write.statement, write.parameters);
  pipeline.flush();
  if (!is_watched && !passed_fence(pipeline)) return Attempt::missed;
  for (const Write& write : writes_.all) {
    if (pipeline.next() != write.rows && write.each) throw MissingRow(write.statement->name);
    if (write.statement == &sql::insert_batches) step("after_batches");
  }
  step("after_rows");
  step("before_commit");
  commit(pipeline);
  return Attempt::stored;
}

// Any error from here on leaves in doubt whether the group is stored, whatever its class.
void GroupCommit::commit(Pipeline& pipeline) const {
  pipeline.take_notices();
  try {
    pipeline.commit();
    if (pipeline.take_notices() > 0) throw CommitWarning();
    step("after_commit");
  } catch (const pqxx::failure& error) {
    throw pqxx::in_doubt_error(error.what());
  }
}

void GroupCommit::send_fence(Pipeline& pipeline) const {
  pipeline.send(sql::begin, {});
  if (group_.parts.size() > 1) pipeline.send(sql::lock_parts, all_parts_);
  for (const Write& fence : fences_) pipeline.send(*fence.statement, fence.parameters);
}

bool GroupCommit::passed_fence(Pipeline& pipeline) const {
  pipeline.next();
  if (group_.parts.size() > 1) pipeline.next();
  return std::all_of(fences_.begin(), fences_.end(), [&](const Write& fence) { return pipeline.next() == fence.rows; });
}

// The fence did not let us through: because an earlier attempt of ours is stored, or because the parts are not ours any
// more.
CommitOutcome GroupCommit::settle() {
  session_.drop();  // The attempt is rolled back.
  pqxx::work tx(session_.connection().get());
  ArrayText parts;
  ArrayText numbers;
  ArrayText epochs;
  for (const PartBatch& batch : group_.parts) {
    parts.add(batch.part);
    numbers.add(batch.commit_seq);
    epochs.add(batch.epoch);
  }
  std::map<std::int64_t, std::string> stored;
  std::set<std::int64_t> lost;  // Not ours any more.
  for (const auto& row :
       exec(tx, sql::settle, {parts.text(), numbers.text(), epochs.text(), session_.config().broker_id})) {
    const auto part = row[0].as<std::int64_t>();
    if (!row[1].is_null()) stored[part] = bytes_from_bytea(row[1].c_str());
    if (!row[2].as<bool>()) lost.insert(part);
  }
  // All of the group is stored, or nothing: the log names the part that was lost, where one was.
  const PartBatch* missing = nullptr;
  for (const PartBatch& batch : group_.parts) {
    const auto found = stored.find(batch.part.value);
    if (found != stored.end() && found->second == bytes_of(batch.digest)) continue;
    const bool is_first_lost =
        lost.contains(batch.part.value) && (missing == nullptr || !lost.contains(missing->part.value));
    if (missing == nullptr || is_first_lost) missing = &batch;
  }
  if (missing != nullptr) {
    session_.log("event=group_fenced part=" + to_text(missing->part) +
                 " commit_seq=" + std::to_string(missing->commit_seq) + " epoch=" + std::to_string(missing->epoch));
    return CommitOutcome::fenced;
  }
  // What is read here is not yet what a synchronous standby has; what a write after it has committed is.
  exec(tx, sql::touch_part, {std::to_string(group_.parts.front().part.value)});
  session_.connection().take_notices();
  tx.commit();
  if (session_.connection().take_notices() > 0) throw CommitWarning();
  session_.log("event=group_was_stored part=" + to_text(group_.parts.front().part) +
               " commit_seq=" + std::to_string(group_.parts.front().commit_seq));
  return CommitOutcome::stored;
}

}  // namespace tally::storage
