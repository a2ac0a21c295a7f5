"""Erasing a user in PostgreSQL, in short transactions. In which order, and what goes through the pipeline, is core/erasure.py's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from duologue.core.audit import Entry
from duologue.core.erasure import DISPLAY_NAME, Written, erased_usernames
from duologue.core.errors import Unavailable
from duologue.core.model import Cursor, UserState
from duologue.core.ports import Ids
from duologue.storage import audit
from duologue.storage.attachments import keys_of
from duologue.storage.pages import BOTTOM
from duologue.storage.postgres import RETRY_AFTER, Postgres
from duologue.storage.sql import load
from duologue.storage.standing import found, locked

if TYPE_CHECKING:
    from asyncpg import Record

_SQL = load("erasure")
_PARTS = ("sessions", "follows", "keys", "facts")  # the user's own log last
_ATTEMPTS = 4


class ErasureStore:
    """Reads and deletes what is somebody's."""

    def __init__(self, postgres: Postgres, ids: Ids) -> None:
        self._postgres = postgres
        self._ids = ids

    async def shut_out(self, user_id: UUID, entry: Entry) -> None:
        """Under the user's lock: erased, nameless, without account and settings. `NotFound`. Again adds the entry alone."""
        for _ in range(_ATTEMPTS):
            try:
                async with locked(self._postgres, (user_id,)) as connection:
                    state = UserState((await found(connection, user_id))["state"])
                    if state is not UserState.ERASED:
                        names = erased_usernames(self._ids)
                        if await connection.fetchval(_SQL["shut_out"], user_id, names, DISPLAY_NAME) is None:
                            continue
                        await connection.execute(_SQL["close_account"], user_id)
                    await audit.note(connection, entry, again=state is UserState.ERASED)
                    return
            except asyncpg.UniqueViolationError:  # somebody took the name between our look and our writing
                continue
        raise Unavailable(retry_after=RETRY_AFTER)

    async def blocked(self, user_id: UUID, limit: int) -> Sequence[UUID]:
        """Some of those whom the user blocks."""
        return [row["blocked_id"] for row in await self._postgres.fetch(_SQL["blocked"], user_id, limit)]

    async def conversations(self, user_id: UUID) -> Sequence[UUID]:
        """All conversations of the user."""
        return [row["id"] for row in await self._postgres.fetch(_SQL["conversations"], user_id)]

    async def written(
        self, user_id: UUID, conversation_id: UUID, after: Cursor | None, limit: int
    ) -> Sequence[Written]:
        """The next messages of a conversation, of both sides, deleted ones included, oldest first."""
        above = after or BOTTOM
        rows = await self._postgres.fetch(_SQL["written"], user_id, conversation_id, above.at, above.id, limit)
        return [
            Written(row["id"], Cursor(row["created_at"], row["id"]), row["is_own"], row["is_deleted"]) for row in rows
        ]

    async def empty(self, conversation_id: UUID, message_ids: Sequence[UUID]) -> None:
        """Forget the temp ids of these messages; of deleted ones also text, media and links."""
        async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
            await connection.execute(_SQL["lock_conversation"], conversation_id)
            await connection.execute(_SQL["empty"], message_ids)
            await connection.execute(_SQL["unlink"], conversation_id, message_ids)

    async def files(self, message_ids: Sequence[UUID], limit: int) -> tuple[int, list[str]]:
        """Forget some files of those of these messages that are deleted; how many, and the keys of their blobs."""
        return _gone(await self._postgres.fetch(_SQL["files"], message_ids, limit))

    async def unsent(self, user_id: UUID, limit: int) -> tuple[int, list[str]]:
        """Forget some files that the user never sent; how many, and the keys of their blobs."""
        return _gone(await self._postgres.fetch(_SQL["unsent"], user_id, limit))

    async def forget(self, user_id: UUID, limit: int) -> int:
        """Delete some sessions, follows of both directions, send keys or facts of the user's own log; how many went."""
        for part in _PARTS:
            if gone := await self._postgres.fetchval(_SQL[part], user_id, limit):
                return int(gone)
        return 0


def _gone(found: "Sequence[Record]") -> tuple[int, list[str]]:
    return len(found), keys_of(found)
