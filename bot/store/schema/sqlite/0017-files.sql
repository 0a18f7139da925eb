-- Files between merchants and consultants: the merchant's address, the name as it is shown, the media type and the size in bytes.
-- The contents are in a folder beside this database.
CREATE TABLE files (
  file TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  made REAL NOT NULL
);
CREATE INDEX files_address ON files (address)
