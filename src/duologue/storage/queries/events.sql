-- The log of facts, dense per user ($1). It is written by the pipeline (ledger.sql) and by settings (users.sql).

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order, where its guess
-- of few rows would make it fetch and sort all there is.
generate_series(1, 1 + floor(random())::integer) AS once

-- name: heads
-- Head positions of many users; who was shut out has none any more.
SELECT p.user_id, p.head
FROM positions AS p
WHERE p.user_id = ANY($1::uuid[])
AND EXISTS (SELECT FROM users AS u WHERE u.id = p.user_id AND u.state = 'active' OFFSET 0);

-- name: count
-- A user's head, and how many facts above $2 there are, counted up to $3.
SELECT
    p.head,
    (SELECT count(*) FROM (SELECT FROM user_events CROSS JOIN {once} WHERE user_id = $1 AND position > $2 LIMIT $3) AS above) AS above
FROM positions AS p WHERE p.user_id = $1;

-- name: after
-- The next $3 facts above $2 with what they refer to as it is now: message, sender, unread count and total.
SELECT
    e.position, e.kind, e.conversation_id AS about_id, e.message_id AS about_message_id, e.data, e.created_at AS happened_at,
    (SELECT p.unread_total FROM positions AS p WHERE p.user_id = $1) AS unread_total, coalesce(mine.unread_count, 0) AS unread_count,
    m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.read_at, m.read_shown, m.created_at,
    m.updated_at, m.deleted_at,
    m.created_at <= CASE m.receiver_id WHEN $1 THEN mine.delivered_to ELSE theirs.delivered_to END AS delivered,
    sender.username AS sender_username, sender.display_name AS sender_display_name, sender.avatar_url AS sender_avatar_url,
    m.sender_id = $1 OR NOT theirs.is_blocked AS sender_shows_presence
FROM (
    SELECT position, kind, conversation_id, message_id, data, created_at
    FROM user_events CROSS JOIN {once} WHERE user_id = $1 AND position > $2 ORDER BY position LIMIT $3
) AS e
LEFT JOIN LATERAL (
    SELECT p.unread_count, p.delivered_to, coalesce(p.deleted_to, '-infinity') AS deleted_to
    FROM conversation_participants AS p WHERE p.conversation_id = e.conversation_id AND p.user_id = $1 OFFSET 0
) AS mine ON true
LEFT JOIN LATERAL (
    SELECT
        m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.read_at, m.read_shown,
        m.created_at, m.updated_at, m.deleted_at
    FROM messages AS m
    WHERE m.id = e.message_id AND m.deleted_at IS NULL AND m.created_at > mine.deleted_to OFFSET 0
) AS m ON true
LEFT JOIN LATERAL (
    SELECT
        p.delivered_to,
        EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = p.user_id OFFSET 0)
        OR EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = p.user_id AND b.blocked_id = $1 OFFSET 0) AS is_blocked
    FROM conversation_participants AS p
    WHERE p.conversation_id = m.conversation_id AND p.user_id = CASE m.sender_id WHEN $1 THEN m.receiver_id ELSE m.sender_id END
    OFFSET 0
) AS theirs ON true
LEFT JOIN LATERAL (
    SELECT u.username, u.display_name, u.avatar_url FROM users AS u WHERE u.id = m.sender_id OFFSET 0
) AS sender ON true
ORDER BY e.position;

-- name: others
-- Users that block facts name ($2): who they are, and what stands between them and this user now.
SELECT
    u.id, u.username, u.display_name, u.avatar_url, u.show_last_seen, u.last_seen_at, mine.id AS block_id, mine.reason,
    EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = u.id AND b.blocked_id = $1 OFFSET 0) AS blocked_by
FROM unnest($2::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url, u.show_last_seen, u.last_seen_at
    FROM users AS u WHERE u.id = asked.id OFFSET 0
) AS u
LEFT JOIN LATERAL (
    SELECT b.id, b.reason FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = u.id OFFSET 0
) AS mine ON true;

-- name: unmarked
-- Of the next $3 facts above what is known as delivered, up to $2: the newest received message of each conversation that still
-- stands, and the last position read.
WITH next AS MATERIALIZED (
    SELECT e.position, e.conversation_id, e.message_id, e.kind
    FROM positions AS p
    CROSS JOIN LATERAL (
        SELECT e.position, e.conversation_id, e.message_id, e.kind
        FROM user_events AS e CROSS JOIN {once}
        WHERE e.user_id = p.user_id AND e.position > p.delivered_to AND e.position <= $2
        ORDER BY e.position LIMIT $3
    ) AS e
    WHERE p.user_id = $1
)
SELECT
    (SELECT max(next.position) FROM next) AS upto, m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id,
    m.created_at, m.updated_at, m.read_at, m.read_shown, m.deleted_at, false AS delivered
FROM (SELECT) AS one_row
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (m.conversation_id)
        m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.created_at, m.updated_at,
        m.read_at, m.read_shown, m.deleted_at
    FROM next
    CROSS JOIN LATERAL (
        SELECT
            m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.created_at, m.updated_at,
            m.read_at, m.read_shown, m.deleted_at
        FROM messages AS m WHERE m.id = next.message_id AND m.receiver_id = $1 AND m.deleted_at IS NULL OFFSET 0
    ) AS m
    WHERE next.kind = 1
    ORDER BY m.conversation_id, m.created_at DESC
) AS m ON true;

-- name: marked
-- All facts up to $2 are known as delivered.
UPDATE positions SET delivered_to = $2 WHERE user_id = $1 AND delivered_to < $2;

-- name: prune
-- Delete at most $4 facts older than $1 of $3 users from $2 on, unless another node is at it. A user's oldest facts come first
-- in the primary key, so the work is what is deleted and one look at each user: a block range index on created_at would
-- read the whole table as soon as new rows fill the room of deleted ones.
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(7355608002) AS is_mine
), chosen AS MATERIALIZED (
    SELECT user_id FROM positions WHERE user_id >= $2 AND (SELECT is_mine FROM turn) ORDER BY user_id LIMIT $3
), old AS MATERIALIZED (
    SELECT chosen.user_id, e.place
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT e.ctid AS place
        FROM user_events AS e
        WHERE e.user_id = chosen.user_id AND e.position < coalesce((
            SELECT young.position
            FROM (
                SELECT position, created_at
                FROM user_events CROSS JOIN {once} WHERE user_id = chosen.user_id ORDER BY position LIMIT $4 + 1
            ) AS young
            WHERE young.created_at >= $1 ORDER BY young.position LIMIT 1
        ), 9223372036854775807)
        ORDER BY e.position LIMIT $4
    ) AS e
    LIMIT $4
), gone AS (
    DELETE FROM user_events WHERE ctid = ANY(ARRAY(SELECT place FROM old)) RETURNING user_id
)
SELECT
    (SELECT count(*) FROM gone) AS gone,
    (SELECT count(*) FROM chosen) < $3 AND (SELECT is_mine FROM turn) AS at_end,
    (SELECT is_mine FROM turn) AS is_mine,
    (SELECT user_id FROM old ORDER BY user_id DESC LIMIT 1) AS last_pruned,
    (SELECT user_id FROM chosen ORDER BY user_id DESC LIMIT 1) AS last_seen;
