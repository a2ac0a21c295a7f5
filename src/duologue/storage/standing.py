"""Users' states in PostgreSQL, and the facts that tell partners of them. When they change is core/standing.py's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from duologue.core.audit import Entry
from duologue.core.errors import Conflict, NotFound
from duologue.core.events import Kind, Notice, UserChanged
from duologue.core.model import User, UserState
from duologue.core.standing import ERASED, NO_USER, Untold
from duologue.storage import audit, rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from asyncpg import Record

    from duologue.storage.postgres import Pooled

_SQL = load("standing")


class StandingStore:
    """Writes users' states."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def change(self, user_id: UUID, state: UserState, entry: Entry) -> User:
        """Activate or deactivate under the user's lock; so already, nothing changes but the audit. `NotFound`, `Conflict` when erased."""
        async with locked(self._postgres, (user_id,)) as connection:
            row = await found(connection, user_id)
            user = rows.user(row)
            if user.state is UserState.ERASED:
                raise Conflict(ERASED)
            is_change = user.state is not state
            if is_change:
                await connection.execute(_SQL["change"], user_id, state)
                user.state = state
            await audit.note(connection, entry, changed=is_change)
        return user

    async def sign_out(self, user_id: UUID, entry: Entry) -> None:
        """End all sign-in sessions of a user, with the audit's entry; `NotFound`."""
        async with locked(self._postgres, (user_id,)) as connection:
            await found(connection, user_id)
            ended = await connection.fetch(_SQL["sign_out"], user_id)
            await audit.note(connection, entry, sessions=len(ended))

    async def untold(self, user_id: UUID) -> Untold | None:
        """Who is still to be told; None when nobody is."""
        row = await self._postgres.fetchrow(_SQL["untold"], user_id)
        return Untold(row["told_to"], row["partner_ids"]) if row else None

    async def tell(self, user_id: UUID, after: UUID, partner_ids: Sequence[UUID]) -> Sequence[UserChanged] | None:
        """Write the facts of these partners, who come next after `after`; None: somebody else has moved on meanwhile."""
        async with locked(self._postgres, (*partner_ids, user_id)) as connection:
            row = await found(connection, user_id)
            if row["told_to"] != after:
                return None
            told = await connection.fetch(_SQL["tell"], user_id, partner_ids, int(Kind.USER_CHANGED), partner_ids[-1])
        user = rows.user(row)
        return [_fact(user, each) for each in told]

    async def finish(self, user_id: UUID, after: UUID) -> None:
        """Everybody knows, unless somebody else has moved on meanwhile."""
        await self._postgres.execute(_SQL["finish"], user_id, after)


@asynccontextmanager
async def locked(postgres: Postgres, user_ids: Sequence[UUID]) -> "AsyncIterator[Pooled]":
    """A transaction that holds the position rows of these users: what is read in it by later statements stays as it is."""
    async with postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
        await connection.execute(_SQL["patience"])
        await connection.fetch(_SQL["lock"], user_ids)
        yield connection


async def found(connection: "Pooled", user_id: UUID) -> "Record":
    """The user's row; `NotFound`."""
    row = await connection.fetchrow(_SQL["user"], user_id)
    if row is None:
        raise NotFound(NO_USER)
    return row


def _fact(user: User, row: "Record") -> UserChanged:
    viewer = User(row["partner_id"], "", show_last_seen=row["show_last_seen"])
    profile = rows.seen_by(viewer, user, shows_presence=not row["is_blocked"])
    notice = Notice(viewer.id, row["head"], row["unread_count"], row["unread_total"])
    return UserChanged(row["conversation_id"], profile, (notice,))
