"""The records of files for housekeeping and for `duologue check`. When and how much, is core/housekeeping.py's."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from duologue.core.files import ScanState
from duologue.core.housekeeping import Unscanned
from duologue.core.model import Cursor
from duologue.storage.attachments import keys_of
from duologue.storage.pages import BOTTOM
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("housekeeping")


class HousekeepingStore:
    """Reads and removes; one statement per method."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Hold the turn by a transaction in which nothing else happens: it holds no snapshot, and ends with its connection."""
        async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
            yield bool(await connection.fetchval(_SQL["turn"]))

    async def erased(self, user_ids: Collection[UUID]) -> Sequence[UUID]:
        """Who of these was erased."""
        return [row["id"] for row in await self._postgres.fetch(_SQL["erased"], user_ids)]

    async def remove_unsent(self, before: datetime, limit: int) -> tuple[int, list[str]]:
        """Forget files that were never sent; how many, and the keys of their blobs."""
        gone = await self._postgres.fetch(_SQL["remove_unsent"], before, limit)
        return len(gone), keys_of(gone)

    async def pending(self, after: Cursor | None, limit: int) -> Sequence[Unscanned]:
        """Files the scanner has not seen, oldest first."""
        above = after or BOTTOM
        found = await self._postgres.fetch(_SQL["pending"], above.at, above.id, limit)
        return [Unscanned(row["id"], Cursor(row["uploaded_at"], row["id"]), row["key"]) for row in found]

    async def scanned(self, file_id: UUID, state: ScanState) -> bool:
        """Keep what the scanner said."""
        return await self._postgres.fetchval(_SQL["scanned"], file_id, state.value) is not None

    async def strays(self, blobs: Sequence[tuple[UUID, datetime]]) -> Mapping[int, bool]:
        """Which of these blobs have no record."""
        ids, times = [file_id for file_id, _ in blobs], [at for _, at in blobs]
        return {row["ord"] - 1: row["is_ours"] for row in await self._postgres.fetch(_SQL["strays"], ids, times)}

    async def recorded(self, after: UUID, before: datetime, limit: int) -> Sequence[tuple[UUID, bool, list[str]]]:
        """The next files by id, whether they were there before a time, and the keys of their blobs."""
        found = await self._postgres.fetch(_SQL["recorded"], after, before, limit)
        return [(row["id"], row["was_there"], keys_of([row])) for row in found]
