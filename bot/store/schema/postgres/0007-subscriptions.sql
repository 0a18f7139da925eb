-- Who gets what is shared from time to time.
CREATE TABLE subscriptions (
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  subject TEXT NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  made DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (channel, chat, subject)
);
-- Who was given which broadcast, by the call in the outbox that brings it.
CREATE TABLE receivers (
  broadcast TEXT NOT NULL,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  call BIGINT NOT NULL,
  PRIMARY KEY (broadcast, channel, chat)
);
CREATE INDEX receivers_chat ON receivers (channel, chat)
