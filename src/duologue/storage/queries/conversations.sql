-- Conversations as one user sees them ($1). Look-ups per row are LATERAL with OFFSET 0, and so are EXISTS: then the planner
-- cannot turn them into joins over whole tables, whatever its statistics say on a fresh database.

-- fragment: view
-- What a list item is made of; `c` has id, other_id, last_message_id, created_at, updated_at.
SELECT
    c.id, c.created_at, c.updated_at, mine.unread_count,
    other.id AS other_id, other.username AS other_username, other.display_name AS other_display_name,
    other.avatar_url AS other_avatar_url, other.show_last_seen AS other_show_last_seen, other.last_seen_at AS other_last_seen_at,
    EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = c.other_id OFFSET 0) AS blocking,
    EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.other_id AND b.blocked_id = $1 OFFSET 0) AS blocked_by,
    m.id AS last_id, m.conversation_id AS last_conversation_id, m.sender_id AS last_sender_id, m.receiver_id AS last_receiver_id,
    m.type AS last_type, m.content AS last_content, m.temp_id AS last_temp_id, m.read_at AS last_read_at,
    m.read_shown AS last_read_shown, m.created_at AS last_created_at, m.updated_at AS last_updated_at,
    m.deleted_at AS last_deleted_at,
    m.created_at <= CASE m.receiver_id WHEN $1 THEN mine.delivered_to ELSE theirs.delivered_to END AS last_delivered

-- fragment: parts
-- Where the parts of an item come from: both sides, the other user, the last message unless this user deleted it.
CROSS JOIN LATERAL (
    SELECT p.unread_count, p.delivered_to, p.deleted_to
    FROM conversation_participants AS p WHERE p.conversation_id = c.id AND p.user_id = $1 OFFSET 0
) AS mine
CROSS JOIN LATERAL (
    SELECT p.delivered_to FROM conversation_participants AS p WHERE p.conversation_id = c.id AND p.user_id = c.other_id OFFSET 0
) AS theirs
CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url, u.show_last_seen, u.last_seen_at
    FROM users AS u WHERE u.id = c.other_id OFFSET 0
) AS other
LEFT JOIN LATERAL (
    SELECT
        m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.temp_id, m.read_at, m.read_shown,
        m.created_at, m.updated_at, m.deleted_at
    FROM messages AS m
    WHERE m.id = c.last_message_id AND (mine.deleted_to IS NULL OR m.created_at > mine.deleted_to) OFFSET 0
) AS m ON true

-- fragment: listed
-- Shown in this user's list: the other one does not block, and something is newer than what this user deleted.
NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.other_id AND b.blocked_id = $1 OFFSET 0)
AND NOT EXISTS (
    SELECT FROM conversation_participants AS p
    WHERE p.conversation_id = c.id AND p.user_id = $1 AND p.deleted_to >= c.updated_at OFFSET 0
)

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order, where its guess
-- of few rows would make it fetch and sort all there is (a long conversation among many short ones, a fresh database).
generate_series(1, 1 + floor(random())::integer) AS once

-- name: page
-- The list, newest first: two ordered index walks, merged. $2, $3: below this time and id; $4: how many.
{view}
FROM (
    SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
    FROM (
        (
            SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
            FROM (
                SELECT id, user2_id AS other_id, last_message_id, created_at, updated_at
                FROM conversations WHERE user1_id = $1
            ) AS c CROSS JOIN {once}
            WHERE (c.updated_at, c.id) < ($2, $3) AND {listed}
            ORDER BY c.updated_at DESC, c.id DESC LIMIT $4
        )
        UNION ALL
        (
            SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
            FROM (
                SELECT id, user1_id AS other_id, last_message_id, created_at, updated_at
                FROM conversations WHERE user2_id = $1
            ) AS c CROSS JOIN {once}
            WHERE (c.updated_at, c.id) < ($2, $3) AND {listed}
            ORDER BY c.updated_at DESC, c.id DESC LIMIT $4
        )
    ) AS c
    ORDER BY c.updated_at DESC, c.id DESC LIMIT $4
) AS c
{parts}
ORDER BY c.updated_at DESC, c.id DESC;

-- name: numbered
-- The list by numbers: after $2 items at most $3, with how many there are and what is unread; one row without an item if need be.
SELECT totals.total, totals.total_unread, item.*
FROM (
    SELECT
        (
            SELECT count(*)
            FROM (
                SELECT id, user2_id AS other_id, updated_at FROM conversations WHERE user1_id = $1
                UNION ALL
                SELECT id, user1_id AS other_id, updated_at FROM conversations WHERE user2_id = $1
            ) AS c WHERE {listed}
        ) AS total,
        coalesce((SELECT p.unread_total FROM positions AS p WHERE p.user_id = $1), 0) AS total_unread
) AS totals
LEFT JOIN LATERAL (
    {view}
    FROM (
        SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
        FROM (
            (
                SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
                FROM (
                    SELECT id, user2_id AS other_id, last_message_id, created_at, updated_at
                    FROM conversations WHERE user1_id = $1
                ) AS c CROSS JOIN {once}
                WHERE {listed}
                ORDER BY c.updated_at DESC, c.id DESC LIMIT $2::bigint + $3
            )
            UNION ALL
            (
                SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
                FROM (
                    SELECT id, user1_id AS other_id, last_message_id, created_at, updated_at
                    FROM conversations WHERE user2_id = $1
                ) AS c CROSS JOIN {once}
                WHERE {listed}
                ORDER BY c.updated_at DESC, c.id DESC LIMIT $2::bigint + $3
            )
        ) AS c
        ORDER BY c.updated_at DESC, c.id DESC OFFSET $2::bigint LIMIT $3::bigint
    ) AS c
    {parts}
) AS item ON true
ORDER BY item.updated_at DESC, item.id DESC;

-- name: numbered_unread
-- As `numbered`, of those with unread messages: found from the user's side, then ordered.
WITH unread AS MATERIALIZED (
    SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
    FROM conversation_participants AS mine
    CROSS JOIN LATERAL (
        SELECT id, CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id, last_message_id, created_at, updated_at
        FROM conversations WHERE id = mine.conversation_id OFFSET 0
    ) AS c
    WHERE mine.user_id = $1 AND mine.unread_count > 0 AND {listed}
)
SELECT totals.total, totals.total_unread, item.*
FROM (
    SELECT
        (SELECT count(*) FROM unread) AS total,
        coalesce((SELECT p.unread_total FROM positions AS p WHERE p.user_id = $1), 0) AS total_unread
) AS totals
LEFT JOIN LATERAL (
    {view}
    FROM (
        SELECT c.id, c.other_id, c.last_message_id, c.created_at, c.updated_at
        FROM unread AS c ORDER BY c.updated_at DESC, c.id DESC OFFSET $2::bigint LIMIT $3::bigint
    ) AS c
    {parts}
) AS item ON true
ORDER BY item.updated_at DESC, item.id DESC;

-- name: of_pair
-- The conversation of an ordered pair ($2, $3), one of which is this user, listed or not.
{view}
FROM (
    SELECT id, CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id, last_message_id, created_at, updated_at
    FROM conversations WHERE user1_id = $2 AND user2_id = $3
) AS c
{parts};

-- name: by_id
-- One conversation of this user, listed or not.
{view}
FROM (
    SELECT id, CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id, last_message_id, created_at, updated_at
    FROM conversations WHERE id = $2 AND $1 IN (user1_id, user2_id)
) AS c
{parts};

-- name: in_list
-- Those of these conversations ($2) that stand in this user's list.
{view}
FROM unnest($2::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT id, CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id, last_message_id, created_at, updated_at
    FROM conversations WHERE id = asked.id AND $1 IN (user1_id, user2_id) OFFSET 0
) AS c
{parts}
WHERE {listed};

-- name: exists
-- Whether there is such a conversation: tells "not found" from "not yours".
SELECT EXISTS (SELECT FROM conversations WHERE id = $1);

-- name: unread
-- A user's totals: messages, and conversations of the list that hold some.
SELECT
    p.unread_total,
    (
        SELECT count(*)
        FROM conversation_participants AS mine
        CROSS JOIN LATERAL (
            SELECT id, CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id, updated_at
            FROM conversations WHERE id = mine.conversation_id OFFSET 0
        ) AS c
        WHERE mine.user_id = $1 AND mine.unread_count > 0 AND {listed}
    ) AS conversations
FROM positions AS p WHERE p.user_id = $1;

-- name: partners
-- The most recent partners without a block in either direction, and who of both shows last seen.
SELECT
    c.other_id, other.show_last_seen AS other_shows_last_seen,
    (SELECT u.show_last_seen FROM users AS u WHERE u.id = $1) AS shows_last_seen
FROM (
    (
        SELECT c.user2_id AS other_id, c.updated_at
        FROM conversations AS c CROSS JOIN {once}
        WHERE c.user1_id = $1
        AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = c.user2_id OFFSET 0)
        AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.user2_id AND b.blocked_id = $1 OFFSET 0)
        ORDER BY c.updated_at DESC, c.id DESC LIMIT $2
    )
    UNION ALL
    (
        SELECT c.user1_id AS other_id, c.updated_at
        FROM conversations AS c CROSS JOIN {once}
        WHERE c.user2_id = $1
        AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = c.user1_id OFFSET 0)
        AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.user1_id AND b.blocked_id = $1 OFFSET 0)
        ORDER BY c.updated_at DESC, c.id DESC LIMIT $2
    )
) AS c
CROSS JOIN LATERAL (SELECT u.show_last_seen FROM users AS u WHERE u.id = c.other_id OFFSET 0) AS other
ORDER BY c.updated_at DESC LIMIT $2;

-- name: partner
-- The other participant of a conversation, whether they take part, and whether a block stands between the two.
SELECT
    c.other_id, (SELECT u.state FROM users AS u WHERE u.id = c.other_id) AS other_state,
    EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = $1 AND b.blocked_id = c.other_id)
    OR EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.other_id AND b.blocked_id = $1) AS is_blocked
FROM (
    SELECT CASE user1_id WHEN $1 THEN user2_id ELSE user1_id END AS other_id
    FROM conversations WHERE id = $2 AND $1 IN (user1_id, user2_id)
) AS c;
