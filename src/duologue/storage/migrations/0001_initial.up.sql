-- The first schema. oldest-code: 1
-- Uniqueness and checks as DBA-01 to DBA-33 and DBB; foreign keys only between cold tables (docs/decisions/0002).

-- One row: what names this database. `epoch` names the log of events (design part 4), `secret` signs stand-alone tokens.
CREATE TABLE instance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO instance (epoch, secret)
VALUES (replace(gen_random_uuid()::text, '-', ''), uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

CREATE TABLE users (
    id uuid PRIMARY KEY,
    external_id text,
    username text NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
    -- The username as it is compared: without case (written by core/users.py).
    username_key text NOT NULL,
    display_name text,
    avatar_url text,
    who_can_message text NOT NULL DEFAULT 'everyone' CHECK (who_can_message IN ('everyone', 'followers', 'none')),
    send_read_receipts boolean NOT NULL DEFAULT true,
    show_last_seen boolean NOT NULL DEFAULT true,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'deactivated', 'erased')),
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT unique_username UNIQUE (username_key)
);
CREATE UNIQUE INDEX idx_users_external_id ON users (external_id) WHERE external_id IS NOT NULL;
-- Prefix search of GET /users?query=.
CREATE INDEX idx_users_username_prefix ON users (username_key text_pattern_ops);

-- Stand-alone accounts: who may sign in with a password.
CREATE TABLE accounts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now()
);

-- Sign-in sessions. `rotation` counts refreshes: a refresh token of an earlier rotation ends the session.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    rotation integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX idx_sessions_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX idx_sessions_expiry ON sessions (expires_at);

CREATE TABLE follows (
    follower_id uuid NOT NULL REFERENCES users (id),
    followed_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (follower_id, followed_id),
    CONSTRAINT different_users_follow CHECK (follower_id <> followed_id)
);

CREATE TABLE blocks (
    id uuid PRIMARY KEY,
    blocker_id uuid NOT NULL REFERENCES users (id),
    blocked_id uuid NOT NULL REFERENCES users (id),
    reason text,
    created_at timestamptz NOT NULL,
    CONSTRAINT unique_block UNIQUE (blocker_id, blocked_id),
    CONSTRAINT different_users_block CHECK (blocker_id <> blocked_id)
);
-- The block list, newest first (RK-05).
CREATE INDEX idx_blocks_blocker ON blocks (blocker_id, created_at DESC, id DESC);

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    user1_id uuid NOT NULL REFERENCES users (id),
    user2_id uuid NOT NULL REFERENCES users (id),
    last_message_id uuid,
    last_message_sender_id uuid,
    last_message_at timestamptz,
    created_at timestamptz NOT NULL,
    -- Moved by creation and by a new message alone (C-46); never goes down, so the next message's time is above it.
    updated_at timestamptz NOT NULL,
    CONSTRAINT unique_conversation UNIQUE (user1_id, user2_id),
    CONSTRAINT ordered_users CHECK (user1_id < user2_id)
) WITH (fillfactor = 60);
-- The inbox of either user, newest first (RA-08).
CREATE INDEX idx_conversations_user1 ON conversations (user1_id, updated_at DESC, id DESC);
CREATE INDEX idx_conversations_user2 ON conversations (user2_id, updated_at DESC, id DESC);

-- Per-user state of a conversation. No foreign key: its writers hold the conversation's row.
CREATE TABLE conversation_participants (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    unread_count integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
    -- All received messages at or before this time are read: where a search for unread ones begins.
    read_to timestamptz NOT NULL DEFAULT 'epoch',
    delivered_to timestamptz NOT NULL DEFAULT 'epoch',
    -- History at or before this time is hidden from this user (G-20).
    deleted_to timestamptz,
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 60);
-- unread_conversations (UNR-18).
CREATE INDEX idx_participants_unread ON conversation_participants (user_id) WHERE unread_count > 0;

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    receiver_id uuid NOT NULL,
    type text NOT NULL DEFAULT 'text' CHECK (type IN ('text', 'image', 'video', 'file')),
    content text,
    media jsonb,
    temp_id text,
    read_at timestamptz,
    -- Whether the sender may learn of the reading; decided when it was marked.
    read_shown boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    deleted_by uuid,
    CONSTRAINT text_has_content CHECK (type <> 'text' OR content <> '' OR deleted_at IS NOT NULL)
) WITH (fillfactor = 90);
-- History, context, unread search: one total order per conversation.
CREATE INDEX idx_messages_conversation ON messages (conversation_id, created_at DESC, id DESC);
-- Media and files galleries: no entry for text.
CREATE INDEX idx_messages_media ON messages (conversation_id, created_at DESC, id DESC) WHERE type <> 'text';

-- Links of messages, written with them (RM-19).
CREATE TABLE links (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    message_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    url text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX idx_links_conversation ON links (conversation_id, created_at DESC, id DESC);

-- Idempotent sends: a key names a message for ever, in both dialects and on all nodes.
CREATE TABLE send_keys (
    sender_id uuid NOT NULL,
    key uuid NOT NULL,
    fingerprint bytea NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (sender_id, key)
);

-- A user's head position and unread total: one row, and that user's lock.
CREATE TABLE positions (
    user_id uuid PRIMARY KEY,
    head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
    unread_total integer NOT NULL DEFAULT 0 CHECK (unread_total >= 0),
    delivered_to bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The log of facts, dense per user: references, not copies.
CREATE TABLE user_events (
    user_id uuid NOT NULL,
    position bigint NOT NULL,
    kind smallint NOT NULL,
    conversation_id uuid,
    message_id uuid,
    data jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, position)
);
