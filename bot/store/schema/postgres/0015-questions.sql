-- The ids of what is to be looked at are read for every page that shows it.
CREATE INDEX questions_state ON questions (state, id, until);
