-- A ticket is a merchant's conversation with a consultant. Its id is that of the update that opened it, `first` the message
-- of the consultants' chat with which it begins there.
CREATE TABLE tickets (
  id BIGINT PRIMARY KEY,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  first TEXT,
  opened DOUBLE PRECISION NOT NULL,
  closed DOUBLE PRECISION
);
CREATE UNIQUE INDEX tickets_open ON tickets (address) WHERE state = 'open';
-- The messages on the platforms that belong to a ticket, so that a reply to one of them is known to be for it.
CREATE TABLE ticket_messages (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket BIGINT NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  message TEXT NOT NULL,
  made DOUBLE PRECISION NOT NULL,
  UNIQUE (channel, chat, message)
);
ALTER TABLE outbox ADD COLUMN ticket BIGINT;
CREATE INDEX outbox_ticket ON outbox (ticket) WHERE ticket IS NOT NULL
