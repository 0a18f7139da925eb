-- Files between merchants and consultants: the merchant's address, the name as it is shown, the media type and the size in bytes.
-- The contents are here.
CREATE TABLE files (
  file TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size BIGINT NOT NULL,
  made DOUBLE PRECISION NOT NULL,
  content BYTEA NOT NULL DEFAULT ''
);
CREATE INDEX files_address ON files (address)
