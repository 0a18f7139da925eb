-- When either side of a ticket wrote last, empty where nobody has since it was opened.
ALTER TABLE tickets ADD COLUMN heard REAL
