-- What keeps the records of files in order with time: uploads that nobody sent, files the scanner has not seen, blobs without a record.
-- Locks: attachments in order or without waiting, then storage_use by owner; whoever wants both takes them so.

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order.
generate_series(1, 1 + floor(random())::integer) AS once

-- name: turn
-- Whether this node keeps house for now: until the transaction ends no other does. Nothing else is done in that transaction.
SELECT pg_try_advisory_xact_lock(7355608003);

-- name: erased
-- Who of these users ($1) was erased.
SELECT id FROM users WHERE id = ANY($1::uuid[]) AND state = 'erased';

-- name: remove_unsent
-- Forget at most $2 files that nobody sent since before $1, oldest first, but those that a send holds; what their owners' files take
-- sinks with them. The keys of their blobs.
WITH old AS MATERIALIZED (
    SELECT a.id FROM attachments AS a CROSS JOIN {once}
    WHERE a.message_id IS NULL AND a.uploaded_at < $1
    ORDER BY a.uploaded_at LIMIT $2 FOR UPDATE OF a SKIP LOCKED
), gone AS (
    DELETE FROM attachments AS a WHERE a.id = ANY(ARRAY(SELECT old.id FROM old))
    RETURNING a.owner_id, a.size, a.key, a.thumbnail_key, a.poster_key
), part AS MATERIALIZED (
    SELECT owner_id, count(*) AS files, sum(size) AS bytes FROM gone GROUP BY owner_id
), held AS MATERIALIZED (
    SELECT u.owner_id FROM storage_use AS u WHERE u.owner_id = ANY(ARRAY(SELECT part.owner_id FROM part))
    ORDER BY u.owner_id FOR NO KEY UPDATE
), less AS (
    UPDATE storage_use AS u SET files = u.files - part.files, bytes = u.bytes - part.bytes
    FROM part
    WHERE u.owner_id = part.owner_id AND u.owner_id = ANY(ARRAY(SELECT held.owner_id FROM held))
)
SELECT key, thumbnail_key, poster_key FROM gone;

-- name: pending
-- Files that the scanner has not seen, above a time and id ($1, $2), oldest first, at most $3.
SELECT a.id, a.uploaded_at, a.key
FROM (
    SELECT id, uploaded_at, key FROM attachments CROSS JOIN {once}
    WHERE state = 'pending' AND uploaded_at >= $1 AND (uploaded_at, id) > ($1, $2)
    ORDER BY uploaded_at LIMIT $3
) AS a
ORDER BY a.uploaded_at, a.id;

-- name: scanned
-- What the scanner said ($2) of a file ($1) that it had not seen.
UPDATE attachments SET state = $2 WHERE id = $1 AND state = 'pending' RETURNING id;

-- name: strays
-- Which of these blobs, by the ids in their names ($1) and the times they were written at ($2), belong to no file; and whether they can
-- be called ours: what was there before this database kept records of files may be lost ones', or another database's.
SELECT v.ord, v.at > m.applied_at AS is_ours
FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS v (id, at, ord)
CROSS JOIN (SELECT applied_at FROM schema_migrations WHERE name = 'attachments') AS m
WHERE NOT EXISTS (SELECT FROM attachments AS a WHERE a.id = v.id OFFSET 0);

-- name: recorded
-- The next files above an id ($1), at most $3, whether they were there before $2, and their blobs.
SELECT a.id, a.uploaded_at < $2 AS was_there, a.key, a.thumbnail_key, a.poster_key
FROM attachments AS a WHERE a.id > $1 ORDER BY a.id LIMIT $3;
