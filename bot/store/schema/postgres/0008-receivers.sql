-- Finds those who were given a broadcast by a call that is deleted.
CREATE INDEX receivers_call ON receivers (call)
