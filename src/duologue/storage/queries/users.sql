-- Users and the graph.

-- fragment: columns
-- What a user is made of.
id, username, display_name, avatar_url, who_can_message, send_read_receipts, show_last_seen, last_seen_at, state

-- name: by_username
-- A user by the key of the username.
SELECT {columns} FROM users WHERE username_key = $1;

-- name: by_id
-- A user by id.
SELECT {columns} FROM users WHERE id = $1;

-- name: reach
-- A user ($2), and what stands between them and another ($1); $3 and $4 are both, the lower id first.
SELECT
    {columns},
    EXISTS (SELECT FROM blocks WHERE blocker_id = $1 AND blocked_id = $2) AS blocking,
    EXISTS (SELECT FROM blocks WHERE blocker_id = $2 AND blocked_id = $1) AS blocked_by,
    EXISTS (SELECT FROM follows WHERE follower_id = $1 AND followed_id = $2) AS follows,
    EXISTS (
        SELECT FROM conversations WHERE user1_id = $3 AND user2_id = $4 AND last_message_id IS NOT NULL
    ) AS has_messages
FROM users WHERE id = $2;

-- name: search
-- Active users whose key starts with $1 and is not above $2, after $5, in the order of keys, without $3 and blocks; at most $4.
SELECT u.id, u.username, u.display_name, u.avatar_url
FROM users AS u
WHERE u.username_key ~>=~ $1 AND u.username_key ~<=~ $2 AND u.username_key ~>~ $5 AND u.state = 'active' AND u.id <> $3
AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $3 AND b.blocked_id = u.id OFFSET 0)
AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = u.id AND b.blocked_id = $3 OFFSET 0)
ORDER BY u.username_key USING ~<~ LIMIT $4;

-- name: lock
-- A user's lock: the position row.
SELECT user_id FROM positions WHERE user_id = $1 FOR NO KEY UPDATE;

-- name: update
-- Change what $2 (a JSON object) names, and tell the user's devices; the row is locked already. Of who was shut out meanwhile, nothing.
WITH changed AS (
    UPDATE users SET
        display_name = CASE WHEN $2::jsonb ? 'display_name' THEN $2::jsonb ->> 'display_name' ELSE display_name END,
        avatar_url = CASE WHEN $2::jsonb ? 'avatar_url' THEN $2::jsonb ->> 'avatar_url' ELSE avatar_url END,
        who_can_message = coalesce($2::jsonb ->> 'who_can_message', who_can_message),
        send_read_receipts = coalesce(($2::jsonb ->> 'send_read_receipts')::boolean, send_read_receipts),
        show_last_seen = coalesce(($2::jsonb ->> 'show_last_seen')::boolean, show_last_seen),
        updated_at = clock_timestamp()
    WHERE id = $1 AND state = 'active'
    RETURNING {columns}
), moved AS (
    UPDATE positions SET head = head + 1 WHERE user_id = (SELECT id FROM changed) RETURNING head, unread_total
), event AS (
    INSERT INTO user_events (user_id, position, kind, created_at) SELECT $1, head, $3, clock_timestamp() FROM moved
)
SELECT changed.*, moved.head, moved.unread_total FROM changed CROSS JOIN moved;

-- name: follow
-- Follow; again changes nothing. Both take part until this is written, so an erasure finds it.
WITH held AS MATERIALIZED (
    SELECT id FROM users WHERE id IN ($1, $2) AND state = 'active' ORDER BY id FOR SHARE
)
INSERT INTO follows (follower_id, followed_id) SELECT $1, $2 WHERE (SELECT count(*) FROM held) = 2 ON CONFLICT DO NOTHING;

-- name: unfollow
-- Stop following.
DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2;

-- name: seen
-- When users were last seen; it never goes back, and nobody says it of who was erased. Locked in the order of ids.
WITH locked AS MATERIALIZED (
    SELECT id FROM users WHERE id = ANY($1::uuid[]) AND state <> 'erased' ORDER BY id FOR NO KEY UPDATE
)
UPDATE users AS u SET last_seen_at = greatest(u.last_seen_at, $2) FROM locked WHERE u.id = locked.id;
