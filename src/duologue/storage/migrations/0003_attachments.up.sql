-- Files that messages carry. oldest-code: 1

-- One row per file that was taken in (docs/decisions/0008). Its message carries a copy of what is shown of it, in messages.media.
CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    -- Set when it is sent; until then it is its owner's alone (G-31).
    conversation_id uuid,
    message_id uuid,
    sent_at timestamptz,
    -- Orders the files of one message in galleries, the first one last.
    place uuid,
    kind text NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'file')),
    name text NOT NULL,
    media_type text NOT NULL,
    -- Bytes as stored, and their SHA-256.
    size bigint NOT NULL CHECK (size >= 0),
    digest bytea NOT NULL,
    -- Where its blobs lie in the store.
    key text NOT NULL,
    thumbnail_key text,
    poster_key text,
    width integer,
    height integer,
    duration double precision,
    codec text,
    waveform smallint[],
    placeholder text,
    -- What was found in it and let pass, because the policy says so.
    flags text[] NOT NULL,
    -- What the virus scanner said; only clean ones are served.
    state text NOT NULL CHECK (state IN ('pending', 'clean', 'infected')),
    uploaded_at timestamptz NOT NULL,
    CONSTRAINT sent_whole CHECK (num_nulls(conversation_id, message_id, sent_at, place) IN (0, 4))
);
-- Galleries, newest first (RM-18, RM-20).
CREATE INDEX idx_attachments_media ON attachments (conversation_id, sent_at DESC, place DESC) WHERE kind IN ('image', 'video');
CREATE INDEX idx_attachments_files ON attachments (conversation_id, sent_at DESC, place DESC) WHERE kind IN ('audio', 'file');
-- Files of a message that goes, of a user who goes.
CREATE INDEX idx_attachments_message ON attachments (message_id);
CREATE INDEX idx_attachments_owner ON attachments (owner_id);
-- What was never sent, and what the scanner has not seen yet: oldest first.
CREATE INDEX idx_attachments_unsent ON attachments (uploaded_at) WHERE message_id IS NULL;
CREATE INDEX idx_attachments_pending ON attachments (uploaded_at) WHERE state = 'pending';

-- What each user's files take, in bytes: written with every file, so that a quota costs one look (FST-31, G-33).
CREATE TABLE storage_use (
    owner_id uuid PRIMARY KEY,
    files bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0
);

-- Galleries are walked by attachments now.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX idx_messages_media;
