-- Erasing a user ($1): what is read and deleted, in short transactions. Locks as everywhere: conversations, then position rows.

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order.
generate_series(1, 1 + floor(random())::integer) AS once

-- fragment: forgotten
-- What is done to the files that are held: they go, what their owners' files take sinks, and the keys of their blobs are told.
gone AS (
    DELETE FROM attachments AS a WHERE a.id = ANY(ARRAY(SELECT held.id FROM held))
    RETURNING a.owner_id, a.size, a.key, a.thumbnail_key, a.poster_key
), less AS (
    UPDATE storage_use AS u SET files = u.files - part.files, bytes = u.bytes - part.bytes
    FROM (SELECT owner_id, count(*) AS files, sum(size) AS bytes FROM gone GROUP BY owner_id) AS part
    WHERE u.owner_id = part.owner_id AND u.owner_id = ANY(ARRAY(SELECT gone.owner_id FROM gone))
)
SELECT key, thumbnail_key, poster_key FROM gone

-- name: shut_out
-- Erased, nameless ($2: names of which one is free; $3 the display name), settings as new; the row is locked. Nothing if erased before.
UPDATE users AS u SET
    state = 'erased', username = free.name, username_key = free.name, display_name = $3, avatar_url = NULL, external_id = NULL,
    who_can_message = DEFAULT, send_read_receipts = DEFAULT, show_last_seen = DEFAULT, last_seen_at = NULL,
    told_to = '00000000-0000-0000-0000-000000000000', updated_at = clock_timestamp()
FROM (
    SELECT offered.name FROM unnest($2::text[]) WITH ORDINALITY AS offered (name, ord)
    WHERE NOT EXISTS (SELECT FROM users AS other WHERE other.username_key = offered.name)
    ORDER BY offered.ord LIMIT 1
) AS free
WHERE u.id = $1 AND u.state <> 'erased'
RETURNING u.id;

-- name: close_account
-- The account; password hash and times go with it.
DELETE FROM accounts WHERE user_id = $1;

-- name: blocked
-- Some of those whom the user blocks, at most $2.
SELECT blocked_id FROM blocks WHERE blocker_id = $1 LIMIT $2;

-- name: conversations
-- All conversations of the user.
SELECT id FROM conversations WHERE user1_id = $1 UNION ALL SELECT id FROM conversations WHERE user2_id = $1;

-- name: written
-- The next messages of a conversation ($2) above a time and id ($3, $4), oldest first, at most $5, and whether the user wrote them:
-- read so, a look at a conversation in which the user was silent is short, too.
SELECT m.id, m.created_at, m.sender_id = $1 AS is_own, m.deleted_at IS NOT NULL AS is_deleted
FROM messages AS m CROSS JOIN {once}
WHERE m.conversation_id = $2 AND (m.created_at, m.id) > ($3, $4)
ORDER BY m.created_at, m.id LIMIT $5;

-- name: lock_conversation
-- The conversation's lock ($1): whoever changes its messages has it.
SELECT id FROM conversations WHERE id = $1 FOR NO KEY UPDATE;

-- name: empty
-- Forget the temp ids of messages ($1), and of deleted ones text and media; rows that say nothing stay untouched.
UPDATE messages SET
    temp_id = NULL,
    content = CASE WHEN deleted_at IS NULL THEN content ELSE '' END,
    media = CASE WHEN deleted_at IS NULL THEN media END
WHERE id = ANY($1::uuid[])
AND (temp_id IS NOT NULL OR deleted_at IS NOT NULL AND (content <> '' OR media IS NOT NULL));

-- name: unlink
-- Delete the links of those of these messages ($2) that are deleted; links of a conversation ($1) have the times of their messages.
DELETE FROM links AS l
USING (
    SELECT m.id, m.created_at FROM messages AS m WHERE m.id = ANY($2::uuid[]) AND m.deleted_at IS NOT NULL
) AS m
WHERE l.conversation_id = $1 AND l.created_at = m.created_at AND l.message_id = m.id;

-- name: files
-- Forget files of those of these messages ($1) that are deleted, at most $2; the keys of their blobs.
WITH chosen AS MATERIALIZED (
    SELECT a.id FROM attachments AS a
    WHERE a.message_id = ANY($1::uuid[])
    AND EXISTS (SELECT FROM messages AS m WHERE m.id = a.message_id AND m.deleted_at IS NOT NULL OFFSET 0)
    LIMIT $2
), held AS MATERIALIZED (
    SELECT a.id FROM attachments AS a WHERE a.id = ANY(ARRAY(SELECT chosen.id FROM chosen)) ORDER BY a.id FOR UPDATE
), {forgotten};

-- name: unsent
-- Forget files that the user never sent, at most $2; the keys of their blobs.
WITH chosen AS MATERIALIZED (
    SELECT a.id FROM attachments AS a WHERE a.owner_id = $1 AND a.message_id IS NULL LIMIT $2
), held AS MATERIALIZED (
    SELECT a.id FROM attachments AS a WHERE a.id = ANY(ARRAY(SELECT chosen.id FROM chosen)) AND a.message_id IS NULL ORDER BY a.id FOR UPDATE
), {forgotten};

-- name: sessions
-- Delete some sessions, at most $2.
WITH gone AS (
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL
        UNION ALL SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NOT NULL LIMIT $2
    ) RETURNING id
)
SELECT count(*) FROM gone;

-- name: follows
-- Delete some follows of either direction, at most $2.
WITH gone AS (
    DELETE FROM follows AS f USING (
        SELECT follower_id, followed_id FROM follows WHERE follower_id = $1
        UNION ALL SELECT follower_id, followed_id FROM follows WHERE followed_id = $1 LIMIT $2
    ) AS part
    WHERE f.follower_id = part.follower_id AND f.followed_id = part.followed_id RETURNING f.follower_id
)
SELECT count(*) FROM gone;

-- name: keys
-- Delete some send keys, at most $2.
WITH gone AS (
    DELETE FROM send_keys AS k USING (SELECT key FROM send_keys WHERE sender_id = $1 LIMIT $2) AS part
    WHERE k.sender_id = $1 AND k.key = part.key RETURNING k.key
)
SELECT count(*) FROM gone;

-- name: facts
-- Delete some of the user's own log, oldest first, at most $2: what is left stays dense.
WITH gone AS (
    DELETE FROM user_events AS e USING (
        SELECT position FROM user_events CROSS JOIN {once} WHERE user_id = $1 ORDER BY position LIMIT $2
    ) AS part
    WHERE e.user_id = $1 AND e.position = part.position RETURNING e.position
)
SELECT count(*) FROM gone;
