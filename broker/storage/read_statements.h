#pragma once

#include "broker/storage/connection.h"

// Every statement of Reads. A page is found by an index in the order in which it is shown, after the key of the row
// before; what belongs to its rows is then looked up by key, for all of them at once ($1[i], $2[i], … is one key).
// The parts of a project are the range [control part, control part + 1048576).
// An outer join, or LATERAL … OFFSET 0, keeps the planner from turning a look-up around: a plan that was made while a
// table was small would walk it later.
namespace tally::storage::read_statements {

// Every statement here has an index for each of its tables; the planner is told to use them, whatever the statistics
// (and whether there are any yet) make of it.
inline constexpr const char* settings =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET enable_material = off; SET plan_cache_mode = force_generic_plan";

// ---- Shared ---------------------------------------------------------------------------------------------------------

inline constexpr Statement read_contents_of{
    "read_contents_of",
    "SELECT u.part_id, u.no, c.body FROM unnest($1::bigint[], $3::bigint[]) AS u(part_id, no) "
    "CROSS JOIN LATERAL (SELECT body FROM contents WHERE part_id = u.part_id AND kind = $2 AND no = u.no OFFSET 0) c "
    "WHERE c.body IS NOT NULL"};

inline constexpr Statement read_answer_bodies{
    "read_answer_bodies",
    "SELECT u.part_id, u.no, a.body FROM unnest($1::bigint[], $2::int[]) AS u(part_id, no) "
    "CROSS JOIN LATERAL (SELECT body FROM answers WHERE part_id = u.part_id AND assignment_no = u.no OFFSET 0) a "
    "WHERE a.body IS NOT NULL"};

// The payout of an answer, and what became of its pay.
#define TALLY_PAYOUT(answer) \
  "LEFT JOIN payouts y ON y.part_id = " answer ".part_id AND y.assignment_no = " answer ".assignment_no "
#define TALLY_PAY_STATE "coalesce(d.state, CASE WHEN y.part_id IS NULL THEN 'waiting' ELSE 'paid' END)"

// Whether a mail `o` is still under way: not stored by its receiver, which then has its money.
#define TALLY_UNDER_WAY                                                                                        \
  "NOT EXISTS (SELECT 1 FROM inbox i WHERE i.part_id = o.to_part AND i.from_part = o.part_id AND i.mail_no = " \
  "o.mail_no)"

// ---- Projects -------------------------------------------------------------------------------------------------------

#define TALLY_PROJECT_COLUMNS \
  "SELECT part_id, project_id, owner_id, title, state, reward, pay, created_ms, deadline_ms, items "

inline constexpr Statement projects_newest{"projects_newest", TALLY_PROJECT_COLUMNS
                                           "FROM projects WHERE (created_ms, part_id) < ($1::bigint, $2::bigint) "
                                           "ORDER BY created_ms DESC, part_id DESC LIMIT $3::bigint"};
inline constexpr Statement projects_of_owner{
    "projects_of_owner", TALLY_PROJECT_COLUMNS
    "FROM projects WHERE owner_id = $4::bigint AND (created_ms, part_id) < ($1::bigint, $2::bigint) "
    "ORDER BY created_ms DESC, part_id DESC LIMIT $3::bigint"};
inline constexpr Statement projects_open{
    "projects_open", TALLY_PROJECT_COLUMNS
    "FROM projects WHERE state = 'open' AND (created_ms, part_id) < ($1::bigint, $2::bigint) "
    "ORDER BY created_ms DESC, part_id DESC LIMIT $3::bigint"};
#undef TALLY_PROJECT_COLUMNS

inline constexpr Statement project_head{
    "project_head",
    "SELECT part_id, project_id, owner_id, title, state, reward, pay, created_ms, deadline_ms, items, spec, "
    "part_size, reserved FROM projects WHERE part_id = $1::bigint"};

inline constexpr Statement progress_of{
    "progress_of",
    "SELECT u.part_id, p.closed, p.answers FROM unnest($1::bigint[]) AS u(part_id) CROSS JOIN LATERAL ("
    "SELECT coalesce(sum(settled + undecided + best_guesses), 0)::bigint AS closed, coalesce(sum(answers), 0)::bigint "
    "AS answers "
    "FROM parts WHERE part_id > u.part_id AND part_id < u.part_id + 1048576) p"};

inline constexpr Statement status_of_parts{
    "status_of_parts",
    "SELECT coalesce(sum(tasks), 0)::bigint, coalesce(sum(settled), 0)::bigint, coalesce(sum(undecided), 0)::bigint, "
    "coalesce(sum(answers), 0)::bigint, coalesce(sum(leased), 0)::bigint, coalesce(sum(under_review), 0)::bigint, "
    "coalesce(sum(paid), 0)::bigint, coalesce(sum(fees), 0)::bigint, coalesce(sum(best_guesses), 0)::bigint "
    "FROM parts WHERE part_id > $1::bigint AND part_id < $1::bigint + 1048576"};
// $2: the owner, under whose name the escrow is.
inline constexpr Statement status_held{
    "status_held",
    "SELECT coalesce(sum(balance), 0)::bigint FROM sub_accounts WHERE fund = 'escrow' AND owner_id = $2::bigint "
    "AND part_id >= $1::bigint AND part_id < $1::bigint + 1048576"};
inline constexpr Statement status_under_way{
    "status_under_way",
    "SELECT coalesce(sum(o.amount), 0)::bigint FROM outbox o WHERE o.part_id >= $1::bigint "
    "AND o.part_id < $1::bigint + 1048576 AND o.name IN ('fund_part', 'part_done') AND " TALLY_UNDER_WAY};
inline constexpr Statement status_refunded{"status_refunded",
                                           "SELECT coalesce(sum(amount), 0)::bigint FROM transfers "
                                           "WHERE part_id = $1::bigint AND kind = 'refund' AND from_fund = 'escrow'"};
// What reversed payouts came to, and how much of that went back to the escrow.
inline constexpr Statement status_reversed{
    "status_reversed",
    "SELECT coalesce(sum(y.amount), 0)::bigint, coalesce(sum(t.amount), 0)::bigint FROM pay_decisions d "
    TALLY_PAYOUT("d")
    "LEFT JOIN transfers t ON t.part_id = d.part_id AND t.assignment_no = d.assignment_no AND t.kind = 'reversal' "
    "WHERE d.state = 'reversed' AND d.part_id > $1::bigint AND d.part_id < $1::bigint + 1048576"};

// ---- Results --------------------------------------------------------------------------------------------------------

// $1: from this part on, $2: before this one.
inline constexpr Statement parts_with_tasks{
    "parts_with_tasks",
    "SELECT part_id, tasks FROM parts WHERE part_id >= $1::bigint AND part_id < $2::bigint AND tasks > 0 "
    "ORDER BY part_id LIMIT $3::bigint"};
inline constexpr Statement next_part_in_review{
    "next_part_in_review",
    "SELECT part_id FROM pay_decisions WHERE state = 'review' AND part_id >= $1::bigint AND part_id < $2::bigint "
    "ORDER BY part_id, assignment_no LIMIT 1"};
inline constexpr Statement tasks_in_review{
    "tasks_in_review",
    "SELECT DISTINCT a.task_no FROM pay_decisions d "
    "JOIN answers a ON a.part_id = d.part_id AND a.assignment_no = d.assignment_no "
    "WHERE d.state = 'review' AND d.part_id = $1::bigint AND a.task_no > $2::bigint ORDER BY a.task_no LIMIT "
    "$3::bigint"};
inline constexpr Statement verdicts_of_tasks{
    "verdicts_of_tasks",
    "SELECT u.part_id, u.task_no, v.reason, v.judged, v.ballots, v.audited_after FROM unnest($1::bigint[], $2::int[]) "
    "AS u(part_id, task_no) CROSS JOIN LATERAL (SELECT reason, judged, ballots, audited_after FROM verdicts "
    "WHERE part_id = u.part_id AND task_no = u.task_no OFFSET 0) v"};
inline constexpr Statement answers_of_tasks{
    "answers_of_tasks",
    "SELECT u.part_id, u.task_no, a.assignment_no, a.worker_id, a.at_ms, a.ballots, " TALLY_PAY_STATE
    ", coalesce(d.reason, ''), coalesce(y.amount, 0), coalesce(y.fee, 0), a.took_ms "
    "FROM unnest($1::bigint[], $2::int[]) AS u(part_id, task_no) "
    "CROSS JOIN LATERAL (SELECT part_id, assignment_no, worker_id, at_ms, took_ms, ballots FROM answers "
    "WHERE part_id = u.part_id AND task_no = u.task_no OFFSET 0) a "
    "LEFT JOIN pay_decisions d ON d.part_id = u.part_id AND d.assignment_no = a.assignment_no " TALLY_PAYOUT(
        "a") "ORDER BY u.part_id, u.task_no, a.assignment_no"};

// ---- People ---------------------------------------------------------------------------------------------------------

inline constexpr Statement answers_newest{
    "answers_newest",
    "SELECT a.at_ms, a.part_id, a.assignment_no, " TALLY_PAY_STATE
    ", coalesce(d.reason, ''), "
    "coalesce(y.amount, p.reward, 0) FROM (SELECT at_ms, part_id, assignment_no FROM answers WHERE worker_id = "
    "$1::bigint "
    "AND (at_ms, part_id, assignment_no) < ($2::bigint, $3::bigint, $4::bigint) "
    "ORDER BY at_ms DESC, part_id DESC, assignment_no DESC LIMIT $5::bigint) a "
    "LEFT JOIN projects p ON p.part_id = a.part_id - a.part_id % 1048576 "
    "LEFT JOIN pay_decisions d ON d.part_id = a.part_id AND d.assignment_no = a.assignment_no " TALLY_PAYOUT(
        "a") "ORDER BY a.at_ms DESC, a.part_id DESC, a.assignment_no DESC"};
// Among the newest $2 answers of a worker.
inline constexpr Statement answers_waiting{
    "answers_waiting",
    "SELECT count(*) FROM (SELECT part_id, assignment_no FROM answers WHERE worker_id = $1::bigint "
    "ORDER BY at_ms DESC, part_id DESC, assignment_no DESC LIMIT $2::bigint) a "
    "LEFT JOIN pay_decisions d ON d.part_id = a.part_id AND d.assignment_no = a.assignment_no " TALLY_PAYOUT(
        "a") "WHERE " TALLY_PAY_STATE " IN ('waiting', 'review')"};
inline constexpr Statement paid_out{"paid_out",
                                    "SELECT coalesce(sum(amount), 0)::bigint FROM transfers "
                                    "WHERE part_id = $1::bigint AND from_owner = $2::bigint AND kind = 'paid_out'"};
inline constexpr Statement balance_in_part{
    "balance_in_part",
    "SELECT balance FROM sub_accounts WHERE part_id = $1::bigint AND fund = $2 AND owner_id = $3::bigint"};
// Over all parts.
inline constexpr Statement balance_of_owner{
    "balance_of_owner",
    "SELECT coalesce(sum(balance), 0)::bigint FROM sub_accounts WHERE owner_id = $1::bigint AND fund = $2"};
// Mail with money for people who live in this account part.
inline constexpr Statement mail_to_people{
    "mail_to_people",
    "SELECT o.body FROM outbox o WHERE o.to_part = $1::bigint AND o.name IN ('sweep', 'bonus_paid', 'refund') "
    "AND " TALLY_UNDER_WAY};
// Batches announced by people who live in this account part, whose control part does not have them yet.
inline constexpr Statement mail_to_open{
    "mail_to_open",
    "SELECT o.body FROM outbox o WHERE o.part_id = $1::bigint AND o.name = 'open_control' AND " TALLY_UNDER_WAY};
// Escrow between the parts of one owner's projects.
inline constexpr Statement escrow_under_way{
    "escrow_under_way",
    "SELECT coalesce(sum(o.amount), 0)::bigint FROM projects p "
    "JOIN outbox o ON o.part_id >= p.part_id AND o.part_id < p.part_id + 1048576 "
    "WHERE p.owner_id = $1::bigint AND o.name IN ('fund_part', 'part_done') AND " TALLY_UNDER_WAY};

#define TALLY_ACCOUNT_COLUMNS                                                                                 \
  "SELECT p.account_id, p.role, p.enrolled, p.suspended, p.created_ms, coalesce(s.balance, 0) FROM people p " \
  "LEFT JOIN sub_accounts s ON s.part_id = p.part_id AND s.fund = 'wallet' AND s.owner_id = p.account_id "

inline constexpr Statement accounts{
    "accounts", TALLY_ACCOUNT_COLUMNS "WHERE p.account_id > $1::bigint ORDER BY p.account_id LIMIT $2::bigint"};
inline constexpr Statement accounts_of_role{
    "accounts_of_role",
    TALLY_ACCOUNT_COLUMNS "WHERE p.role = $3 AND p.account_id > $1::bigint ORDER BY p.account_id LIMIT $2::bigint"};
#undef TALLY_ACCOUNT_COLUMNS
#undef TALLY_UNDER_WAY
#undef TALLY_PAY_STATE
#undef TALLY_PAYOUT

inline constexpr Statement all[] = {
    read_contents_of,  read_answer_bodies, projects_newest,  projects_of_owner,   projects_open,
    project_head,      progress_of,        status_of_parts,  status_held,         status_under_way,
    status_refunded,   status_reversed,    parts_with_tasks, next_part_in_review, tasks_in_review,
    verdicts_of_tasks, answers_of_tasks,   answers_newest,   answers_waiting,     paid_out,
    balance_in_part,   balance_of_owner,   mail_to_people,   mail_to_open,        escrow_under_way,
    accounts,          accounts_of_role};

}  // namespace tally::storage::read_statements
