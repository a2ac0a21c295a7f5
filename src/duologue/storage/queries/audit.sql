-- The audit log of operators' acts.

-- fragment: once
-- One row that the planner takes for a thousand: so it believes in the LIMIT and walks the index in order.
generate_series(1, 1 + floor(random())::integer) AS once

-- name: note
-- Keep an entry.
INSERT INTO audit (id, at, actor, action, target_ids, details) VALUES ($1, clock_timestamp(), $2, $3, $4, $5);

-- name: conclude
-- Add how an act ended.
UPDATE audit SET details = details || $2 WHERE id = $1;

-- name: page
-- The log below a time and id ($1, $2), newest first, at most $3.
SELECT id, at, actor, action, target_ids, details
FROM audit CROSS JOIN {once}
WHERE (at, id) < ($1, $2)
ORDER BY at DESC, id DESC LIMIT $3;
