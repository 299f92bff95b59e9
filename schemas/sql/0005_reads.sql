-- What lists and sums need besides: each of these holds few rows, and costs the hot path nothing.

-- What a project's answers were paid and lost again: few beside those decided.
CREATE INDEX IF NOT EXISTS pay_decisions_reversed ON pay_decisions (part_id, assignment_no) WHERE state = 'reversed';

-- The transfer by which a payout went back to the escrow of its part.
CREATE INDEX IF NOT EXISTS transfers_reversals ON transfers (part_id, assignment_no) WHERE kind = 'reversal';

-- What is held for one project of a requester.
CREATE INDEX IF NOT EXISTS sub_accounts_escrow ON sub_accounts (owner_id, part_id) WHERE fund = 'escrow';

-- Accounts of one role, in the order of their numbers.
CREATE INDEX IF NOT EXISTS people_by_role ON people (role, account_id);

-- The whole ledger as double entry, for an accountant: a line a leg. The lines of a transfer come to zero, those of a sub-account to its
-- balance.
CREATE OR REPLACE VIEW ledger_lines AS
  SELECT part_id, transfer_no, kind, from_fund AS fund, from_owner AS owner_id, -amount AS amount, assignment_no, at_ms FROM transfers
  UNION ALL
  SELECT part_id, transfer_no, kind, to_fund, to_owner, amount, assignment_no, at_ms FROM transfers
  UNION ALL
  SELECT part_id, transfer_no, 'payout', 'escrow', owner_id, -(amount + fee), assignment_no, at_ms FROM payouts
  UNION ALL
  SELECT part_id, transfer_no, 'payout', 'earnings', worker_id, amount, assignment_no, at_ms FROM payouts
  UNION ALL
  SELECT part_id, transfer_no, 'payout', 'fees', 0, fee, assignment_no, at_ms FROM payouts WHERE fee > 0;
