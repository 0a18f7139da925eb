-- Whether a ticket waits for a consultant to write first, as its merchant agreed, and what its merchant said after it: solved or not.
ALTER TABLE tickets ADD COLUMN lead INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN solved TEXT NOT NULL DEFAULT '' CHECK (solved IN ('', 'yes', 'no'))