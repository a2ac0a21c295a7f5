-- What the migrator keeps of itself. The migrations themselves lie in ../migrations.

-- name: be_brief
-- Wait for a lock only this long at a time, and for the work as long as it takes.
SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', '0', true);

-- name: take_turn
-- One migrator at a time; the number is arbitrary, and ours for ever.
SELECT pg_advisory_xact_lock(7355608001);

-- name: create_table
-- The migrator's own table.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    oldest_code integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_table
-- Whether this database was ever migrated.
SELECT to_regclass('schema_migrations') IS NOT NULL;

-- name: applied
-- What was applied, in order.
SELECT version, name, checksum, oldest_code, applied_at FROM schema_migrations ORDER BY version;

-- name: is_applied
-- Whether another migrator was faster.
SELECT EXISTS (SELECT 1 FROM schema_migrations WHERE version = $1);

-- name: note
-- Remember what was applied.
INSERT INTO schema_migrations (version, name, checksum, oldest_code) VALUES ($1, $2, $3, $4);

-- name: forget
-- An undone migration.
DELETE FROM schema_migrations WHERE version = $1;
