-- Work: leases, answers, verdicts, and whether an answer is paid.

-- Who got which task. An assignment is never changed; how it ended, if not by an answer, is a row of its own.
CREATE TABLE IF NOT EXISTS assignments (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  task_no       integer NOT NULL CHECK (task_no >= 1),
  worker_id     bigint NOT NULL,
  at_ms         bigint NOT NULL,
  deadline_ms   bigint NOT NULL,
  PRIMARY KEY (part_id, assignment_no)
);

-- A skip that was taken back has two ends.
CREATE TABLE IF NOT EXISTS assignment_ends (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  how           text NOT NULL CHECK (how IN ('expired', 'skipped', 'returned', 'taken_back')),
  at_ms         bigint NOT NULL,
  PRIMARY KEY (part_id, assignment_no, how)
);

-- One answer an assignment, and one worker's answer a task, ever. The unique constraint also finds the answers of a task.
CREATE TABLE IF NOT EXISTS answers (
  part_id       bigint NOT NULL,
  assignment_no integer NOT NULL CHECK (assignment_no >= 1),
  task_no       integer NOT NULL CHECK (task_no >= 1),
  worker_id     bigint NOT NULL,
  ballots       bytea NOT NULL,  -- MessagePack of Ballots.
  digest        bytea NOT NULL,
  at_ms         bigint NOT NULL,
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
                                          'no_eligible_worker')),
  judged  bytea NOT NULL,  -- MessagePack of list<FieldJudged>.
  ballots bytea NOT NULL,  -- MessagePack of list<WeighedBallot>: what it was made from.
  at_ms   bigint NOT NULL,
  PRIMARY KEY (part_id, task_no)
);

-- The latest decision on the pay of an answer; none yet: it waits for the verdict.
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
