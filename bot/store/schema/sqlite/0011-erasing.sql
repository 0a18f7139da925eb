-- Of whom something is kept and since when: it is erased with the rest of them, and one day goes. What is of nobody stays.
ALTER TABLE kept ADD COLUMN address TEXT;
ALTER TABLE kept ADD COLUMN touched REAL;
-- These held the names of business owners. Telegram is asked again for who has connected the bot.
DELETE FROM kept WHERE name LIKE 'telegram-business:%';
-- For how many seconds a call stays after it was made, empty for one that is kept with the rest.
ALTER TABLE outbox ADD COLUMN passing REAL;
CREATE INDEX outbox_passing ON outbox (id) WHERE passing IS NOT NULL
