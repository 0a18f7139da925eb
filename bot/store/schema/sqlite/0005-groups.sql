-- What is set for a group chat and remembered of it.
CREATE TABLE groups (
  channel TEXT NOT NULL, chat TEXT NOT NULL, settings TEXT NOT NULL, PRIMARY KEY (channel, chat)
) STRICT
