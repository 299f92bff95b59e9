-- What the broker's role may do; run after the migrations, each time. Where there is no role tally_broker (a database whose one role
-- owns everything) these are skipped, and what is append-only is so by the program alone.
GRANT USAGE ON SCHEMA tally TO tally_broker;
GRANT SELECT ON ALL TABLES IN SCHEMA tally TO tally_broker;

-- Append-only: what was promised is never edited.
GRANT INSERT ON batches, transfers, payouts, answers, verdicts, inbox, command_keys, payout_runs, payout_runs_settled TO tally_broker;

-- State that moves on.
GRANT INSERT, UPDATE ON parts, snapshots, pay_decisions, sub_accounts, people, projects, brokers, outages TO tally_broker;

-- Content is replaced and erased; mail that has arrived is forgotten.
GRANT INSERT, UPDATE ON contents TO tally_broker;
GRANT INSERT, DELETE ON outbox TO tally_broker;
