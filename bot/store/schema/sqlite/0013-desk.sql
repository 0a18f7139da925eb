-- Who of the consultants has a ticket, when they first answered, how often its waiting was told, what its card says, and the
-- call that showed the card last.
ALTER TABLE tickets ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN holder_name TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN answered REAL;
ALTER TABLE tickets ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN card TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN shown TEXT NOT NULL DEFAULT '';
-- The forum topic of each merchant in the consultants' chat.
CREATE TABLE desk_topics (
  channel TEXT NOT NULL, chat TEXT NOT NULL, thread TEXT NOT NULL, address TEXT NOT NULL, title TEXT NOT NULL, touched REAL NOT NULL,
  PRIMARY KEY (channel, chat, thread)
) STRICT;
CREATE UNIQUE INDEX desk_topics_address ON desk_topics (address, channel, chat);
-- The assistant's answers that were shown to consultants, by the update with the merchant's question, and what became of them.
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY,
  ticket INTEGER NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  topics TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'offered' CHECK (state IN ('offered', 'edited', 'sent', 'changed', 'wrong')),
  consultant TEXT NOT NULL DEFAULT '',
  final TEXT NOT NULL DEFAULT '',
  made REAL NOT NULL
) STRICT;
CREATE INDEX drafts_ticket ON drafts (ticket)
