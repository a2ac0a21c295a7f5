"""Callers: who stands behind a token, and the rows that a platform's tokens make. What a difference is, is core/callers.py's."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from duologue.core.callers import Asked, Found, Identity
from duologue.core.erasure import erased_usernames
from duologue.core.errors import Unavailable
from duologue.core.model import UserState
from duologue.core.ports import Clock, Ids
from duologue.core.users import generated_usernames, username_key
from duologue.storage import rows
from duologue.storage.postgres import RETRY_AFTER, Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from duologue.storage.postgres import Pooled

_SQL = load("callers")
_ATTEMPTS = 8  # each lost to somebody who was faster with the same user or name


class CallerStore:
    """Looks callers up, and admits those of a platform. `ids` are for names when both generated ones are taken."""

    def __init__(self, postgres: Postgres, *, clock: Clock, ids: Ids) -> None:
        self._postgres = postgres
        self._clock = clock
        self._ids = ids

    async def find(self, asked: Sequence[Asked]) -> dict[Asked, Found]:
        """Those who are there, in one statement."""
        users, sessions = zip(*asked, strict=True)
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        found = await self._postgres.fetch(_SQL["find"], users, sessions, now)
        return {
            (row["asked_user_id"], row["asked_session_id"]): Found(
                rows.user(row), row["head"], row["unread_total"], row["lives"]
            )
            for row in found
        }

    async def admit(self, identity: Identity, *, is_new: bool) -> None:
        """Make or refresh a row by its claims; race-safe by locks in the order of ids, and by trying again."""
        if is_new and await self._insert(self._postgres, identity):  # nearly always all there is to do
            return
        for _ in range(_ATTEMPTS):
            try:
                async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
                    if await self._admit(connection, identity):
                        return
            except asyncpg.UniqueViolationError:  # somebody took the name between our look and our writing
                continue
        raise Unavailable(retry_after=RETRY_AFTER)

    async def _admit(self, connection: "Pooled", identity: Identity) -> bool:
        """One attempt, in a transaction; False: what it was to rest on has changed meanwhile."""
        key = username_key(identity.username) if identity.username is not None else None
        involved = await connection.fetch(_SQL["involved"], identity.user_id, key)
        if involved:
            await connection.execute(_SQL["patience"])
            await connection.fetch(_SQL["lock"], [row["id"] for row in involved])
            again = await connection.fetch(_SQL["involved"], identity.user_id, key)
            if {row["id"] for row in again} != {row["id"] for row in involved}:
                return False
            involved = again
        me = next((row for row in involved if row["id"] == identity.user_id), None)
        if me is not None and me["state"] != UserState.ACTIVE:
            return True
        for row in involved:
            if row["has_name"] and row["id"] != identity.user_id:
                await connection.execute(_SQL["evict"], row["id"], self._names(row), key)
        if me is None:
            return await self._insert(connection, identity)
        claims = (key, identity.username, identity.display_name, identity.avatar_url)
        await connection.execute(_SQL["refresh"], identity.user_id, *claims)
        return True

    async def _insert(self, database: "Postgres | Pooled", identity: Identity) -> bool:
        """False: somebody has the id or the name."""
        key = username_key(identity.username) if identity.username is not None else None
        claims = (key, identity.username, identity.display_name, identity.avatar_url, identity.external_id)
        offers = self._offers(identity.user_id)
        return await database.fetchval(_SQL["insert"], identity.user_id, offers, *claims) is not None

    def _names(self, holder: "asyncpg.Record") -> list[str]:
        """Names for who loses one; an erased user's stays one that says nothing."""
        return erased_usernames(self._ids) if holder["state"] == UserState.ERASED else self._offers(holder["id"])

    def _offers(self, user_id: UUID) -> list[str]:
        """Names for a user without one; the last, which nobody can have foreseen, is free."""
        return [*generated_usernames(user_id), f"user-{self._ids().hex}"]
