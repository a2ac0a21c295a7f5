"""Accounts and sign-in sessions in PostgreSQL. What may be a name or a password, and who is told of an end, is core/accounts.py's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from duologue.core.accounts import TAKEN, Credentials, Listed, Refusal, Session
from duologue.core.errors import Conflict
from duologue.core.model import User, UserState
from duologue.core.users import username_key
from duologue.storage import rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("accounts")
_CHUNK = 500  # rows a transaction may lock (design part 3, Locks)


class AccountStore:
    """Reads and writes accounts and sessions."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def secret(self) -> bytes:
        """What signs the stand-alone server's tokens; drawn once, with the database."""
        secret: bytes = await self._postgres.fetchval(_SQL["secret"])
        return secret

    async def is_taken(self, username: str) -> bool:
        """Whether somebody has the name."""
        taken: bool = await self._postgres.fetchval(_SQL["is_taken"], username_key(username))
        return taken

    async def register(self, user: User, password_hash: str, session: Session | None) -> None:
        """A new user with account, position row and, if wanted, session; `Conflict` when the name is taken."""
        begun = (session.id, session.at, session.expires_at) if session else (None, None, None)
        person = (user.id, user.username, username_key(user.username), user.display_name)
        try:
            await self._postgres.execute(_SQL["register"], *person, password_hash, *begun)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "unique_username":
                raise
            raise Conflict(TAKEN) from error

    async def credentials(self, username: str) -> Credentials | None:
        """Of a user by name, if they have an account."""
        return self._credentials(await self._postgres.fetchrow(_SQL["credentials"], username_key(username)))

    async def credentials_of(self, user_id: UUID) -> Credentials | None:
        """Of a user by id."""
        return self._credentials(await self._postgres.fetchrow(_SQL["credentials_of"], user_id))

    @staticmethod
    def _credentials(row: "asyncpg.Record | None") -> Credentials | None:
        return Credentials(rows.user(row), row["password_hash"]) if row else None

    async def open_session(self, session: Session, password_hash: str | None) -> bool:
        """Begin a session; with a hash only while it is still the account's."""
        begun = (session.id, session.user_id, session.at, session.expires_at)
        return await self._postgres.fetchval(_SQL["open_session"], *begun, password_hash) is not None

    async def refresh(self, session: Session, rotation: int) -> User | None:
        """Move a living session of an active user on from this rotation."""
        moved = (session.id, session.user_id, rotation, session.at, session.expires_at)
        row = await self._postgres.fetchrow(_SQL["refresh"], *moved)
        return rows.user(row) if row else None

    async def refuse(self, session: Session, rotation: int) -> Refusal | None:
        """End a living session that is beyond this rotation."""
        row = await self._postgres.fetchrow(_SQL["refuse"], session.id, session.user_id, rotation, session.at)
        return Refusal(UserState(row["state"]), row["was_ended"]) if row else None

    async def end_session(self, user_id: UUID, session_id: UUID, at: datetime) -> bool:
        """End one session; False when it had ended."""
        return await self._postgres.fetchval(_SQL["end_session"], session_id, user_id, at) is not None

    async def end_sessions(self, user_id: UUID, at: datetime) -> Sequence[UUID]:
        """End all sessions of a user; those that ended now."""
        return [row["id"] for row in await self._postgres.fetch(_SQL["end_sessions"], user_id, at)]

    async def change_password(self, old_hash: str, new_hash: str, session: Session) -> Sequence[UUID] | None:
        """Replace the hash, end all sessions, begin this one. The account's row comes first: who signs in meanwhile waits for it."""
        user_id, at = session.user_id, session.at
        async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
            if await connection.fetchval(_SQL["change_hash"], user_id, old_hash, new_hash, at) is None:
                return None
            ended = await connection.fetch(_SQL["end_sessions"], user_id, at)
            await connection.execute(_SQL["open_session"], session.id, user_id, at, session.expires_at, new_hash)
        return [row["id"] for row in ended]

    async def rehash(self, user_id: UUID, old_hash: str, new_hash: str) -> None:
        """The same password under another hash; when it was changed meanwhile, nothing."""
        await self._postgres.execute(_SQL["change_hash"], user_id, old_hash, new_hash, None)

    async def page(self, after: str, limit: int) -> Sequence[Listed]:
        """Users in the order of their names, beginning after a username."""
        return [
            Listed(rows.user(row), row["external_id"], row["has_password"], row["created_at"])
            for row in await self._postgres.fetch(_SQL["page"], username_key(after), limit)
        ]

    async def prune_sessions(self, before: datetime) -> int:
        """Delete at most 500 sessions that expired before; how many went."""
        gone: int = await self._postgres.fetchval(_SQL["prune_sessions"], before, _CHUNK)
        return gone
