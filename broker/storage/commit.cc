#include "broker/storage/commit.h"

#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "broker/storage/statements.h"

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
           s.settled, s.undecided, s.answers, s.leased, s.under_review, s.paid, s.fees, b.previous);
}

}  // namespace

GroupCommit::GroupCommit(Session& session, const Group& group) : session_(session), group_(group) {
  ArrayText parts;
  for (std::size_t i = 0; i < group.parts.size(); ++i) {
    const PartBatch& batch = group.parts[i];
    TALLY_ASSERT(i == 0 || group.parts[i - 1].part < batch.part);
    TALLY_ASSERT(!batch.created || (batch.epoch == 1 && batch.commit_seq == 1));
    add_fence(batch.created ? created_ : existing_, batch);
    parts.add(batch.part);
  }
  all_parts_ = parts.text();
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

GroupCommit::Attempt GroupCommit::attempt() {
  step("before_begin");
  pqxx::work tx(session_.connection().get());
  if (!pass_fence(tx)) return Attempt::missed;
  step("after_fence");
  for (std::size_t i = 0; i < writes_.all.size(); ++i) {
    const Write& write = writes_.all[i];
    const auto hit = exec(tx, *write.statement, write.parameters).affected_rows();
    if (write.each && hit != write.rows) throw MissingRow(write.statement->name);
    if (i == 0) step("after_batches");
  }
  step("after_rows");
  step("before_commit");
  commit(tx);
  return Attempt::stored;
}

// Any error from here on leaves in doubt whether the group is stored, whatever its class.
void GroupCommit::commit(pqxx::work& tx) {
  session_.connection().take_notices();
  try {
    tx.commit();
    if (session_.connection().take_notices() > 0) throw CommitWarning();
    step("after_commit");
  } catch (const pqxx::failure& error) {
    throw pqxx::in_doubt_error(error.what());
  }
}

bool GroupCommit::pass_fence(pqxx::transaction_base& tx) const {
  if (group_.parts.size() > 1) exec(tx, sql::lock_parts, {all_parts_});
  const std::string& owner = session_.config().broker_id;
  const std::string lease_ms = std::to_string(session_.config().lease.ms);
  const auto through = [&](const Statement& statement, const Rows& rows) {
    if (rows.empty()) return true;
    auto parameters = rows.parameters();
    parameters.push_back(owner);
    parameters.push_back(lease_ms);
    return exec(tx, statement, parameters).affected_rows() == rows.size();
  };
  return through(sql::fence, existing_) && through(sql::create_parts, created_);
}

// The fence did not let us through: because an earlier attempt of ours is stored, or because the parts are not ours any
// more.
CommitOutcome GroupCommit::settle() {
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
