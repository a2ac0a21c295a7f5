-- What files take, as quotas ask for it.

-- name: of_user
-- Bytes of a user's files.
SELECT bytes FROM storage_use WHERE owner_id = $1;

-- name: of_store
-- Bytes of all files.
SELECT coalesce(sum(bytes), 0)::bigint FROM storage_use;
