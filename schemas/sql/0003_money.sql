-- Money, in millionths of the one currency. It moves by transfers alone; a transfer is never edited, only reversed by another.
-- Those that pay an answer have three legs and a table of their own, `payouts`; `ledger_lines` (0005_reads.sql) is all of them.

-- What pays an answer: from the escrow of the owner the amount to the worker's earnings, and the fee to the fees of the house. One an
-- assignment, ever; a reversal does not make room for another. That no other transfer has its number is not held by an index, which
-- each answer would have to pay for: numbers are given out by the part's one owner, and the auditor finds one that is not the next.
CREATE TABLE IF NOT EXISTS payouts (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  transfer_no   integer NOT NULL CHECK (transfer_no >= 1),
  owner_id      bigint NOT NULL,
  worker_id     bigint NOT NULL,
  amount        bigint NOT NULL CHECK (amount > 0),
  fee           bigint NOT NULL CHECK (fee >= 0),
  at_ms         bigint NOT NULL,
  PRIMARY KEY (part_id, assignment_no)
);

-- Transfers between two sub-accounts. The names in a CHECK are compared one after the other: those of sweeps come first.
CREATE TABLE IF NOT EXISTS transfers (
  part_id       bigint NOT NULL,
  transfer_no   integer NOT NULL CHECK (transfer_no >= 1),
  kind          text NOT NULL CHECK (kind IN ('sweep', 'reserve', 'refund', 'deposit', 'bonus', 'payout_run', 'paid_out',
                                              'reversal')),
  from_fund     text NOT NULL CHECK (from_fund IN ('earnings', 'transit', 'fees', 'escrow', 'wallet', 'outside', 'receivable',
                                                   'payable')),
  from_owner    bigint NOT NULL,
  to_fund       text NOT NULL CHECK (to_fund IN ('transit', 'wallet', 'escrow', 'receivable', 'payable', 'outside')),
  to_owner      bigint NOT NULL,
  amount        bigint NOT NULL CHECK (amount > 0),
  assignment_no integer NOT NULL CHECK (assignment_no >= 0),  -- Whose payout is reversed; 0: none.
  reverses      integer NOT NULL CHECK (reverses >= 0),       -- A transfer of this part; 0: none.
  at_ms         bigint NOT NULL,
  PRIMARY KEY (part_id, transfer_no),
  CHECK (from_fund <> to_fund OR from_owner <> to_owner),
  CHECK (kind = 'reversal' OR (assignment_no = 0 AND reverses = 0))
);

-- What a worker was paid out so far: a sum over few rows of one account part.
CREATE INDEX IF NOT EXISTS transfers_paid_out ON transfers (part_id, from_owner) WHERE kind = 'paid_out';

-- The balances that the transfers and payouts of a part come to. Only the world, debts and what is between parts may be below zero.
CREATE TABLE IF NOT EXISTS sub_accounts (
  part_id  bigint NOT NULL,
  fund     text NOT NULL CHECK (fund IN ('earnings', 'escrow', 'fees', 'outside', 'receivable', 'transit', 'wallet', 'payable')),
  owner_id bigint NOT NULL,
  balance  bigint NOT NULL,
  PRIMARY KEY (part_id, fund, owner_id),
  CHECK (balance >= 0 OR fund IN ('outside', 'receivable', 'transit'))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- A person's money over all parts: earnings not swept yet, escrow that is held. Balances are not in the index, so that adding to one
-- changes no index. With the part at its end, because the planner knows nothing of these columns: were it less than the whole
-- key, it might look for one balance among all that its owner has.
CREATE INDEX IF NOT EXISTS sub_accounts_of_owner ON sub_accounts (owner_id, fund, part_id);

-- What was set aside under the name of a payout run, and that it was paid: each once.
CREATE TABLE IF NOT EXISTS payout_runs (
  part_id    bigint NOT NULL,
  run        text NOT NULL,
  account_id bigint NOT NULL,
  amount     bigint NOT NULL CHECK (amount > 0),
  PRIMARY KEY (part_id, run, account_id)
);

CREATE TABLE IF NOT EXISTS payout_runs_settled (
  part_id bigint NOT NULL,
  run     text NOT NULL,
  at_ms   bigint NOT NULL,
  PRIMARY KEY (part_id, run)
);
