-- When the assistant was taken out of a group, empty while it is there: one day its settings go.
ALTER TABLE groups ADD COLUMN ended REAL;
UPDATE groups SET ended = CAST(strftime('%s', 'now') AS REAL) WHERE settings LIKE '%"here":false%';
-- The messages of a ticket go with it.
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket)
