-- What operators read and write of users, follows and messages.

-- fragment: columns
-- What operators see of a user.
u.id, u.username, u.display_name, u.avatar_url, u.who_can_message, u.send_read_receipts, u.show_last_seen, u.last_seen_at,
u.state, u.external_id, u.created_at, u.updated_at

-- fragment: used
-- A user and what their files take.
SELECT {columns}, coalesce(s.files, 0) AS files, coalesce(s.bytes, 0) AS bytes
FROM users AS u LEFT JOIN storage_use AS s ON s.owner_id = u.id

-- name: by_id
-- A user by id.
{used} WHERE u.id = $1;

-- name: by_external_id
-- A user by external id.
{used} WHERE u.external_id = $1;

-- name: patience
-- How long to wait for locks.
SET LOCAL lock_timeout = '2s';

-- name: hold
-- Users by id ($1) and external id ($2), who stay in their state meanwhile: an erasure waits, and deletes what follows they have then.
SELECT u.id, u.external_id, u.state
FROM users AS u WHERE u.id = ANY($1::uuid[]) OR u.external_id = ANY($2::text[]) ORDER BY u.id FOR SHARE;

-- name: follow
-- Follows that are not there yet.
INSERT INTO follows (follower_id, followed_id) SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING
RETURNING follower_id;

-- name: unfollow
-- Follows that are there no longer.
DELETE FROM follows AS f USING unnest($1::uuid[], $2::uuid[]) AS v (follower_id, followed_id)
WHERE f.follower_id = v.follower_id AND f.followed_id = v.followed_id RETURNING f.follower_id;

-- name: message
-- A message that is there for its users.
SELECT
    id, conversation_id, sender_id, receiver_id, type, '' AS content, temp_id, read_at, read_shown, created_at, updated_at,
    deleted_at, false AS delivered
FROM messages WHERE id = $1 AND deleted_at IS NULL;

-- name: counts
-- How many rows there are, counted up to $1; of more the estimate that the last ANALYZE left. Files: a row for each user who has some.
SELECT
    (SELECT count(*) FROM (SELECT FROM users LIMIT $1) AS part) AS users,
    (SELECT count(*) FROM (SELECT FROM accounts LIMIT $1) AS part) AS accounts,
    (SELECT count(*) FROM (SELECT FROM conversations LIMIT $1) AS part) AS conversations,
    (SELECT count(*) FROM (SELECT FROM messages LIMIT $1) AS part) AS messages,
    (SELECT count(*) FROM (SELECT FROM blocks LIMIT $1) AS part) AS blocks,
    (SELECT count(*) FROM (SELECT FROM follows LIMIT $1) AS part) AS follows,
    stored.files, stored.bytes,
    (
        SELECT json_object_agg(c.relname, greatest(c.reltuples, 0)::bigint) FROM pg_class AS c
        WHERE c.oid = ANY(ARRAY[
            'users'::regclass, 'accounts'::regclass, 'conversations'::regclass, 'messages'::regclass, 'blocks'::regclass,
            'follows'::regclass
        ]::oid[])
    ) AS estimates
FROM (
    SELECT coalesce(sum(files), 0)::bigint AS files, coalesce(sum(bytes), 0)::bigint AS bytes FROM storage_use
) AS stored;
