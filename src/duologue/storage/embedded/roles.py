"""The role and the database that the product uses, made by the superuser `postgres` when they are missing."""

import asyncpg

# Not a superuser: the same code must run on a hosted PostgreSQL, and a hole in it must not reach the operating system.
# Its errors reach the client, which knows what may be logged; their texts can quote a value ("invalid input syntax
# for type uuid: ..."), so PostgreSQL does not write them down.
ROLE = """
CREATE ROLE duologue LOGIN CREATEDB REPLICATION;
GRANT pg_monitor, pg_checkpoint, pg_signal_backend TO duologue;
ALTER ROLE duologue SET log_min_messages = 'log';
"""


async def ensure_roles(connection: asyncpg.Connection) -> None:
    """Create role and database `duologue` if they are not there yet; a start cut short is made good here."""
    if not await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = 'duologue'"):
        async with connection.transaction():
            await connection.execute(ROLE)
    if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'duologue'"):
        await connection.execute("CREATE DATABASE duologue OWNER duologue")
