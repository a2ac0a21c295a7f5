-- Undo of 0003: files are forgotten; their blobs stay in the store, and messages keep what they show of them.
CREATE INDEX idx_messages_media ON messages (conversation_id, created_at DESC, id DESC) WHERE type <> 'text';
DROP TABLE storage_use, attachments;
