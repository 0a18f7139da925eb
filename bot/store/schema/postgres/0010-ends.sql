-- When the assistant was taken out of a group, empty while it is there: one day its settings go.
ALTER TABLE groups ADD COLUMN ended DOUBLE PRECISION;
UPDATE groups SET ended = extract(epoch FROM now()) WHERE settings LIKE '%"here":false%';
-- The messages of a ticket go with it.
CREATE INDEX ticket_messages_ticket ON ticket_messages (ticket)
