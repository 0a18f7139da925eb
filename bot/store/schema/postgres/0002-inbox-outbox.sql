-- Times are Unix seconds. A payload is erased once its entry is handled, since it holds a merchant's words.
CREATE TABLE inbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  part INTEGER NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'dead')),
  error TEXT,
  arrived DOUBLE PRECISION NOT NULL,
  finished DOUBLE PRECISION
);
CREATE INDEX inbox_new ON inbox (id) WHERE state = 'new';
CREATE TABLE outbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel TEXT NOT NULL,
  chat TEXT NOT NULL,
  part INTEGER NOT NULL,
  payload TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  cause BIGINT,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead', 'gone', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before DOUBLE PRECISION NOT NULL DEFAULT 0,
  platform_id TEXT,
  error TEXT,
  made DOUBLE PRECISION NOT NULL,
  finished DOUBLE PRECISION
);
CREATE INDEX outbox_waiting ON outbox (priority, id) WHERE state = 'waiting';
CREATE INDEX outbox_given_up ON outbox (id) WHERE state IN ('dead', 'gone');
CREATE INDEX outbox_chat ON outbox (channel, chat);
CREATE TABLE events (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  data TEXT NOT NULL
)
