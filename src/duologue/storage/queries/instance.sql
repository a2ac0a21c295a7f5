-- What names this database.

-- name: identity
-- The epoch the database keeps, and whether it takes writes.
SELECT epoch, pg_is_in_recovery() AS in_recovery, current_setting('transaction_read_only') = 'on' AS read_only FROM instance;

-- name: timeline
-- The timeline that is written now, in hex; the control file would lag behind a promotion.
SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8);
