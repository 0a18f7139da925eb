-- Who may use the console. Links and sessions are known by the digests of their secrets alone.
CREATE TABLE staff (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('editor', 'consultant', 'owner')),
  made DOUBLE PRECISION NOT NULL,
  revoked DOUBLE PRECISION
);
CREATE UNIQUE INDEX staff_name ON staff (name) WHERE revoked IS NULL;
CREATE TABLE staff_links (
  digest TEXT PRIMARY KEY,
  staff BIGINT NOT NULL,
  until DOUBLE PRECISION NOT NULL,
  used DOUBLE PRECISION
);
CREATE TABLE staff_sessions (
  digest TEXT PRIMARY KEY,
  staff BIGINT NOT NULL,
  made DOUBLE PRECISION NOT NULL,
  until DOUBLE PRECISION NOT NULL
);
-- What staff changed, in words, with the state before and after.
CREATE TABLE audit (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  who TEXT NOT NULL,
  did TEXT NOT NULL,
  place TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL
);
-- The masked words of messages that were not understood, with their embedding once it was made.
CREATE TABLE questions (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  until DOUBLE PRECISION NOT NULL,
  address TEXT NOT NULL,
  lang TEXT NOT NULL,
  words TEXT NOT NULL,
  reason TEXT NOT NULL,
  topic TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'left', 'settled')),
  vector BYTEA
);
CREATE INDEX questions_address ON questions (address);
-- The edits of the draft, in order, and what was published, with the files before and after.
CREATE TABLE edits (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  who TEXT NOT NULL,
  edit TEXT NOT NULL
);
CREATE TABLE publications (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  who TEXT NOT NULL,
  told TEXT NOT NULL,
  files TEXT NOT NULL
)
