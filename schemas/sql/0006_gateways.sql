-- A gateway is an account too: the program that serves the pages.
ALTER TABLE people DROP CONSTRAINT IF EXISTS people_role_check;
ALTER TABLE people ADD CONSTRAINT people_role_check CHECK (role IN ('worker', 'requester', 'admin', 'gateway'));
