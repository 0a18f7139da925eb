-- How old a conversation is, so that it can go one day. No index on it: every turn would pay for that.
ALTER TABLE conversations ADD COLUMN touched DOUBLE PRECISION NOT NULL DEFAULT 0;
UPDATE conversations SET touched = extract(epoch FROM now());
CREATE INDEX inbox_given_up ON inbox (id) WHERE state = 'dead';
CREATE INDEX events_time ON events (time)
