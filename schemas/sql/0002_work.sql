-- Work: answers, verdicts, and what became of the pay of an answer. Leases and their ends are in the journal alone: nothing is
-- promised of them that the answers do not show.

-- One answer an assignment, and one worker's answer a task, ever. The unique constraint also finds the answers of a task.
CREATE TABLE IF NOT EXISTS answers (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  task_no       integer NOT NULL CHECK (task_no >= 1),
  worker_id     bigint NOT NULL,
  ballots       bytea NOT NULL,  -- MessagePack of Ballots.
  digest        bytea NOT NULL,
  at_ms         bigint NOT NULL,
  took_ms       bigint NOT NULL CHECK (took_ms >= 0),  -- Since it was leased.
  body          bytea,           -- As it was handed in, MessagePack of AnswerValues; null: erased.
  PRIMARY KEY (part_id, assignment_no),
  UNIQUE (part_id, task_no, worker_id)
);

-- A worker's own list of answers, newest first, over all parts.
CREATE INDEX IF NOT EXISTS answers_of_worker ON answers (worker_id, at_ms, part_id, assignment_no);

-- One verdict a task, ever.
CREATE TABLE IF NOT EXISTS verdicts (
  part_id bigint NOT NULL,
  task_no integer NOT NULL CHECK (task_no >= 1),
  reason  text NOT NULL CHECK (reason IN ('quorum', 'max_reached', 'project_ended', 'project_cancelled',
                                          'no_eligible_worker', 'theta_reached', 'confidence_reached', 'futile')),
  judged  bytea NOT NULL,  -- MessagePack of list<FieldJudged>.
  ballots bytea NOT NULL,  -- MessagePack of list<WeighedBallot>: what it was made from.
  at_ms   bigint NOT NULL,
  audited_after integer NOT NULL CHECK (audited_after >= 0),  -- Answers when it could settle and was audited; 0: it was not.
  PRIMARY KEY (part_id, task_no)
);

-- The latest decision on the pay of an answer that was not simply to pay it. No row: it is paid, when it has one in `payouts`; else it
-- waits for the verdict.
CREATE TABLE IF NOT EXISTS pay_decisions (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  state         text NOT NULL CHECK (state IN ('waiting', 'review', 'paid', 'unpaid', 'reversed')),
  reason        text NOT NULL,
  due_ms        bigint NOT NULL CHECK (due_ms >= 0),
  at_ms         bigint NOT NULL,
  PRIMARY KEY (part_id, assignment_no)
);

-- A requester asks for the answers that wait for review; they are few beside those decided.
CREATE INDEX IF NOT EXISTS pay_decisions_in_review ON pay_decisions (part_id, assignment_no) WHERE state = 'review';
