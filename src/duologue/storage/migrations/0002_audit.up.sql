-- What operators did, and what erasure needs. oldest-code: 1

-- The audit log: who did what to whom, and how it ended. Ids and figures alone: no name, no text (docs/decisions/0005).
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    -- api: the platform's server; command: the command line; user: somebody who erased themselves.
    actor text NOT NULL CHECK (actor IN ('api', 'command', 'user')),
    action text NOT NULL,
    target_ids uuid[] NOT NULL,
    details jsonb NOT NULL
);
-- The log, newest first.
CREATE INDEX idx_audit_at ON audit (at DESC, id DESC);

-- Set while partners are still being told that a user was deactivated, reactivated or erased: the last one told, by id.
ALTER TABLE users ADD COLUMN told_to uuid;

-- Erasure and export ask who follows a user, and for sessions that have ended. Both tables are small beside messages.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX idx_follows_followed ON follows (followed_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX idx_sessions_ended ON sessions (user_id) WHERE ended_at IS NOT NULL;
