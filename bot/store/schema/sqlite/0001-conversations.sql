-- IF NOT EXISTS, since the tables are older than the numbers of the schema.
CREATE TABLE IF NOT EXISTS conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS results (
  code TEXT PRIMARY KEY, address TEXT NOT NULL, until TEXT NOT NULL, result TEXT NOT NULL
) STRICT
