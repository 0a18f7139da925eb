-- How old a conversation is, so that it can go one day. No index on it: every turn would pay for that.
ALTER TABLE conversations ADD COLUMN touched REAL NOT NULL DEFAULT 0;
UPDATE conversations SET touched = CAST(strftime('%s', 'now') AS REAL);
CREATE INDEX inbox_given_up ON inbox (id) WHERE state = 'dead';
CREATE INDEX events_time ON events (time)
