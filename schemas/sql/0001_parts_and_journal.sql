-- Parts, their journal, and what they tell each other.
--
-- Rules of all these files: numbered and forward only; each statement is a step of its own and can be run again; part_id is first
-- in every primary key and unique constraint, so that one more migration can distribute the tables by it; states are text with a
-- CHECK, no enumerations or domains; numbers are given out by the program, so there are no sequences.
--
-- There are no foreign keys on purpose. A part's rows are written by the one owner that the fence lets through, from records in
-- which each fact comes after what it refers to; a key to check would cost a look-up and a row lock for each answer, and would find
-- only our own bugs. Those are found by the primary keys, the CHECKs, the row counts that each statement must hit, and the auditor.

-- One row a part: who owns it, how far its journal goes, and what can be told of it without reading it. Every write
-- transaction begins with an update of these rows that must match owner, epoch and commit_seq - 1: the fence.
CREATE TABLE IF NOT EXISTS parts (
  part_id      bigint PRIMARY KEY,
  project_id   bigint NOT NULL,
  part_no      bigint NOT NULL,
  owner        text NOT NULL,
  epoch        bigint NOT NULL CHECK (epoch >= 1),
  lease_until  timestamptz NOT NULL,             -- By the database's now() only.
  commit_seq   bigint NOT NULL CHECK (commit_seq >= 1),
  at_ms        bigint NOT NULL,                  -- Recorded time of the last batch.
  digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
  state        smallint NOT NULL CHECK (state BETWEEN 0 AND 4),  -- PartState of a task part, ProjectState of a control part.
  next_due_ms  bigint NOT NULL CHECK (next_due_ms >= 0),         -- 0: nothing falls due.
  tasks        bigint NOT NULL CHECK (tasks >= 0),
  settled      bigint NOT NULL CHECK (settled >= 0),
  undecided    bigint NOT NULL CHECK (undecided >= 0),
  answers      bigint NOT NULL CHECK (answers >= 0),
  leased       bigint NOT NULL CHECK (leased >= 0),
  under_review bigint NOT NULL CHECK (under_review >= 0),
  paid         bigint NOT NULL CHECK (paid >= 0),
  fees         bigint NOT NULL CHECK (fees >= 0),
  best_guesses bigint NOT NULL CHECK (best_guesses >= 0),
  CHECK (part_id >= 0 AND part_no >= 0 AND part_no < 1048576 AND part_id = project_id * 1048576 + part_no),
  CHECK (settled + undecided + best_guesses <= tasks)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- The timer asks for parts whose deadline has come and that are not in memory.
CREATE INDEX IF NOT EXISTS parts_due ON parts (next_due_ms) WHERE next_due_ms > 0;

-- The journal: what was decided, in order, chained by digest. The other tables follow from it.
-- `records` is not compressed: it would cost more of a processor than all the other rows of a group.
CREATE TABLE IF NOT EXISTS batches (
  part_id    bigint NOT NULL,
  commit_seq bigint NOT NULL CHECK (commit_seq >= 1),
  epoch      bigint NOT NULL CHECK (epoch >= 1),
  at_ms      bigint NOT NULL,
  records    bytea NOT NULL,
  previous   bytea NOT NULL CHECK (octet_length(previous) = 32),
  digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (part_id, commit_seq)
);

ALTER TABLE batches ALTER COLUMN records SET STORAGE EXTERNAL;

-- The latest state of a part that loading starts from; the batches after it are folded on top.
CREATE TABLE IF NOT EXISTS snapshots (
  part_id    bigint PRIMARY KEY,
  commit_seq bigint NOT NULL CHECK (commit_seq >= 1),
  state      bytea NOT NULL
);

ALTER TABLE snapshots ALTER COLUMN state SET STORAGE EXTERNAL;

-- Free text and other personal matter, apart from the journal so that it can be erased (body is null then). Answers have theirs in
-- a column of `answers`.
CREATE TABLE IF NOT EXISTS contents (
  part_id bigint NOT NULL,
  kind    text NOT NULL CHECK (kind IN ('item', 'rejection', 'transfer_note', 'display_name', 'payout_address', 'suspension')),
  no      bigint NOT NULL CHECK (no >= 0),
  body    bytea,
  PRIMARY KEY (part_id, kind, no)
);

-- Mail to other parts that is not known to be durable there. `amount` is the money it carries, which is in transit.
CREATE TABLE IF NOT EXISTS outbox (
  part_id bigint NOT NULL,
  mail_no bigint NOT NULL CHECK (mail_no >= 1),
  to_part bigint NOT NULL CHECK (to_part >= 0),
  name    text NOT NULL,
  amount  bigint NOT NULL CHECK (amount >= 0),
  body    bytea NOT NULL,
  at_ms   bigint NOT NULL,
  PRIMARY KEY (part_id, mail_no)
);

-- Loading a part asks which mails to it are still in an outbox.
CREATE INDEX IF NOT EXISTS outbox_to_part ON outbox (to_part);

-- Mail received: at most once, whatever is sent again.
CREATE TABLE IF NOT EXISTS inbox (
  part_id   bigint NOT NULL,
  from_part bigint NOT NULL CHECK (from_part >= 0),
  mail_no   bigint NOT NULL CHECK (mail_no >= 1),
  PRIMARY KEY (part_id, from_part, mail_no)
);

-- Commands with a key that were carried out: for good, so that the same key never acts twice.
CREATE TABLE IF NOT EXISTS command_keys (
  part_id      bigint NOT NULL,
  account_id   bigint NOT NULL,
  key          text NOT NULL,
  input_digest bytea NOT NULL,
  PRIMARY KEY (part_id, account_id, key)
);

-- The last sign of life of each broker, and the times when there was none of any: open deadlines move by them.
CREATE TABLE IF NOT EXISTS brokers (
  broker_id text PRIMARY KEY,
  seen      timestamptz NOT NULL,
  alive_ms  bigint NOT NULL   -- Recorded time.
);

CREATE TABLE IF NOT EXISTS outages (
  from_ms bigint PRIMARY KEY,
  to_ms   bigint NOT NULL,
  CHECK (to_ms > from_ms)
);
