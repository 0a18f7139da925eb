-- Broadcasts written in the console: the text in both languages, to whom, and how far they are. `name` is the text's hash.
CREATE TABLE broadcasts (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT NOT NULL,
  en TEXT NOT NULL,
  zh TEXT NOT NULL,
  subject TEXT NOT NULL,
  lang TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'stopped', 'done')),
  who TEXT NOT NULL,
  made DOUBLE PRECISION NOT NULL,
  total INTEGER NOT NULL DEFAULT 0
)
