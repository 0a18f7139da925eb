-- How often the handling of an update was begun and ended with its process.
ALTER TABLE inbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- Who works on which part. A row whose part is free was left by a process that was killed.
CREATE TABLE working (part INTEGER PRIMARY KEY, process TEXT NOT NULL);
-- Counts what waits for one chat.
CREATE INDEX outbox_waiting_chat ON outbox (channel, chat) WHERE state = 'waiting'
