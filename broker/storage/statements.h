#pragma once

#include "broker/storage/connection.h"

// Every statement of the Store. Arrays are columns: $1[i], $2[i], … are one row. Rows come in ascending key order.
namespace tally::storage::statements {

// ---- The fence ------------------------------------------------------------------------------------------------------

inline constexpr Statement begin{"begin_group", "BEGIN"};

// Takes the rows in one order, so that a renewal of leases that runs at the same time cannot block both.
inline constexpr Statement lock_parts{
    "lock_parts", "SELECT part_id FROM parts WHERE part_id = ANY($1::bigint[]) ORDER BY part_id FOR NO KEY UPDATE"};

#define TALLY_SUMMARY_COLUMNS \
  "state, next_due_ms, tasks, settled, undecided, answers, leased, under_review, paid, fees, best_guesses"
#define TALLY_SUMMARY_ARRAYS                                                                                 \
  "$7::smallint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], " \
  "$14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]"

// $18: digest of the batch before. $19: owner. $20: lease in ms.
inline constexpr Statement fence{
    "fence",
    "UPDATE parts p SET commit_seq = u.commit_seq, at_ms = u.at_ms, digest = u.digest, state = u.state, "
    "next_due_ms = u.next_due_ms, tasks = u.tasks, settled = u.settled, undecided = u.undecided, answers = u.answers, "
    "leased = u.leased, under_review = u.under_review, paid = u.paid, fees = u.fees, best_guesses = u.best_guesses, "
    "lease_until = now() + $20::bigint * interval '1 millisecond' "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], "
    "$6::bytea[], " TALLY_SUMMARY_ARRAYS
    ", $18::bytea[]) AS u(part_id, project_id, epoch, commit_seq, at_ms, digest, " TALLY_SUMMARY_COLUMNS
    ", previous) "
    "WHERE p.part_id = u.part_id AND p.owner = $19 AND p.epoch = u.epoch AND p.commit_seq = u.commit_seq - 1 "
    "AND p.digest = u.previous"};

// A part that exists already is left alone: the count of rows then tells that the group is fenced, or stored already.
inline constexpr Statement create_parts{
    "create_parts",
    "INSERT INTO parts (part_id, project_id, part_no, owner, epoch, lease_until, commit_seq, at_ms, "
    "digest, " TALLY_SUMMARY_COLUMNS
    ") "
    "SELECT u.part_id, u.project_id, u.part_id - u.project_id * 1048576, $19, u.epoch, "
    "now() + $20::bigint * interval '1 millisecond', u.commit_seq, u.at_ms, u.digest, " TALLY_SUMMARY_COLUMNS
    " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], "
    "$6::bytea[], " TALLY_SUMMARY_ARRAYS
    ", $18::bytea[]) AS u(part_id, project_id, epoch, commit_seq, at_ms, digest, " TALLY_SUMMARY_COLUMNS
    ", previous) "
    "ON CONFLICT DO NOTHING"};

#undef TALLY_SUMMARY_COLUMNS
#undef TALLY_SUMMARY_ARRAYS

// After a COMMIT in doubt: what is stored under these numbers, and which parts are still ours. $3 epochs, $4 owner.
inline constexpr Statement settle{
    "settle",
    "SELECT u.part_id, b.digest, coalesce(p.owner = $4 AND p.epoch = u.epoch, true) "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u(part_id, commit_seq, epoch) "
    "LEFT JOIN batches b ON b.part_id = u.part_id AND b.commit_seq = u.commit_seq "
    "LEFT JOIN parts p ON p.part_id = u.part_id"};

// A write, so that its own commit waits for a synchronous standby to have all that came before.
inline constexpr Statement touch_part{
    "touch_part", "UPDATE parts SET lease_until = lease_until + interval '1 microsecond' WHERE part_id = $1::bigint"};

// ---- The rows of a group
// ----------------------------------------------------------------------------------------------

inline constexpr Statement insert_batches{
    "insert_batches",
    "INSERT INTO batches (part_id, commit_seq, epoch, at_ms, records, previous, digest) "
    "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], "
    "$7::bytea[])"};

inline constexpr Statement put_snapshots{
    "put_snapshots",
    "INSERT INTO snapshots (part_id, commit_seq, state) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) "
    "ON CONFLICT (part_id) DO UPDATE SET commit_seq = excluded.commit_seq, state = excluded.state"};

inline constexpr Statement put_contents{"put_contents",
                                        "INSERT INTO contents (part_id, kind, no, body) SELECT * FROM "
                                        "unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[]) "
                                        "ON CONFLICT (part_id, kind, no) DO UPDATE SET body = excluded.body"};

inline constexpr Statement insert_answers{
    "insert_answers",
    "INSERT INTO answers (part_id, assignment_no, task_no, worker_id, ballots, digest, at_ms, took_ms, body) "
    "SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bigint[], "
    "$8::bigint[], $9::bytea[])"};

inline constexpr Statement insert_verdicts{
    "insert_verdicts",
    "INSERT INTO verdicts (part_id, task_no, reason, judged, ballots, at_ms, audited_after) "
    "SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::int[])"};

inline constexpr Statement put_pay_decisions{
    "put_pay_decisions",
    "INSERT INTO pay_decisions (part_id, assignment_no, state, reason, due_ms, at_ms) "
    "SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) "
    "ON CONFLICT (part_id, assignment_no) DO UPDATE SET state = excluded.state, reason = excluded.reason, "
    "due_ms = excluded.due_ms, at_ms = excluded.at_ms"};

inline constexpr Statement insert_transfers{
    "insert_transfers",
    "INSERT INTO transfers (part_id, transfer_no, kind, from_fund, from_owner, to_fund, to_owner, amount, "
    "assignment_no, "
    "reverses, at_ms) SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::text[], "
    "$7::bigint[], $8::bigint[], $9::int[], $10::int[], $11::bigint[])"};

inline constexpr Statement insert_payouts{
    "insert_payouts",
    "INSERT INTO payouts (part_id, assignment_no, transfer_no, owner_id, worker_id, amount, fee, at_ms) "
    "SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], "
    "$8::bigint[])"};

// Those that may not have their row yet. Where money goes in, it is made with the money in it. Where money only leaves,
// the row is made empty first: INSERT … ON CONFLICT would hold the CHECK against the difference before it is added.
inline constexpr Statement open_sub_accounts{
    "open_sub_accounts",
    "INSERT INTO sub_accounts AS s (part_id, fund, owner_id, balance) "
    "SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) "
    "ON CONFLICT (part_id, fund, owner_id) DO UPDATE SET balance = s.balance + excluded.balance"};
inline constexpr Statement open_empty_sub_accounts{
    "open_empty_sub_accounts",
    "INSERT INTO sub_accounts (part_id, fund, owner_id, balance) "
    "SELECT u.part_id, u.fund, u.owner_id, 0 FROM unnest($1::bigint[], $2::text[], $3::bigint[]) "
    "AS u(part_id, fund, owner_id) ON CONFLICT DO NOTHING"};
inline constexpr Statement add_to_sub_accounts{
    "add_to_sub_accounts",
    "UPDATE sub_accounts s SET balance = s.balance + u.difference "
    "FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS u(part_id, fund, owner_id, difference) "
    "WHERE s.part_id = u.part_id AND s.fund = u.fund AND s.owner_id = u.owner_id"};

inline constexpr Statement insert_outbox{"insert_outbox",
                                         "INSERT INTO outbox (part_id, mail_no, to_part, name, amount, body, at_ms) "
                                         "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], "
                                         "$5::bigint[], $6::bytea[], $7::bigint[])"};
inline constexpr Statement delete_outbox{
    "delete_outbox",
    "DELETE FROM outbox o USING unnest($1::bigint[], $2::bigint[]) AS u(part_id, mail_no) "
    "WHERE o.part_id = u.part_id AND o.mail_no = u.mail_no"};
inline constexpr Statement insert_inbox{
    "insert_inbox",
    "INSERT INTO inbox (part_id, from_part, mail_no) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"};

inline constexpr Statement insert_command_keys{
    "insert_command_keys",
    "INSERT INTO command_keys (part_id, account_id, key, input_digest) "
    "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bytea[])"};

inline constexpr Statement insert_people{
    "insert_people",
    "INSERT INTO people (part_id, account_id, role, enrolled, suspended, created_ms) "
    "SELECT u.part_id, u.account_id, u.role, false, false, u.created_ms "
    "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS u(part_id, account_id, role, created_ms)"};
inline constexpr Statement enrol_people{
    "enrol_people",
    "UPDATE people p SET enrolled = true FROM unnest($1::bigint[], $2::bigint[]) AS u(part_id, account_id) "
    "WHERE p.part_id = u.part_id AND p.account_id = u.account_id"};
inline constexpr Statement suspend_people{
    "suspend_people",
    "UPDATE people p SET suspended = u.suspended "
    "FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS u(part_id, account_id, suspended) "
    "WHERE p.part_id = u.part_id AND p.account_id = u.account_id"};

inline constexpr Statement insert_payout_runs{
    "insert_payout_runs",
    "INSERT INTO payout_runs (part_id, run, account_id, amount) "
    "SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])"};
inline constexpr Statement insert_payout_runs_settled{"insert_payout_runs_settled",
                                                      "INSERT INTO payout_runs_settled (part_id, run, at_ms) SELECT * "
                                                      "FROM unnest($1::bigint[], $2::text[], $3::bigint[])"};

inline constexpr Statement insert_projects{
    "insert_projects",
    "INSERT INTO projects (part_id, project_id, owner_id, state, title, spec, reward, fee_ppm, pay, reserved, items, "
    "part_size, tasks_per_worker_max, keeps_workers, pull_by_item, deadline_ms, created_ms) "
    "SELECT u.part_id, u.project_id, u.owner_id, 'posting', u.title, u.spec, u.reward, u.fee_ppm, u.pay, u.reserved, "
    "u.items, "
    "u.part_size, u.tasks_per_worker_max, u.keeps_workers, u.pull_by_item, u.deadline_ms, u.created_ms "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bigint[], $7::bigint[], "
    "$8::text[], "
    "$9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::boolean[], $14::boolean[], $15::bigint[], "
    "$16::bigint[]) "
    "AS u(part_id, project_id, owner_id, title, spec, reward, fee_ppm, pay, reserved, items, part_size, "
    "tasks_per_worker_max, keeps_workers, pull_by_item, deadline_ms, created_ms)"};
inline constexpr Statement set_project_states{
    "set_project_states",
    "UPDATE projects p SET state = u.state FROM unnest($1::bigint[], $2::text[]) AS u(part_id, state) "
    "WHERE p.part_id = u.part_id"};
inline constexpr Statement set_project_deadlines{"set_project_deadlines",
                                                 "UPDATE projects p SET deadline_ms = u.deadline_ms FROM "
                                                 "unnest($1::bigint[], $2::bigint[]) AS u(part_id, deadline_ms) "
                                                 "WHERE p.part_id = u.part_id"};

// ---- Ownership and loading
// ----------------------------------------------------------------------------------------------

// $1 part, $2 owner, $3 lease in ms. Our own lease may be taken anew: the epoch tells what we knew before.
inline constexpr Statement take_part{
    "take_part",
    "UPDATE parts SET owner = $2, epoch = epoch + 1, lease_until = now() + $3::bigint * interval '1 millisecond' "
    "WHERE part_id = $1::bigint AND (owner = $2 OR lease_until < now()) RETURNING epoch, commit_seq, digest, at_ms"};
inline constexpr Statement who_holds{
    "who_holds",
    "SELECT owner, to_char(lease_until, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM parts WHERE part_id = $1::bigint"};
inline constexpr Statement read_snapshot{"read_snapshot",
                                         "SELECT commit_seq, state FROM snapshots WHERE part_id = $1::bigint"};
inline constexpr Statement read_batches{"read_batches",
                                        "SELECT commit_seq, records FROM batches WHERE part_id = $1::bigint AND "
                                        "commit_seq > $2::bigint ORDER BY commit_seq"};
inline constexpr Statement read_received{
    "read_received",
    "SELECT o.mail_no FROM outbox o WHERE o.part_id = $1::bigint AND EXISTS (SELECT 1 FROM inbox i "
    "WHERE i.part_id = o.to_part AND i.from_part = o.part_id AND i.mail_no = o.mail_no) ORDER BY o.mail_no"};
inline constexpr Statement read_arrived{
    "read_arrived",
    "SELECT o.part_id, o.mail_no FROM outbox o WHERE o.to_part = $1::bigint AND EXISTS (SELECT 1 FROM inbox i "
    "WHERE i.part_id = o.to_part AND i.from_part = o.part_id AND i.mail_no = o.mail_no) ORDER BY o.part_id, o.mail_no"};
// Outages overlap when a broker ends soon after its database was away: what is covered twice counts once.
inline constexpr Statement read_outage{"read_outage",
                                       "SELECT coalesce(sum(upper(gap) - lower(gap)), 0)::bigint FROM (SELECT "
                                       "unnest(range_agg(int8range(greatest(from_ms, "
                                       "$1::bigint), to_ms))) AS gap FROM outages WHERE to_ms > $1::bigint) gaps"};
// Neighbours, as items are read: one way down the index for all of them.
inline constexpr Statement read_content_run{
    "read_content_run",
    "SELECT no, body FROM contents WHERE part_id = $1::bigint AND kind = $2 AND no BETWEEN $3::bigint AND $4::bigint"};
inline constexpr Statement read_contents{
    "read_contents",
    "SELECT no, body FROM contents WHERE part_id = $1::bigint AND kind = $2 AND no = ANY($3::bigint[])"};

// Only leases that have used up a part of their time: a renewal writes no more rows than needed. $2 owner, $3 lease in
// ms.
inline constexpr Statement renew_parts{
    "renew_parts",
    "WITH worn AS MATERIALIZED (SELECT part_id FROM parts WHERE part_id = ANY($1::bigint[]) AND owner = $2 "
    "AND lease_until < now() + $3::bigint * interval '0.7 millisecond' ORDER BY part_id FOR NO KEY UPDATE) "
    "UPDATE parts p SET lease_until = now() + $3::bigint * interval '1 millisecond' FROM worn "
    "WHERE p.part_id = worn.part_id AND p.owner = $2"};
inline constexpr Statement another_has_the_house{"another_has_the_house",
                                                 "SELECT owner FROM parts WHERE part_id = 0 AND owner <> $1"};
// $2 until when it served. Given late, it does not tell of now: both clocks go on alike, but for what a clock drifts.
inline constexpr Statement sign_of_life{
    "sign_of_life",
    "INSERT INTO brokers (broker_id, seen, alive_ms) VALUES ($1, now(), $2::bigint) ON CONFLICT (broker_id) "
    "DO UPDATE SET seen = CASE WHEN excluded.seen - brokers.seen - "
    "(excluded.alive_ms - brokers.alive_ms) * interval '1 millisecond' < interval '5 seconds' THEN excluded.seen "
    "ELSE brokers.seen + greatest(0, excluded.alive_ms - brokers.alive_ms) * interval '1 millisecond' END, "
    "alive_ms = greatest(brokers.alive_ms, excluded.alive_ms)"};
// $1 now in ms, $2 owner, $3 how many, $4 those in memory, $5 and $6 the place to go on after.
inline constexpr Statement due_parts{
    "due_parts",
    "SELECT part_id, next_due_ms FROM parts WHERE next_due_ms > 0 "
    "AND next_due_ms <= $1::bigint AND next_due_ms >= $5::bigint "
    "AND (next_due_ms, part_id) > ($5::bigint, $6::bigint) AND (owner = $2 OR lease_until < now()) "
    "AND part_id <> ALL($4::bigint[]) ORDER BY next_due_ms, part_id LIMIT $3::bigint"};

// ---- The start of a broker
// ----------------------------------------------------------------------------------------------

inline constexpr Statement last_recorded{
    "last_recorded",
    "SELECT greatest((SELECT max(alive_ms) FROM brokers), (SELECT max(at_ms) FROM parts)), "
    "greatest((SELECT b.alive_ms FROM brokers b JOIN parts p ON p.part_id = 0 AND p.owner = b.broker_id), "
    "(SELECT max(at_ms) FROM parts)), "
    "EXISTS (SELECT 1 FROM parts WHERE part_id = 0 AND owner <> $1 AND lease_until >= now())"};
#define TALLY_OR_LONGER " ON CONFLICT (from_ms) DO UPDATE SET to_ms = greatest(outages.to_ms, excluded.to_ms)"
inline constexpr Statement note_outage_at_start{
    "note_outage_at_start", "INSERT INTO outages (from_ms, to_ms) VALUES ($1::bigint, $2::bigint)" TALLY_OR_LONGER};
// Nobody served since the last sign of life of the broker that $1 takes the house from.
inline constexpr Statement note_outage_at_take{
    "note_outage_at_take",
    "INSERT INTO outages (from_ms, to_ms) SELECT alive_ms, alive_ms + ms FROM parts p JOIN brokers b "
    "ON b.broker_id = p.owner CROSS JOIN LATERAL (SELECT (extract(epoch FROM now() - b.seen) * 1000)::bigint AS ms) s "
    "WHERE p.part_id = 0 AND p.owner <> $1 AND p.lease_until < now() AND ms > 0" TALLY_OR_LONGER};
// Only by $3 who has the house: who took it from $3 noted when nobody served, and served since.
inline constexpr Statement note_outage{
    "note_outage",
    "INSERT INTO outages (from_ms, to_ms) SELECT $1::bigint, $2::bigint WHERE EXISTS "
    "(SELECT 1 FROM parts WHERE part_id = 0 AND owner = $3)" TALLY_OR_LONGER};
#undef TALLY_OR_LONGER
inline constexpr Statement catalogue_projects{
    "catalogue_projects",
    "SELECT project_id, owner_id, state, deadline_ms, tasks_per_worker_max, keeps_workers, pull_by_item, part_size, "
    "items "
    "FROM projects WHERE state IN ('posting', 'open', 'paused') ORDER BY project_id"};
inline constexpr Statement catalogue_open_parts{
    "catalogue_open_parts",
    "SELECT project_id, part_no FROM parts WHERE project_id > 0 AND part_no > 0 AND state = 1 ORDER BY part_id"};
// What is under way leaves a part only while it is loaded: mail, and earnings and fees that go to wallets.
inline constexpr Statement catalogue_to_wake{
    "catalogue_to_wake",
    "SELECT part_id FROM outbox UNION "
    "SELECT p.part_id FROM parts p WHERE p.project_id > 0 AND p.part_no > 0 AND p.state IN (1, 2) AND EXISTS "
    "(SELECT 1 FROM sub_accounts s WHERE s.part_id = p.part_id AND s.fund IN ('earnings', 'fees') AND s.balance > 0) "
    "ORDER BY part_id"};

// What a group is stored with, on a connection of its own.
inline constexpr Statement of_a_group[] = {begin,
                                           lock_parts,
                                           fence,
                                           create_parts,
                                           insert_batches,
                                           put_snapshots,
                                           put_contents,
                                           insert_answers,
                                           insert_verdicts,
                                           put_pay_decisions,
                                           insert_transfers,
                                           insert_payouts,
                                           open_sub_accounts,
                                           open_empty_sub_accounts,
                                           add_to_sub_accounts,
                                           insert_outbox,
                                           delete_outbox,
                                           insert_inbox,
                                           insert_command_keys,
                                           insert_people,
                                           enrol_people,
                                           suspend_people,
                                           insert_payout_runs,
                                           insert_payout_runs_settled,
                                           insert_projects,
                                           set_project_states,
                                           set_project_deadlines};
// Everything else.
inline constexpr Statement others[] = {settle,
                                       touch_part,
                                       take_part,
                                       who_holds,
                                       read_snapshot,
                                       read_batches,
                                       read_received,
                                       read_arrived,
                                       read_outage,
                                       read_content_run,
                                       read_contents,
                                       renew_parts,
                                       another_has_the_house,
                                       sign_of_life,
                                       due_parts,
                                       last_recorded,
                                       note_outage_at_start,
                                       note_outage_at_take,
                                       note_outage,
                                       catalogue_projects,
                                       catalogue_open_parts,
                                       catalogue_to_wake};

}  // namespace tally::storage::statements
