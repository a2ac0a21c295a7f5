-- Users made and changed many at a time.

-- fragment: columns
-- What operators see of a user.
u.id, u.username, u.display_name, u.avatar_url, u.who_can_message, u.send_read_receipts, u.show_last_seen, u.last_seen_at,
u.state, u.external_id, u.created_at, u.updated_at

-- name: patience
-- How long to wait for locks.
SET LOCAL lock_timeout = '2s';

-- name: involved
-- Users by id ($1), by external id ($2) and by the key of the username ($3): whom an upsert names, and who has the names it gives.
SELECT u.id, u.external_id, u.username_key, u.state
FROM users AS u WHERE u.id = ANY($1::uuid[]) OR u.external_id = ANY($2::text[]) OR u.username_key = ANY($3::text[]);

-- name: lock
-- Their locks: the position rows, in the order of ids.
SELECT user_id FROM positions WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE;

-- fragment: free_name
-- The first of three names for a user `v` that nobody else has and that is not given just now ($1, keys); they are their own keys.
(
    SELECT offered.name FROM unnest(ARRAY[v.first, v.second, v.third]) WITH ORDINALITY AS offered (name, ord)
    WHERE offered.name <> ALL($1::text[])
    AND NOT EXISTS (SELECT FROM users AS other WHERE other.username_key = offered.name AND other.id <> v.id OFFSET 0)
    ORDER BY offered.ord LIMIT 1
)

-- name: evict
-- Take names from their former holders ($2): generated ones ($3, $4, $5) in their place.
UPDATE users AS u SET username = free.name, username_key = free.name, updated_at = clock_timestamp()
FROM (
    SELECT v.id, {free_name} AS name
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS v (id, first, second, third)
) AS free
WHERE u.id = free.id;

-- name: change
-- What the items say of users who are there: $2 and $3 name and key, $4 external id, null leaves them; $6 and $8 whether display
-- name ($5) and avatar ($7) are said.
UPDATE users AS u SET
    username = coalesce(v.username, u.username), username_key = coalesce(v.username_key, u.username_key),
    external_id = coalesce(v.external_id, u.external_id),
    display_name = CASE WHEN v.has_display_name THEN v.display_name ELSE u.display_name END,
    avatar_url = CASE WHEN v.has_avatar_url THEN v.avatar_url ELSE u.avatar_url END,
    updated_at = clock_timestamp()
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::boolean[])
AS v (id, username, username_key, external_id, display_name, has_display_name, avatar_url, has_avatar_url)
WHERE u.id = v.id;

-- name: insert
-- New users with their position rows; without a username ($3, key $4) by the first free of $8, $9, $10.
WITH fresh AS (
    INSERT INTO users (id, username, username_key, external_id, display_name, avatar_url)
    SELECT v.id, coalesce(v.username, free.name), coalesce(v.username_key, free.name), v.external_id, v.display_name, v.avatar_url
    FROM unnest(
        $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]
    ) AS v (id, username, username_key, external_id, display_name, avatar_url, first, second, third)
    CROSS JOIN LATERAL (SELECT {free_name} AS name) AS free
    RETURNING id
)
INSERT INTO positions (user_id) SELECT id FROM fresh;

-- name: many
-- Users by ids.
SELECT {columns} FROM users AS u WHERE u.id = ANY($1::uuid[]);
