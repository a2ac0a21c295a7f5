-- What names this database.

-- name: identity
-- The epoch the database keeps, and whether it takes writes. The same look tells the session to plan each statement once (a
-- page of history costs 0.1 ms to read and 0.6 ms to plan anew) and to compile none: hints, which nothing relies on.
SELECT
    epoch, pg_is_in_recovery() AS in_recovery, current_setting('transaction_read_only') = 'on' AS read_only,
    set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false)
FROM instance;

-- name: timeline
-- The timeline that is written now, in hex; the control file would lag behind a promotion.
SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8);
