-- The catalogue: what every broker and every list reads; written rarely, in the transaction of the part it belongs to.

CREATE TABLE IF NOT EXISTS people (
  part_id    bigint NOT NULL,
  account_id bigint NOT NULL CHECK (account_id >= 0),
  role       text NOT NULL CHECK (role IN ('worker', 'requester', 'admin')),
  enrolled   boolean NOT NULL,
  suspended  boolean NOT NULL,
  created_ms bigint NOT NULL,
  PRIMARY KEY (part_id, account_id),
  CHECK (part_id = account_id % 16)
);

-- Accounts are listed in the order of their numbers, over all account parts.
CREATE INDEX IF NOT EXISTS people_by_account ON people (account_id);

CREATE TABLE IF NOT EXISTS projects (
  part_id              bigint PRIMARY KEY,  -- The control part.
  project_id           bigint NOT NULL CHECK (project_id > 0),
  owner_id             bigint NOT NULL,
  state                text NOT NULL CHECK (state IN ('posting', 'open', 'paused', 'ended', 'cancelled')),
  title                text NOT NULL,
  spec                 bytea NOT NULL,      -- MessagePack of ProjectSpec; never changes.
  reward               bigint NOT NULL CHECK (reward >= 0),
  fee_ppm              bigint NOT NULL CHECK (fee_ppm >= 0),
  pay                  text NOT NULL CHECK (pay IN ('agreeing', 'all', 'review')),
  reserved             bigint NOT NULL CHECK (reserved >= 0),
  items                bigint NOT NULL CHECK (items >= 1),
  part_size            bigint NOT NULL CHECK (part_size >= 1),
  tasks_per_worker_max bigint NOT NULL CHECK (tasks_per_worker_max >= 0),
  keeps_workers        boolean NOT NULL,    -- The control part is asked before a task is handed out.
  pull_by_item         boolean NOT NULL,
  deadline_ms          bigint NOT NULL CHECK (deadline_ms >= 0),  -- 0: none.
  created_ms           bigint NOT NULL,
  CHECK (part_id = project_id * 1048576)
);

-- A requester's own projects, newest first.
CREATE INDEX IF NOT EXISTS projects_of_owner ON projects (owner_id, created_ms, part_id);

-- All projects, newest first, for admins.
CREATE INDEX IF NOT EXISTS projects_by_age ON projects (created_ms, part_id);

-- The open ones, for workers and for the start of a broker: few beside those that are over.
CREATE INDEX IF NOT EXISTS projects_live ON projects (created_ms, part_id) WHERE state IN ('posting', 'open', 'paused');
