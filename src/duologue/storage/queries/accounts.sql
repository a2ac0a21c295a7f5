-- Accounts and sign-in sessions of the stand-alone server. Times are the caller's, so that tokens and sessions end by one clock.

-- fragment: columns
-- What a user is made of.
u.id, u.username, u.display_name, u.avatar_url, u.who_can_message, u.send_read_receipts, u.show_last_seen, u.last_seen_at, u.state

-- name: is_taken
-- Whether somebody has the name of this key.
SELECT EXISTS (SELECT FROM users WHERE username_key = $1);

-- name: register
-- A new user with position row, account and, unless $6 is null, session: all or nothing, decided by the unique name.
WITH person AS (
    INSERT INTO users (id, username, username_key, display_name) VALUES ($1, $2, $3, $4) RETURNING id
), position AS (
    INSERT INTO positions (user_id) SELECT id FROM person
), account AS (
    INSERT INTO accounts (user_id, password_hash) SELECT id, $5 FROM person
)
INSERT INTO sessions (id, user_id, created_at, expires_at)
SELECT $6::uuid, id, $7::timestamptz, $8::timestamptz FROM person WHERE $6::uuid IS NOT NULL;

-- name: credentials
-- An account by the key of the username.
SELECT {columns}, a.password_hash FROM users AS u JOIN accounts AS a ON a.user_id = u.id WHERE u.username_key = $1;

-- name: credentials_of
-- An account by user.
SELECT {columns}, a.password_hash FROM users AS u JOIN accounts AS a ON a.user_id = u.id WHERE u.id = $1;

-- name: open_session
-- Begin a session. With a hash ($5) a change of password under way is waited for, and then it must still be the account's.
WITH account AS MATERIALIZED (
    SELECT user_id FROM accounts WHERE user_id = $2 AND password_hash = $5 FOR NO KEY UPDATE
)
INSERT INTO sessions (id, user_id, created_at, expires_at)
SELECT $1, $2, $3::timestamptz, $4::timestamptz WHERE $5::text IS NULL OR EXISTS (SELECT FROM account)
RETURNING id;

-- name: refresh
-- The next rotation of a living session of an active user.
UPDATE sessions AS s SET rotation = $3 + 1, expires_at = $5
FROM users AS u
WHERE s.id = $1 AND s.user_id = $2 AND s.rotation = $3 AND s.ended_at IS NULL AND s.expires_at > $4
AND u.id = s.user_id AND u.state = 'active'
RETURNING {columns};

-- name: refuse
-- A token of an earlier rotation ends its session; and what the user is.
WITH ended AS (
    UPDATE sessions SET ended_at = $4 WHERE id = $1 AND user_id = $2 AND rotation > $3 AND ended_at IS NULL RETURNING id
)
SELECT state, EXISTS (SELECT FROM ended) AS was_ended FROM users WHERE id = $2;

-- name: end_session
-- End one session.
UPDATE sessions SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL RETURNING id;

-- name: end_sessions
-- End all sessions of a user, locked in the order of ids.
WITH locked AS MATERIALIZED (
    SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE
)
UPDATE sessions AS s SET ended_at = $2 FROM locked WHERE s.id = locked.id AND s.ended_at IS NULL RETURNING s.id;

-- name: change_hash
-- Another hash in place of $2, while it is the account's.
UPDATE accounts SET password_hash = $3, password_changed_at = coalesce($4, password_changed_at)
WHERE user_id = $1 AND password_hash = $2 RETURNING user_id;

-- name: page
-- Users after a key, in the order of keys.
SELECT {columns}, u.external_id, u.created_at, EXISTS (SELECT FROM accounts AS a WHERE a.user_id = u.id OFFSET 0) AS has_password
FROM users AS u WHERE u.username_key ~>~ $1 ORDER BY u.username_key USING ~<~ LIMIT $2;

-- name: prune_sessions
-- Forget some sessions that expired before $1; those another node is at are left to it.
WITH gone AS MATERIALIZED (
    SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM sessions AS s USING gone WHERE s.id = gone.id RETURNING s.id
)
SELECT count(*) FROM deleted;

-- name: secret
-- What signs the stand-alone server's tokens.
SELECT secret FROM instance;
