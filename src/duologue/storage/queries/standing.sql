-- Whether users take part, and who was told.

-- name: patience
-- How long to wait for locks: meanwhile nobody waits for those that this transaction has.
SET LOCAL lock_timeout = '900ms';

-- name: lock
-- The locks of users: their position rows, in the order of ids.
SELECT user_id FROM positions WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE;

-- name: user
-- A user, read after the lock.
SELECT
    id, username, display_name, avatar_url, who_can_message, send_read_receipts, show_last_seen, last_seen_at, state, told_to
FROM users WHERE id = $1;

-- name: change
-- Another state ($2), of which nobody has been told.
UPDATE users SET state = $2, told_to = '00000000-0000-0000-0000-000000000000', updated_at = clock_timestamp() WHERE id = $1;

-- name: sign_out
-- End all sign-in sessions of a user, locked in the order of ids.
WITH locked AS MATERIALIZED (
    SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE
)
UPDATE sessions AS s SET ended_at = clock_timestamp() FROM locked WHERE s.id = locked.id AND s.ended_at IS NULL RETURNING s.id;

-- name: untold
-- The partners of a user ($1) who do not know yet, in the order of ids; no row when everybody knows.
SELECT
    u.told_to,
    ARRAY(
        SELECT c.partner_id
        FROM (
            SELECT user2_id AS partner_id FROM conversations WHERE user1_id = u.id
            UNION ALL
            SELECT user1_id AS partner_id FROM conversations WHERE user2_id = u.id
        ) AS c
        WHERE c.partner_id > u.told_to ORDER BY c.partner_id
    ) AS partner_ids
FROM users AS u WHERE u.id = $1 AND u.told_to IS NOT NULL;

-- name: tell
-- A fact of kind $3 for these partners ($2) of a user ($1): those who take part, and whose list is not without the conversation
-- because this user blocks them. Their rows and the user's are locked. $4 is the last of them.
WITH marked AS (
    UPDATE users SET told_to = $4 WHERE id = $1
), told AS MATERIALIZED (
    SELECT
        c.id AS conversation_id, partner.id AS partner_id, partner.show_last_seen, mine.unread_count,
        EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = partner.id AND b.blocked_id = $1 OFFSET 0) AS is_blocked
    FROM unnest($2::uuid[]) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT u.id, u.show_last_seen FROM users AS u WHERE u.id = asked.id AND u.state = 'active' OFFSET 0
    ) AS partner
    CROSS JOIN LATERAL (
        SELECT c.id FROM conversations AS c
        WHERE c.user1_id = least(asked.id, $1) AND c.user2_id = greatest(asked.id, $1) OFFSET 0
    ) AS c
    CROSS JOIN LATERAL (
        SELECT p.unread_count FROM conversation_participants AS p
        WHERE p.conversation_id = c.id AND p.user_id = asked.id OFFSET 0
    ) AS mine
    WHERE NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = asked.id OFFSET 0)
), moved AS (
    UPDATE positions AS p SET head = p.head + 1 FROM told WHERE p.user_id = told.partner_id
    RETURNING p.user_id, p.head, p.unread_total
), event AS (
    INSERT INTO user_events (user_id, position, kind, conversation_id, data, created_at)
    SELECT moved.user_id, moved.head, $3, told.conversation_id, jsonb_build_object('o', $1), clock_timestamp()
    FROM moved JOIN told ON told.partner_id = moved.user_id
)
SELECT told.*, moved.head, moved.unread_total FROM told JOIN moved ON moved.user_id = told.partner_id;

-- name: finish
-- Everybody knows, if $2 is still the last one told.
UPDATE users SET told_to = NULL WHERE id = $1 AND told_to = $2;
