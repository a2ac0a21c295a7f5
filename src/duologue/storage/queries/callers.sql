-- Who calls: look-ups for many at once, and the rows that a platform's tokens make or refresh.

-- name: find
-- Users ($1) with head, unread total and whether the session asked for ($2, or null) stands at $3.
SELECT
    asked.user_id AS asked_user_id, asked.session_id AS asked_session_id,
    u.id, u.username, u.display_name, u.avatar_url, u.who_can_message, u.send_read_receipts, u.show_last_seen, u.last_seen_at,
    u.state, p.head, p.unread_total,
    asked.session_id IS NULL OR EXISTS (
        SELECT FROM sessions AS s
        WHERE s.id = asked.session_id AND s.user_id = asked.user_id AND s.ended_at IS NULL AND s.expires_at > $3 OFFSET 0
    ) AS lives
FROM unnest($1::uuid[], $2::uuid[]) AS asked (user_id, session_id)
CROSS JOIN LATERAL (SELECT * FROM users AS u WHERE u.id = asked.user_id OFFSET 0) AS u
CROSS JOIN LATERAL (SELECT p.head, p.unread_total FROM positions AS p WHERE p.user_id = u.id OFFSET 0) AS p;

-- name: patience
-- How long to wait for somebody's lock.
SET LOCAL lock_timeout = '2s';

-- name: involved
-- The user ($1), and whoever has the name ($2, a key) now.
SELECT id, state, username_key = $2 AS has_name FROM users WHERE id = $1 OR username_key = $2;

-- name: lock
-- Their locks: the position rows, in the order of ids.
SELECT user_id FROM positions WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE;

-- fragment: free_name
-- The first of the names ($2) that nobody but this user ($1) has and that is not claimed just now ($3); they are their own keys.
(
    SELECT offered.name FROM unnest($2::text[]) WITH ORDINALITY AS offered (name, ord)
    WHERE offered.name IS DISTINCT FROM $3
    AND NOT EXISTS (SELECT FROM users AS other WHERE other.username_key = offered.name AND other.id <> $1)
    ORDER BY offered.ord LIMIT 1
)

-- name: evict
-- Take a name ($3) from its former holder; $2 are generated ones.
WITH free AS (SELECT {free_name} AS name)
UPDATE users SET username = free.name, username_key = free.name, updated_at = clock_timestamp()
FROM free WHERE users.id = $1;

-- name: refresh
-- What the claims say: username ($3) with its key ($2), display name, avatar; null leaves what there is. Said already, nothing is written.
UPDATE users SET
    username_key = coalesce($2, username_key), username = coalesce($3, username),
    display_name = coalesce($4, display_name), avatar_url = coalesce($5, avatar_url), updated_at = clock_timestamp()
WHERE id = $1 AND (username, display_name, avatar_url)
    IS DISTINCT FROM (coalesce($3, username), coalesce($4, display_name), coalesce($5, avatar_url));

-- name: insert
-- A new user with a position row; without a claimed username ($4, its key $3) by the first free of $2. Nothing if somebody was faster.
-- The id tells external ids ($7) of two issuers apart; where both say the same, the second is not kept.
WITH fresh AS (
    INSERT INTO users (id, username_key, username, display_name, avatar_url, external_id)
    SELECT $1, coalesce($3, free.name), coalesce($4, free.name), $5, $6,
        CASE WHEN NOT EXISTS (SELECT FROM users AS other WHERE other.external_id = $7) THEN $7 END
    FROM (SELECT {free_name} AS name) AS free
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO positions (user_id) SELECT id FROM fresh RETURNING user_id;
