-- Undo of 0002: what operators did is forgotten.
DROP INDEX idx_sessions_ended, idx_follows_followed;
ALTER TABLE users DROP COLUMN told_to;
DROP TABLE audit;
