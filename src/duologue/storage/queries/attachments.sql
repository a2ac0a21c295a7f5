-- Files that were taken in: their records. Writing them into messages is the ledger's (attach).

-- name: add
-- Files of a user ($1) that were stored, and what they take; how many. Nobody's, if the user is shut out: an erasure that is under way
-- waits, and removes them.
WITH owner AS MATERIALIZED (
    SELECT u.id FROM users AS u WHERE u.id = $1 AND u.state = 'active' FOR SHARE
), added AS (
    INSERT INTO attachments (
        id, owner_id, kind, name, media_type, size, digest, key, thumbnail_key, poster_key, width, height, duration, codec, waveform,
        placeholder, flags, state, uploaded_at
    )
    SELECT
        v.id, owner.id, v.kind, v.name, v.media_type, v.size, decode(v.digest, 'hex'), v.key, v.thumbnail_key, v.poster_key, v.width, v.height,
        v.duration, v.codec, v.waveform, v.placeholder, v.flags, v.state, v.uploaded_at
    FROM owner CROSS JOIN jsonb_to_recordset($2::jsonb) AS v (
        id uuid, kind text, name text, media_type text, size bigint, digest text, key text, thumbnail_key text, poster_key text,
        width integer, height integer, duration double precision, codec text, waveform smallint[], placeholder text, flags text[],
        state text, uploaded_at timestamptz
    )
    RETURNING owner_id, size
), more AS (
    INSERT INTO storage_use AS u (owner_id, files, bytes)
    SELECT owner_id, count(*), sum(size) FROM added GROUP BY owner_id
    ON CONFLICT (owner_id) DO UPDATE SET files = u.files + excluded.files, bytes = u.bytes + excluded.bytes
)
SELECT count(*) FROM added;

-- name: take_back
-- Forget those of these files ($2) of a user ($1) that were never sent; the keys of their blobs.
WITH gone AS (
    DELETE FROM attachments AS a
    USING (
        SELECT id FROM attachments WHERE id = ANY($2::uuid[]) AND owner_id = $1 AND message_id IS NULL
        ORDER BY id FOR UPDATE
    ) AS unsent
    WHERE a.id = unsent.id RETURNING a.size, a.key, a.thumbnail_key, a.poster_key
), less AS (
    UPDATE storage_use AS u SET files = u.files - part.files, bytes = u.bytes - part.bytes
    FROM (SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM gone) AS part
    WHERE u.owner_id = $1
)
SELECT key, thumbnail_key, poster_key FROM gone;

-- name: shown
-- Files ($2) as one viewer ($1) may see them, in this order, with what decides it; what the viewer deleted is gone for them.
SELECT
    a.id, a.kind, a.name, a.media_type, a.size, a.key, a.uploaded_at, a.thumbnail_key, a.width, a.height, a.duration, a.waveform,
    a.placeholder, a.owner_id, a.digest, a.poster_key, a.state,
    viewer.state AS viewer_state, a.message_id IS NOT NULL AS is_sent, mine.user_id IS NOT NULL AS takes_part,
    m.created_at IS NULL OR m.created_at <= coalesce(mine.deleted_to, '-infinity') AS is_gone
FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, ord)
CROSS JOIN LATERAL (SELECT * FROM attachments AS a WHERE a.id = asked.id OFFSET 0) AS a
LEFT JOIN LATERAL (SELECT u.state FROM users AS u WHERE u.id = $1 OFFSET 0) AS viewer ON true
LEFT JOIN LATERAL (
    SELECT p.user_id, p.deleted_to FROM conversation_participants AS p
    WHERE p.conversation_id = a.conversation_id AND p.user_id = $1 OFFSET 0
) AS mine ON true
LEFT JOIN LATERAL (
    SELECT m.created_at FROM messages AS m WHERE m.id = a.message_id AND m.deleted_at IS NULL OFFSET 0
) AS m ON true
ORDER BY asked.ord;
