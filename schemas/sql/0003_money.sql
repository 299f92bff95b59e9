-- Money, in millionths of the one currency. It moves by transfers alone; a transfer is never edited, only reversed by another.
-- The names in a CHECK are compared one after the other: those of payouts and fees come first.

CREATE TABLE IF NOT EXISTS transfers (
  part_id       bigint NOT NULL,
  transfer_no   integer NOT NULL CHECK (transfer_no >= 1),
  kind          text NOT NULL CHECK (kind IN ('payout', 'fee', 'deposit', 'reserve', 'sweep', 'refund', 'bonus', 'payout_run',
                                              'paid_out', 'reversal')),
  from_fund     text NOT NULL CHECK (from_fund IN ('escrow', 'outside', 'receivable', 'transit', 'wallet', 'payable', 'fees',
                                                   'earnings')),
  from_owner    bigint NOT NULL,
  to_fund       text NOT NULL CHECK (to_fund IN ('earnings', 'fees', 'outside', 'receivable', 'transit', 'wallet', 'payable',
                                                 'escrow')),
  to_owner      bigint NOT NULL,
  amount        bigint NOT NULL CHECK (amount > 0),
  assignment_no integer NOT NULL CHECK (assignment_no >= 0),  -- 0: none.
  reverses      integer NOT NULL CHECK (reverses >= 0),       -- A transfer of this part; 0: none.
  at_ms         bigint NOT NULL,
  PRIMARY KEY (part_id, transfer_no),
  CHECK (from_fund <> to_fund OR from_owner <> to_owner),
  CHECK (kind <> 'payout' OR (assignment_no > 0 AND from_fund = 'escrow' AND to_fund = 'earnings'))
);

-- What a worker was paid out so far: a sum over few rows of one account part.
CREATE INDEX IF NOT EXISTS transfers_paid_out ON transfers (part_id, from_owner) WHERE kind = 'paid_out';

-- The transfer that pays an assignment: at most one, ever. A reversal does not make room for another.
CREATE UNIQUE INDEX IF NOT EXISTS transfers_payout ON transfers (part_id, assignment_no) WHERE kind = 'payout';

-- The balances that the transfers of a part come to. Only the world, debts and what is between parts may be below zero.
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
