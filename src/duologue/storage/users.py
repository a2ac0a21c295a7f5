"""Users and the graph: look-ups, search, settings, follows, last seen. Accounts and claims have a module of their own."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from duologue.core.errors import Forbidden, NotFound
from duologue.core.events import Kind
from duologue.core.model import Profile, Reach, User
from duologue.core.rules import pair
from duologue.core.users import username_key
from duologue.storage import rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("users")

NO_USER = "User not found"
CHANGEABLE = frozenset({"display_name", "avatar_url", "who_can_message", "send_read_receipts", "show_last_seen"})
_HIGHEST = "\U0010ffff" * 64  # after every username that starts with what stands before it
_CHUNK = 500  # rows a transaction may lock (design part 3, Locks)


class UserStore:
    """Reads users, and writes what they change of themselves."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def by_username(self, username: str) -> User | None:
        """A user by name, without case."""
        key = username_key(username)
        if not _can_be_stored(key):
            return None
        row = await self._postgres.fetchrow(_SQL["by_username"], key)
        return rows.user(row) if row else None

    async def get(self, user_id: UUID) -> User | None:
        """A user by id."""
        row = await self._postgres.fetchrow(_SQL["by_id"], user_id)
        return rows.user(row) if row else None

    async def reach(self, user_id: UUID, other_id: UUID) -> Reach | None:
        """What stands between two users (PRV-05); None if there is no such other one."""
        row = await self._postgres.fetchrow(_SQL["reach"], user_id, other_id, *pair(user_id, other_id))
        if row is None:
            return None
        return Reach(rows.user(row), row["blocking"], row["blocked_by"], row["follows"], row["has_messages"])

    async def search(self, prefix: str, limit: int, *, except_id: UUID, after: str = "") -> list[Profile]:
        """Active users whose username starts so, without case, in order; blocks of either direction are left out."""
        key, last = username_key(prefix), username_key(after)
        if not _can_be_stored(key) or not _can_be_stored(last):
            return []
        found = await self._postgres.fetch(_SQL["search"], key, key + _HIGHEST, except_id, limit, last)
        return [rows.profile(row) for row in found]

    async def update(self, user_id: UUID, changes: Mapping[str, Any]) -> tuple[User, int, int]:
        """Change some of `CHANGEABLE`; the user, the position of the fact to publish, the unread total.

        `NotFound`; `Forbidden` for who was shut out meanwhile.
        """
        unknown = changes.keys() - CHANGEABLE
        if unknown:
            raise ValueError(f"not changeable: {sorted(unknown)}")
        async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
            locked = await connection.fetchrow(_SQL["lock"], user_id)
            row = await connection.fetchrow(
                _SQL["update"], user_id, json.dumps(dict(changes)), int(Kind.SETTINGS_CHANGED)
            )
        if locked is None:
            raise NotFound(NO_USER)
        if row is None:
            raise Forbidden
        return rows.user(row), row["head"], row["unread_total"]

    async def follow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Follow; again changes nothing."""
        await self._postgres.execute(_SQL["follow"], follower_id, followed_id)

    async def unfollow(self, follower_id: UUID, followed_id: UUID) -> None:
        """Stop following; when not following changes nothing."""
        await self._postgres.execute(_SQL["unfollow"], follower_id, followed_id)

    async def seen(self, user_ids: Sequence[UUID], at: datetime) -> None:
        """Write when users were last seen; an earlier time changes nothing."""
        for start in range(0, len(user_ids), _CHUNK):
            await self._postgres.execute(_SQL["seen"], user_ids[start : start + _CHUNK], at)


def _can_be_stored(key: str) -> bool:
    """PostgreSQL holds neither NUL nor lone surrogates, so nobody has such a name."""
    return "\0" not in key and not any("\ud800" <= letter <= "\udfff" for letter in key)
