"""What must be true of any database after any run: recounts instead of trust."""

import asyncpg

CHECKS = {
    "unread counts equal a recount": """
        SELECT p.conversation_id, p.user_id, p.unread_count, count(m.id) FROM conversation_participants p
        LEFT JOIN messages m ON m.conversation_id = p.conversation_id AND m.receiver_id = p.user_id
        AND m.read_at IS NULL AND m.deleted_at IS NULL AND (p.deleted_to IS NULL OR m.created_at > p.deleted_to)
        GROUP BY 1, 2, 3 HAVING p.unread_count <> count(m.id)""",
    "nothing that the reader sees is unread where the search for unread ones does not look": """
        SELECT m.id FROM conversation_participants p JOIN messages m ON m.conversation_id = p.conversation_id
        AND m.receiver_id = p.user_id AND m.created_at <= p.read_to AND m.read_at IS NULL AND m.deleted_at IS NULL
        WHERE p.deleted_to IS NULL OR m.created_at > p.deleted_to""",
    "what was deleted with its conversation is not looked for": """
        SELECT conversation_id, user_id FROM conversation_participants WHERE deleted_to > read_to""",
    "what shows as read was delivered": """
        SELECT m.id FROM messages m JOIN conversation_participants p ON p.conversation_id = m.conversation_id
        AND p.user_id = m.receiver_id WHERE m.read_at IS NOT NULL AND m.read_shown AND p.delivered_to < m.created_at""",
    "no mark is beyond the last message": """
        SELECT p.conversation_id, p.user_id FROM conversation_participants p JOIN conversations c ON c.id = p.conversation_id
        WHERE greatest(p.read_to, p.delivered_to, p.deleted_to) > c.updated_at""",
    "a deletion is a fact for both, once": """
        SELECT m.id FROM messages m LEFT JOIN user_events e ON e.message_id = m.id AND e.kind = 8
        AND e.user_id IN (m.sender_id, m.receiver_id) GROUP BY m.id, m.deleted_at
        HAVING count(e.*) <> CASE WHEN m.deleted_at IS NULL THEN 0 ELSE 2 END
        OR count(DISTINCT e.user_id) <> count(e.*)""",
    "totals leave hidden conversations out": """
        SELECT o.user_id, o.unread_total, coalesce(sum(p.unread_count), 0) FROM positions o
        LEFT JOIN conversation_participants p ON p.user_id = o.user_id AND NOT EXISTS (
            SELECT FROM conversations c JOIN blocks b ON b.blocked_id = o.user_id
            AND b.blocker_id = CASE WHEN c.user1_id = o.user_id THEN c.user2_id ELSE c.user1_id END
            WHERE c.id = p.conversation_id)
        GROUP BY 1, 2 HAVING o.unread_total <> coalesce(sum(p.unread_count), 0)""",
    "positions are dense and end at the head": """
        SELECT o.user_id, o.head, count(e.position), max(e.position), min(e.position) FROM positions o
        LEFT JOIN user_events e ON e.user_id = o.user_id
        GROUP BY 1, 2 HAVING o.head <> count(e.position) OR o.head <> coalesce(max(e.position), 0)""",
    "every message is a fact for both": """
        SELECT m.id, count(e.*) FROM messages m LEFT JOIN user_events e ON e.message_id = m.id AND e.kind = 1
        AND e.user_id IN (m.sender_id, m.receiver_id) GROUP BY 1 HAVING count(e.*) <> 2""",
    "positions follow the order of the conversation": """
        SELECT * FROM (SELECT e.user_id, e.conversation_id, m.created_at,
            lag(m.created_at) OVER (PARTITION BY e.user_id, e.conversation_id ORDER BY e.position) AS before
            FROM user_events e JOIN messages m ON m.id = e.message_id AND e.kind = 1) t WHERE before >= created_at""",
    "the preview is the newest message": """
        SELECT c.id FROM conversations c LEFT JOIN LATERAL (SELECT id, sender_id, created_at FROM messages m
            WHERE m.conversation_id = c.id ORDER BY created_at DESC, id DESC LIMIT 1) m ON true
        WHERE c.last_message_id IS DISTINCT FROM m.id OR c.last_message_sender_id IS DISTINCT FROM m.sender_id
        OR c.last_message_at IS DISTINCT FROM m.created_at OR c.updated_at <> coalesce(m.created_at, c.created_at)""",
}


async def faults(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    """The checks that fail, with how many rows each."""
    found = {name: len(await connection.fetch(query)) for name, query in CHECKS.items()}
    return {name: count for name, count in found.items() if count}
