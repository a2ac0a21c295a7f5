-- The block list. Blocks are put and taken away by the pipeline (ledger.sql).

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order, where its guess
-- of few rows would make it fetch and sort all there is.
generate_series(1, 1 + floor(random())::integer) AS once

-- name: page
-- Whom a user ($1) blocks, below a time and id ($2, $3), newest first, at most $4.
SELECT b.id, b.blocker_id, b.blocked_id, b.reason, b.created_at, u.username, u.display_name, u.avatar_url
FROM (
    SELECT b.id, b.blocker_id, b.blocked_id, b.reason, b.created_at
    FROM blocks AS b CROSS JOIN {once}
    WHERE b.blocker_id = $1 AND (b.created_at, b.id) < ($2, $3)
    ORDER BY b.created_at DESC, b.id DESC LIMIT $4
) AS b
CROSS JOIN LATERAL (
    SELECT u.username, u.display_name, u.avatar_url FROM users AS u WHERE u.id = b.blocked_id OFFSET 0
) AS u
ORDER BY b.created_at DESC, b.id DESC;

-- name: status
-- Both directions between two users.
SELECT
    EXISTS (SELECT FROM blocks WHERE blocker_id = $1 AND blocked_id = $2) AS is_blocked,
    EXISTS (SELECT FROM blocks WHERE blocker_id = $2 AND blocked_id = $1) AS is_blocked_by;
