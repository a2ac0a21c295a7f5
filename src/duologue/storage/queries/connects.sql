-- What connecting sockets need, many users in one statement (design part 4).

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order (conversations.sql).
generate_series(1, 1 + floor(random())::integer) AS once

-- name: load
-- Head, and the most recent partners without a block in either direction, with whether both show last seen.
SELECT p.user_id, p.head, partners.ids, partners.shown
FROM unnest($1::uuid[]) AS asked (user_id)
JOIN positions AS p ON p.user_id = asked.user_id
JOIN users AS me ON me.id = asked.user_id
CROSS JOIN LATERAL (
    SELECT array_agg(c.other_id ORDER BY c.updated_at DESC) AS ids,
        array_agg(c.other_id) FILTER (WHERE me.show_last_seen AND other.show_last_seen) AS shown
    FROM (
        SELECT either.other_id, either.updated_at
        FROM (
            (SELECT c.user2_id AS other_id, c.updated_at FROM conversations AS c CROSS JOIN {once}
            WHERE c.user1_id = asked.user_id
            AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = asked.user_id AND b.blocked_id = c.user2_id OFFSET 0)
            AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.user2_id AND b.blocked_id = asked.user_id OFFSET 0)
            ORDER BY c.updated_at DESC, c.id DESC LIMIT $2)
            UNION ALL
            (SELECT c.user1_id AS other_id, c.updated_at FROM conversations AS c CROSS JOIN {once}
            WHERE c.user2_id = asked.user_id
            AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = asked.user_id AND b.blocked_id = c.user1_id OFFSET 0)
            AND NOT EXISTS (SELECT FROM blocks AS b WHERE b.blocker_id = c.user1_id AND b.blocked_id = asked.user_id OFFSET 0)
            ORDER BY c.updated_at DESC, c.id DESC LIMIT $2)
        ) AS either
        ORDER BY either.updated_at DESC LIMIT $2
    ) AS c
    CROSS JOIN LATERAL (SELECT u.show_last_seen FROM users AS u WHERE u.id = c.other_id OFFSET 0) AS other
) AS partners
