-- The copy of everything that is kept of a user ($1), in chunks.

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order.
generate_series(1, 1 + floor(random())::integer) AS once

-- name: sessions
-- Sign-in sessions above an id ($2), at most $3.
SELECT s.id, s.created_at, s.expires_at, s.ended_at
FROM (
    SELECT id, created_at, expires_at, ended_at FROM sessions WHERE user_id = $1 AND ended_at IS NULL
    UNION ALL
    SELECT id, created_at, expires_at, ended_at FROM sessions WHERE user_id = $1 AND ended_at IS NOT NULL
) AS s
WHERE s.id > $2 ORDER BY s.id LIMIT $3;

-- name: following
-- Whom the user follows, above an id ($2), at most $3.
SELECT f.followed_id AS user_id, u.username, f.created_at
FROM (
    SELECT followed_id, created_at FROM follows CROSS JOIN {once}
    WHERE follower_id = $1 AND followed_id > $2 ORDER BY followed_id LIMIT $3
) AS f
CROSS JOIN LATERAL (SELECT u.username FROM users AS u WHERE u.id = f.followed_id OFFSET 0) AS u
ORDER BY f.followed_id;

-- name: followers
-- Who follows the user, above an id ($2), at most $3.
SELECT f.follower_id AS user_id, u.username, f.created_at
FROM (
    SELECT follower_id, created_at FROM follows
    WHERE followed_id = $1 AND follower_id > $2 ORDER BY follower_id LIMIT $3
) AS f
CROSS JOIN LATERAL (SELECT u.username FROM users AS u WHERE u.id = f.follower_id OFFSET 0) AS u
ORDER BY f.follower_id;

-- name: unsent
-- Files that the user never sent, above an id ($2), at most $3.
SELECT
    a.id, a.kind, a.name, a.media_type, a.size, a.key, a.thumbnail_key, a.width, a.height, a.duration, a.waveform, a.placeholder,
    a.uploaded_at
FROM attachments AS a WHERE a.owner_id = $1 AND a.message_id IS NULL AND a.id > $2 ORDER BY a.id LIMIT $3;

-- name: talks
-- All conversations.
SELECT id FROM conversations WHERE user1_id = $1 UNION ALL SELECT id FROM conversations WHERE user2_id = $1;

-- name: talk
-- Conversations ($2): with whom, since when, and how the user stands in them.
SELECT
    c.id, c.created_at, mine.unread_count, mine.deleted_to, other.id AS other_id, other.username AS other_username,
    other.display_name AS other_display_name, other.avatar_url AS other_avatar_url
FROM unnest($2::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT c.id, c.created_at, CASE c.user1_id WHEN $1 THEN c.user2_id ELSE c.user1_id END AS other_id
    FROM conversations AS c WHERE c.id = asked.id OFFSET 0
) AS c
CROSS JOIN LATERAL (
    SELECT p.unread_count, p.deleted_to FROM conversation_participants AS p WHERE p.conversation_id = c.id AND p.user_id = $1 OFFSET 0
) AS mine
CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url FROM users AS u WHERE u.id = c.other_id OFFSET 0
) AS other;

-- name: messages
-- The next messages of a conversation ($2) above a time and id ($3, $4), oldest first, at most $5; and whether they belong to the copy:
-- what the user wrote, and what they were sent and still see.
SELECT
    m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.created_at, m.updated_at, m.read_at,
    m.read_shown, m.deleted_at, false AS delivered,
    m.sender_id = $1 OR (m.deleted_at IS NULL AND m.created_at > coalesce(mine.deleted_to, '-infinity')) AS belongs
FROM conversation_participants AS mine
CROSS JOIN LATERAL (
    SELECT
        m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.created_at, m.updated_at,
        m.read_at, m.read_shown, m.deleted_at
    FROM messages AS m CROSS JOIN {once}
    WHERE m.conversation_id = $2 AND (m.created_at, m.id) > ($3, $4)
    ORDER BY m.created_at, m.id LIMIT $5
) AS m
WHERE mine.conversation_id = $2 AND mine.user_id = $1
ORDER BY m.created_at, m.id;
