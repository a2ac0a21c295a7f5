-- The seeded world (storage/seed). Its rows go in by COPY.

-- name: take_turn
-- One seed at a time; the number is arbitrary, and ours for ever.
SELECT pg_advisory_xact_lock(7355608002);

-- name: known
-- Who of the seed's people is there, and who has one of their names.
SELECT id, username FROM users WHERE id = ANY($1::uuid[]) OR username_key = ANY($2::text[]);

-- name: counts
-- The conversations of the seed's people among themselves, and the messages in them.
SELECT
    count(*) AS conversations,
    coalesce(sum((SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id)), 0)::bigint AS messages
FROM conversations AS c WHERE c.user1_id = ANY($1::uuid[]) AND c.user2_id = ANY($1::uuid[]);

-- name: analyse
-- Let the planner know of what was filled.
ANALYZE users, positions, user_events, conversations, conversation_participants, messages, links;
