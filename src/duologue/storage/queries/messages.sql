-- Messages as one participant ($1) sees them. A statement that lists starts from the conversation, so it answers one row
-- with nulls when there is nothing to list, and none when the user takes no part.

-- fragment: message
-- What a message is made of, with its sender; needs `seen`, `one`, `two` of the fragment `setting`.
m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.read_at, m.read_shown, m.created_at,
m.updated_at, m.deleted_at,
m.created_at <= CASE m.receiver_id WHEN $1 THEN seen.delivered_to ELSE seen.their_delivered_to END AS delivered,
CASE m.sender_id WHEN one.id THEN one.username ELSE two.username END AS sender_username,
CASE m.sender_id WHEN one.id THEN one.display_name ELSE two.display_name END AS sender_display_name,
CASE m.sender_id WHEN one.id THEN one.avatar_url ELSE two.avatar_url END AS sender_avatar_url,
m.sender_id = $1 OR NOT (seen.blocking OR seen.blocked_by) AS sender_shows_presence

-- fragment: setting
-- One conversation `c` as this user sees it: `seen`, and its two users.
CROSS JOIN LATERAL (
    SELECT
        mine.delivered_to, coalesce(mine.deleted_to, '-infinity') AS deleted_to, theirs.delivered_to AS their_delivered_to,
        EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = mine.user_id AND b.blocked_id = theirs.user_id OFFSET 0) AS blocking,
        EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = theirs.user_id AND b.blocked_id = mine.user_id OFFSET 0) AS blocked_by
    FROM conversation_participants AS mine
    INNER JOIN conversation_participants AS theirs
        ON theirs.conversation_id = mine.conversation_id AND theirs.user_id <> mine.user_id
    WHERE mine.conversation_id = c.id AND mine.user_id = $1 OFFSET 0
) AS seen
CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url FROM users AS u WHERE u.id = c.user1_id OFFSET 0
) AS one
CROSS JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url FROM users AS u WHERE u.id = c.user2_id OFFSET 0
) AS two

-- fragment: columns
-- The columns of the table that are read.
m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.read_at, m.read_shown, m.created_at,
m.updated_at, m.deleted_at

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order, where its guess
-- of few rows would make it fetch and sort all there is (a long conversation among many short ones, a fresh database).
generate_series(1, 1 + floor(random())::integer) AS once

-- fragment: file
-- What a gallery shows of a file.
a.id, a.kind, a.name, a.media_type, a.size, a.key, a.thumbnail_key, a.width, a.height, a.duration, a.waveform, a.placeholder,
a.uploaded_at, a.place, a.message_id, a.sent_at

-- fragment: carrier
-- The message that carries a file or link `a`, unless it was deleted.
CROSS JOIN LATERAL (
    SELECT {columns} FROM messages AS m WHERE m.id = a.message_id AND m.deleted_at IS NULL OFFSET 0
) AS m

-- fragment: shown
-- Files `a` that a gallery shows. The statement itself says of which kinds, in the words of the index that it walks.
a.conversation_id = c.id AND a.state <> 'infected' AND a.sent_at > seen.deleted_to AND NOT seen.blocked_by

-- name: before
-- History of a conversation ($2) below a time and id ($3, $4), newest first, at most $5.
SELECT {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT {columns}
    FROM messages AS m CROSS JOIN {once}
    WHERE m.conversation_id = c.id AND (m.created_at, m.id) < ($3, $4)
    AND m.created_at > seen.deleted_to AND m.deleted_at IS NULL
    ORDER BY m.created_at DESC, m.id DESC LIMIT $5
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at DESC, m.id DESC;

-- name: after
-- The messages next above a time and id ($3, $4), oldest first, at most $5.
SELECT {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT {columns}
    FROM messages AS m CROSS JOIN {once}
    WHERE m.conversation_id = c.id AND (m.created_at, m.id) > ($3, $4)
    AND m.created_at > seen.deleted_to AND m.deleted_at IS NULL
    ORDER BY m.created_at, m.id LIMIT $5
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at, m.id;

-- name: numbered
-- History of a conversation ($2) by numbers: after $3 messages, newest first, at most $4.
SELECT {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT {columns}
    FROM messages AS m CROSS JOIN {once}
    WHERE m.conversation_id = c.id AND m.created_at > seen.deleted_to AND m.deleted_at IS NULL
    ORDER BY m.created_at DESC, m.id DESC OFFSET $3 LIMIT $4
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at DESC, m.id DESC;

-- name: place
-- Where a message ($3) stands in a conversation ($2), deleted or not; nulls if it is none of it.
SELECT m.created_at, m.id
FROM conversations AS c
LEFT JOIN LATERAL (
    SELECT m.created_at, m.id, m.conversation_id FROM messages AS m WHERE m.id = $3 OFFSET 0
) AS m ON m.conversation_id = c.id
WHERE c.id = $2 AND $1 IN (c.user1_id, c.user2_id);

-- name: by_id
-- One message ($2).
SELECT {message}
FROM messages AS m
INNER JOIN conversations AS c ON c.id = m.conversation_id
{setting}
WHERE m.id = $2 AND m.created_at > seen.deleted_to AND m.deleted_at IS NULL;

-- name: context
-- A message ($2) with at most $3 older and $4 newer neighbours, newest first; `side` is -1, 0 or 1.
SELECT m.side, {message}
FROM messages AS target
INNER JOIN conversations AS c ON c.id = target.conversation_id
{setting}
CROSS JOIN LATERAL (
    (
        SELECT 1 AS side, {columns}
        FROM messages AS m CROSS JOIN {once}
        WHERE m.conversation_id = target.conversation_id AND (m.created_at, m.id) > (target.created_at, target.id)
        AND m.deleted_at IS NULL
        ORDER BY m.created_at, m.id LIMIT $4
    )
    UNION ALL
    SELECT 0 AS side, {columns} FROM messages AS m WHERE m.id = target.id
    UNION ALL
    (
        SELECT -1 AS side, {columns}
        FROM messages AS m CROSS JOIN {once}
        WHERE m.conversation_id = target.conversation_id AND (m.created_at, m.id) < (target.created_at, target.id)
        AND m.created_at > seen.deleted_to AND m.deleted_at IS NULL
        ORDER BY m.created_at DESC, m.id DESC LIMIT $3
    )
) AS m
WHERE target.id = $2 AND target.created_at > seen.deleted_to AND target.deleted_at IS NULL
ORDER BY m.created_at DESC, m.id DESC;

-- name: standing
-- Why a message was not shown: whether the user is one of its two.
SELECT $1 IN (sender_id, receiver_id) AS takes_part FROM messages WHERE id = $2;

-- name: links
-- The links of a conversation ($2) below a time and id ($3, $4), newest first, at most $5; none for who is blocked.
SELECT seen.blocked_by, l.id, l.url, l.message_id, l.sender_id, l.created_at
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT l.id, l.url, l.message_id, l.sender_id, l.created_at
    FROM links AS l CROSS JOIN {once}
    WHERE l.conversation_id = c.id AND (l.created_at, l.id) < ($3, $4)
    AND l.created_at > seen.deleted_to AND NOT seen.blocked_by
    AND EXISTS (SELECT FROM messages AS m WHERE m.id = l.message_id AND m.deleted_at IS NULL OFFSET 0)
    ORDER BY l.created_at DESC, l.id DESC LIMIT $5
) AS l ON true
WHERE c.id = $2
ORDER BY l.created_at DESC, l.id DESC;

-- name: media
-- Images and videos of a conversation ($2) below a time and place ($3, $4), newest first, at most $5; none for who is blocked.
SELECT seen.blocked_by, {file}, a.sender_id
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT {file}, m.sender_id
    FROM attachments AS a CROSS JOIN {once} {carrier}
    WHERE a.kind IN ('image', 'video') AND (a.sent_at, a.place) < ($3, $4) AND {shown}
    ORDER BY a.sent_at DESC, a.place DESC LIMIT $5
) AS a ON true
WHERE c.id = $2
ORDER BY a.sent_at DESC, a.place DESC;

-- name: files
-- The other files of a conversation, as above.
SELECT seen.blocked_by, {file}, a.sender_id
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT {file}, m.sender_id
    FROM attachments AS a CROSS JOIN {once} {carrier}
    WHERE a.kind IN ('audio', 'file') AND (a.sent_at, a.place) < ($3, $4) AND {shown}
    ORDER BY a.sent_at DESC, a.place DESC LIMIT $5
) AS a ON true
WHERE c.id = $2
ORDER BY a.sent_at DESC, a.place DESC;

-- name: with_media
-- Messages of a conversation ($2) that carry images or videos, below a time and id ($3, $4), newest first, at most $5; none for
-- who is blocked. A message's files have its time, so the index gives them together and little is sorted.
SELECT seen.blocked_by, {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (a.sent_at, a.message_id) {columns}
    FROM attachments AS a CROSS JOIN {once} {carrier}
    WHERE a.kind IN ('image', 'video') AND (a.sent_at, a.message_id) < ($3, $4) AND {shown}
    ORDER BY a.sent_at DESC, a.message_id DESC LIMIT $5
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at DESC, m.id DESC;

-- name: with_files
-- Messages that carry other files, as above.
SELECT seen.blocked_by, {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (a.sent_at, a.message_id) {columns}
    FROM attachments AS a CROSS JOIN {once} {carrier}
    WHERE a.kind IN ('audio', 'file') AND (a.sent_at, a.message_id) < ($3, $4) AND {shown}
    ORDER BY a.sent_at DESC, a.message_id DESC LIMIT $5
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at DESC, m.id DESC;

-- name: with_links
-- Messages that hold links, as above.
SELECT seen.blocked_by, {message}
FROM conversations AS c
{setting}
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (a.created_at, a.message_id) {columns}
    FROM links AS a CROSS JOIN {once} {carrier}
    WHERE a.conversation_id = c.id AND (a.created_at, a.message_id) < ($3, $4)
    AND a.created_at > seen.deleted_to AND NOT seen.blocked_by
    ORDER BY a.created_at DESC, a.message_id DESC LIMIT $5
) AS m ON true
WHERE c.id = $2
ORDER BY m.created_at DESC, m.id DESC;

-- name: by_key
-- The message that a key ($2) of this sender names, deleted or not, and the key's fingerprint.
SELECT k.fingerprint, {message}
FROM send_keys AS k
INNER JOIN messages AS m ON m.id = k.message_id
INNER JOIN conversations AS c ON c.id = m.conversation_id
{setting}
WHERE k.sender_id = $1 AND k.key = $2;
