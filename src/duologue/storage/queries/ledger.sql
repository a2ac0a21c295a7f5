-- The send pipeline's statements (design part 3). Locks are taken in id order only; facts are read by later statements.

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order.
generate_series(1, 1 + floor(random())::integer) AS once

-- fragment: upload
-- What a send needs to know of a file.
a.id, a.owner_id, a.message_id, a.kind, a.name, a.media_type, a.size, a.key, a.thumbnail_key, a.width, a.height, a.duration, a.waveform,
a.placeholder, a.state, a.uploaded_at

-- name: begin
-- A flush's transaction. The planner must not guess on a fresh database; nothing here may hold a snapshot for long.
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL jit = off;
SET LOCAL synchronous_commit = on;
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '10s'

-- name: lock_timeout
-- How long the second lane waits for a row.
SET LOCAL lock_timeout = '900ms'

-- name: lock_conversations
-- Lock what nobody else holds.
SELECT id, user1_id, user2_id, created_at, updated_at, last_message_id
FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED

-- name: wait_conversation
-- Lock one, waiting up to the lock timeout: the first lock of its transaction, so that nobody waits for who waits.
SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE

-- name: lock_positions
-- A user's lock: the position row.
SELECT user_id, head, unread_total
FROM positions WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE SKIP LOCKED

-- name: wait_position
-- The same of a user.
SELECT FROM positions WHERE user_id = $1 FOR NO KEY UPDATE

-- name: existing_conversations
-- Of the conversations that could not be locked: which are there, so held elsewhere.
SELECT id FROM conversations WHERE id = ANY($1::uuid[])

-- name: pairs
-- The conversations of pairs, by ordered pair.
SELECT c.id, c.user1_id, c.user2_id, c.created_at, c.updated_at, c.last_message_id
FROM unnest($1::uuid[], $2::uuid[]) AS p (user1_id, user2_id)
JOIN conversations AS c ON c.user1_id = p.user1_id AND c.user2_id = p.user2_id

-- name: participants
-- Both sides' state and the blocks between them, one row per conversation.
SELECT
    c.id,
    one.unread_count AS unread1, two.unread_count AS unread2,
    one.read_to AS read_to1, two.read_to AS read_to2,
    one.delivered_to AS delivered_to1, two.delivered_to AS delivered_to2,
    one.deleted_to AS deleted_to1, two.deleted_to AS deleted_to2,
    EXISTS (SELECT FROM blocks WHERE blocker_id = c.user1_id AND blocked_id = c.user2_id) AS blocks12,
    EXISTS (SELECT FROM blocks WHERE blocker_id = c.user2_id AND blocked_id = c.user1_id) AS blocks21
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS c (id, user1_id, user2_id)
JOIN conversation_participants AS one ON one.conversation_id = c.id AND one.user_id = c.user1_id
JOIN conversation_participants AS two ON two.conversation_id = c.id AND two.user_id = c.user2_id

-- name: users
-- Who takes part, and the time of this flush: read after the locks.
SELECT
    id, username, display_name, avatar_url, who_can_message, send_read_receipts, show_last_seen, last_seen_at, state,
    clock_timestamp() AS now
FROM users WHERE id = ANY($1::uuid[])

-- name: blocks
-- The blocks of pairs, in the direction asked.
SELECT b.id, b.blocker_id, b.blocked_id, b.reason, b.created_at
FROM unnest($1::uuid[], $2::uuid[]) AS p (blocker_id, blocked_id)
JOIN blocks AS b ON b.blocker_id = p.blocker_id AND b.blocked_id = p.blocked_id

-- name: follows
-- Which of these follow.
SELECT f.follower_id, f.followed_id
FROM unnest($1::uuid[], $2::uuid[]) AS p (follower_id, followed_id)
JOIN follows AS f ON f.follower_id = p.follower_id AND f.followed_id = p.followed_id

-- name: keys
-- Send keys that are taken, with the messages they name.
SELECT
    k.sender_id AS key_sender_id, k.key, k.fingerprint,
    m.id, m.conversation_id, m.sender_id, m.receiver_id, m.type, m.content, m.media, m.temp_id, m.created_at, m.updated_at,
    m.read_at, m.read_shown, m.deleted_at, false AS delivered
FROM unnest($1::uuid[], $2::uuid[]) AS p (sender_id, key)
JOIN send_keys AS k ON k.sender_id = p.sender_id AND k.key = p.key
JOIN messages AS m ON m.id = k.message_id

-- name: messages
-- Messages that previews show, and those that items name.
SELECT
    id, conversation_id, sender_id, receiver_id, type, content, media, temp_id, created_at, updated_at, read_at, read_shown, deleted_at,
    false AS delivered
FROM messages WHERE id = ANY($1::uuid[])

-- name: uploads
-- Files that sends name; locked, so that nobody removes one as never sent meanwhile.
SELECT {upload} FROM attachments AS a WHERE a.id = ANY($1::uuid[]) ORDER BY a.id FOR NO KEY UPDATE

-- name: spans
-- What reads would mark: unread messages up to the target, or all; the newest 100 and $6 more, with their times.
SELECT r.ord, t.created_at AS target_at, counted.count, newest.ids, newest.times
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::uuid[]) AS r (ord, conversation_id, reader_id, read_to, target_id)
LEFT JOIN messages AS t ON t.id = r.target_id AND t.conversation_id = r.conversation_id AND t.deleted_at IS NULL
CROSS JOIN LATERAL (
    SELECT count(*) AS count FROM messages AS m
    WHERE m.conversation_id = r.conversation_id
    AND m.created_at > r.read_to AND m.created_at <= coalesce(t.created_at, 'infinity')
    AND m.receiver_id = r.reader_id AND m.read_at IS NULL AND m.deleted_at IS NULL
) AS counted
CROSS JOIN LATERAL (
    SELECT
        array_agg(n.id ORDER BY n.created_at DESC, n.id DESC) AS ids,
        array_agg(n.created_at ORDER BY n.created_at DESC, n.id DESC) AS times
    FROM (
        SELECT m.id, m.created_at FROM messages AS m
        WHERE m.conversation_id = r.conversation_id
        AND m.created_at > r.read_to AND m.created_at <= coalesce(t.created_at, 'infinity')
        AND m.receiver_id = r.reader_id AND m.read_at IS NULL AND m.deleted_at IS NULL
        ORDER BY m.created_at DESC, m.id DESC LIMIT 100 + $6::int
    ) AS n
) AS newest

-- name: arrived
-- Where marks of deliveries stand: from the message named ($1) and its time ($4) backwards, the newest one that the receiver
-- ($3) was sent and that is still there, and $5 more.
SELECT d.named_id, m.id, m.created_at
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS d (named_id, conversation_id, receiver_id, up_to)
CROSS JOIN LATERAL (
    SELECT m.id, m.created_at FROM messages AS m CROSS JOIN {once}
    WHERE m.conversation_id = d.conversation_id AND m.created_at <= d.up_to
    AND m.receiver_id = d.receiver_id AND m.deleted_at IS NULL
    ORDER BY m.created_at DESC, m.id DESC LIMIT 1 + $5::int
) AS m

-- name: witnesses
-- Which earlier attempts did commit: their first event row is there.
SELECT w.user_id, w.position
FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS w (user_id, position, created_at)
JOIN user_events AS e ON e.user_id = w.user_id AND e.position = w.position AND e.created_at = w.created_at

-- name: write
-- One flush: messages, conversations, participants, positions, events. All rows are locked already, so no bulk update waits.
WITH new_messages AS (
    INSERT INTO messages (id, conversation_id, sender_id, receiver_id, type, content, media, temp_id, created_at, updated_at)
    SELECT v.id, v.conversation_id, v.sender_id, v.receiver_id, v.type, v.content, v.media::jsonb, v.temp_id, v.created_at, v.created_at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
    AS v (id, conversation_id, sender_id, receiver_id, type, content, media, temp_id, created_at)
), moved_conversations AS (
    UPDATE conversations AS c
    SET last_message_id = v.message_id, last_message_sender_id = v.sender_id, last_message_at = v.at, updated_at = v.at
    FROM unnest($10::uuid[], $11::uuid[], $12::uuid[], $13::timestamptz[]) AS v (id, message_id, sender_id, at)
    WHERE c.id = v.id
), moved_participants AS (
    UPDATE conversation_participants AS p
    SET unread_count = v.unread_count, read_to = v.read_to, delivered_to = v.delivered_to, deleted_to = v.deleted_to
    FROM unnest($14::uuid[], $15::uuid[], $16::int[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[])
    AS v (conversation_id, user_id, unread_count, read_to, delivered_to, deleted_to)
    WHERE p.conversation_id = v.conversation_id AND p.user_id = v.user_id
), moved_positions AS (
    UPDATE positions AS p
    SET head = v.head, unread_total = v.unread_total
    FROM unnest($20::uuid[], $21::bigint[], $22::int[]) AS v (user_id, head, unread_total)
    WHERE p.user_id = v.user_id
)
INSERT INTO user_events (user_id, position, kind, conversation_id, message_id, data, created_at)
SELECT v.user_id, v.position, v.kind, v.conversation_id, v.message_id, v.data::jsonb, $29::timestamptz
FROM unnest($23::uuid[], $24::bigint[], $25::smallint[], $26::uuid[], $27::uuid[], $28::text[])
AS v (user_id, position, kind, conversation_id, message_id, data)

-- name: insert_keys
-- Keys of this flush's messages.
INSERT INTO send_keys (sender_id, key, fingerprint, message_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::uuid[])

-- name: attach
-- Files become part of this flush's messages.
UPDATE attachments AS a
SET conversation_id = v.conversation_id, message_id = v.message_id, sent_at = v.at, place = v.place
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::uuid[]) AS v (id, conversation_id, message_id, at, place)
WHERE a.id = v.id

-- name: insert_links
-- Links of this flush's messages.
INSERT INTO links (id, conversation_id, message_id, sender_id, url, created_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[])

-- name: insert_conversations
-- Conversations opened by this flush, with both participants.
WITH opened AS (
    INSERT INTO conversations (id, user1_id, user2_id, created_at, updated_at)
    SELECT v.id, v.user1_id, v.user2_id, v.at, v.at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS v (id, user1_id, user2_id, at)
    RETURNING id, user1_id, user2_id
)
INSERT INTO conversation_participants (conversation_id, user_id)
SELECT id, user1_id FROM opened UNION ALL SELECT id, user2_id FROM opened

-- name: mark_read
-- Read marks: all unread messages of the reader within the span.
UPDATE messages AS m
SET read_at = v.read_at, read_shown = v.shown
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::boolean[])
AS v (conversation_id, reader_id, after, up_to, read_at, shown)
WHERE m.conversation_id = v.conversation_id AND m.created_at > v.after AND m.created_at <= v.up_to
AND m.receiver_id = v.reader_id AND m.read_at IS NULL AND m.deleted_at IS NULL

-- name: mark_these_read
-- Read marks of single messages.
UPDATE messages AS m
SET read_at = v.read_at, read_shown = v.shown
FROM unnest($1::uuid[], $2::timestamptz[], $3::boolean[]) AS v (id, read_at, shown)
WHERE m.id = v.id

-- name: delete_messages
-- Deletions: the row stays, for the operator (DEL-04); nothing that users see shows its text.
UPDATE messages AS m
SET deleted_at = v.at, deleted_by = v.deleted_by
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS v (id, at, deleted_by)
WHERE m.id = v.id

-- name: insert_blocks
-- Blocks put by this flush.
INSERT INTO blocks (id, blocker_id, blocked_id, reason, created_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])

-- name: delete_blocks
-- Blocks taken away by this flush.
DELETE FROM blocks WHERE id = ANY($1::uuid[])
