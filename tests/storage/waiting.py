"""Waiting for what only the database knows."""

import asyncio

from duologue.storage.postgres import Postgres

_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


async def lock_is_waited_for(postgres: Postgres) -> None:
    """Return when a statement in the test's database waits for somebody's lock."""
    async with asyncio.timeout(5):
        while not await postgres.fetchval(_WAITING):  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.01)
