-- What happened on each day, in the agency's time zone, counted with the events. Each process adds to rows of its own, by the
-- lowest of its parts.
CREATE TABLE sums (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  detail TEXT NOT NULL,
  shard INTEGER NOT NULL,
  count BIGINT NOT NULL,
  total DOUBLE PRECISION NOT NULL,
  UNIQUE (kind, day, name, detail, shard)
);
-- Finds how often merchants were told a fact since a day.
CREATE INDEX sums_fact ON sums (name, day) WHERE kind = 'fact';
-- Who wrote on a day, by a hash.
CREATE TABLE writers (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day TEXT NOT NULL,
  person TEXT NOT NULL,
  UNIQUE (day, person)
);
CREATE INDEX writers_person ON writers (person);
-- The events from before, which are not counted yet: the last that is, and the last of all.
INSERT INTO kept (name, value) SELECT 'uncounted-events', '0 ' || id FROM events ORDER BY id DESC LIMIT 1
