-- What was said in a ticket's talk, wherever it was said, and what consultants did about it. `cause` is the update it came with,
-- `file` tells where a file of it is, `account` is the id of the consultant.
CREATE TABLE talk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL,
  time REAL NOT NULL,
  who TEXT NOT NULL CHECK (who IN ('merchant', 'consultant', 'note', 'state')),
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  words TEXT NOT NULL,
  kind TEXT NOT NULL,
  file TEXT NOT NULL,
  cause INTEGER
) STRICT;
CREATE INDEX talk_ticket ON talk (ticket);
-- How many answers a ticket has, and since when its merchant waits for one, empty while they do not.
ALTER TABLE tickets ADD COLUMN answers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN waits REAL;
UPDATE tickets SET waits = opened WHERE state = 'open' AND lead = 0 AND answered IS NULL;
CREATE INDEX tickets_closed ON tickets (closed) WHERE state = 'closed'
