-- What `duologue check` looks for. Each statement judges the next $2 rows of one table after $1 and returns every id with
-- whether it is at fault, so that no snapshot is held for long on a large database.

-- name: orphaned_messages
-- Messages whose conversation or whose facts' owners are not there.
SELECT m.id, c.id IS NULL OR m.sender_id NOT IN (c.user1_id, c.user2_id) OR m.receiver_id NOT IN (c.user1_id, c.user2_id) AS fault
FROM (SELECT * FROM messages WHERE id > $1 ORDER BY id LIMIT $2) AS m
LEFT JOIN conversations AS c ON c.id = m.conversation_id
ORDER BY m.id

-- name: orphaned_links
-- Links whose message is not there.
SELECT l.id, m.id IS NULL AS fault
FROM (SELECT * FROM links WHERE id > $1 ORDER BY id LIMIT $2) AS l
LEFT JOIN messages AS m ON m.id = l.message_id
ORDER BY l.id

-- name: incomplete_conversations
-- Conversations without both participants, or with somebody else's.
SELECT c.id, (
    SELECT count(*) FILTER (WHERE p.user_id IN (c.user1_id, c.user2_id)) <> 2 OR count(*) <> 2
    FROM conversation_participants AS p WHERE p.conversation_id = c.id
) AS fault
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT $2) AS c
ORDER BY c.id

-- name: wrong_previews
-- Conversations whose preview or time is not that of their newest message.
SELECT c.id, (
    c.last_message_id IS DISTINCT FROM m.id OR c.last_message_sender_id IS DISTINCT FROM m.sender_id
    OR c.last_message_at IS DISTINCT FROM m.created_at OR c.updated_at < coalesce(m.created_at, c.created_at)
) AS fault
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT $2) AS c
LEFT JOIN LATERAL (
    SELECT id, sender_id, created_at FROM messages
    WHERE conversation_id = c.id ORDER BY created_at DESC, id DESC LIMIT 1
) AS m ON true
ORDER BY c.id

-- name: wrong_unread_counts
-- Conversations in which a participant's unread count is not what a recount gives.
SELECT c.id, EXISTS (
    SELECT FROM conversation_participants AS p WHERE p.conversation_id = c.id AND p.unread_count <> (
        SELECT count(*) FROM messages AS m
        WHERE m.conversation_id = c.id AND m.created_at > p.read_to AND m.receiver_id = p.user_id
        AND m.read_at IS NULL AND m.deleted_at IS NULL
    )
) AS fault
FROM (SELECT * FROM conversations WHERE id > $1 ORDER BY id LIMIT $2) AS c
ORDER BY c.id

-- name: orphaned_files
-- Files whose message is not there, is somebody else's, or does not show them.
SELECT a.id, a.message_id IS NOT NULL AND NOT coalesce((
    SELECT
        m.conversation_id = a.conversation_id AND m.sender_id = a.owner_id AND m.created_at = a.sent_at
        AND m.media @> jsonb_build_array(jsonb_build_object('id', a.id))
    FROM messages AS m WHERE m.id = a.message_id
), false) AS fault
FROM (SELECT * FROM attachments WHERE id > $1 ORDER BY id LIMIT $2) AS a
ORDER BY a.id

-- name: wrong_media
-- Messages that show files without a record, or those of another message.
SELECT m.id, m.media IS NOT NULL AND EXISTS (
    SELECT FROM jsonb_array_elements(m.media) AS shown (file)
    WHERE NOT EXISTS (SELECT FROM attachments AS a WHERE a.id = (shown.file ->> 'id')::uuid AND a.message_id = m.id)
) AS fault
FROM (SELECT id, media FROM messages WHERE id > $1 ORDER BY id LIMIT $2) AS m
ORDER BY m.id

-- name: wrong_storage_use
-- Users of whom is noted that their files take something else than a recount gives; also those of whom nothing is noted.
SELECT o.id, (coalesce(u.files, 0), coalesce(u.bytes, 0)) <> (counted.files, counted.bytes) AS fault
FROM (
    (SELECT owner_id AS id FROM storage_use WHERE owner_id > $1 ORDER BY owner_id LIMIT $2)
    UNION (SELECT DISTINCT owner_id FROM attachments WHERE owner_id > $1 ORDER BY owner_id LIMIT $2)
    ORDER BY id LIMIT $2
) AS o
LEFT JOIN storage_use AS u ON u.owner_id = o.id
CROSS JOIN LATERAL (
    SELECT count(*) AS files, coalesce(sum(a.size), 0) AS bytes FROM attachments AS a WHERE a.owner_id = o.id
) AS counted
ORDER BY o.id

-- name: users_without_position
-- Users without a position row: nothing can be sent to them.
SELECT u.id, p.user_id IS NULL AS fault
FROM (SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT $2) AS u
LEFT JOIN positions AS p ON p.user_id = u.id
ORDER BY u.id

-- name: wrong_totals
-- Users whose unread total is not the sum of what their list shows.
SELECT o.user_id AS id, o.unread_total <> (
    SELECT coalesce(sum(p.unread_count), 0) FROM conversation_participants AS p
    JOIN conversations AS c ON c.id = p.conversation_id
    WHERE p.user_id = o.user_id AND p.unread_count > 0 AND NOT EXISTS (
        SELECT FROM blocks AS b WHERE b.blocked_id = o.user_id
        AND b.blocker_id = CASE WHEN c.user1_id = o.user_id THEN c.user2_id ELSE c.user1_id END
    )
) AS fault
FROM (SELECT * FROM positions WHERE user_id > $1 ORDER BY user_id LIMIT $2) AS o
ORDER BY o.user_id

-- name: broken_logs
-- Users whose log is not dense up to its head.
SELECT o.user_id AS id, (
    SELECT coalesce(max(e.position), o.head) <> o.head OR count(*) <> coalesce(max(e.position) - min(e.position) + 1, 0)
    FROM user_events AS e WHERE e.user_id = o.user_id
) AS fault
FROM (SELECT * FROM positions WHERE user_id > $1 ORDER BY user_id LIMIT $2) AS o
ORDER BY o.user_id

-- name: new_epoch
-- Name the log anew: every client takes a fresh snapshot.
UPDATE instance SET epoch = $1
