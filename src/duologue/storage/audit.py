"""The audit log in PostgreSQL. What an entry says is core/audit.py's."""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from duologue.core.audit import Action, Actor, Entry
from duologue.core.model import Cursor, Page
from duologue.storage import pages
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from asyncpg import Record

    from duologue.storage.postgres import Pooled

_SQL = load("audit")


class AuditStore:
    """Reads and writes entries; one statement per method."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def note(self, entry: Entry) -> None:
        """Keep an entry."""
        await self._postgres.execute(_SQL["note"], *_values(entry))

    async def conclude(self, entry: Entry, **details: object) -> None:
        """Add to an entry how its act ended."""
        await self._postgres.execute(_SQL["conclude"], entry.id, json.dumps(details))

    async def page(self, cursor: Cursor | None, limit: int) -> Page[Entry]:
        """The log, newest first."""
        below = cursor or pages.TOP
        found = await self._postgres.fetch(_SQL["page"], below.at, below.id, limit + 1)
        return pages.page([_entry(row) for row in found], limit, _place)


async def note(connection: "Pooled", entry: Entry, *targets: UUID, **details: object) -> None:
    """Keep an entry in the transaction of its act; with what only the act has found out."""
    await connection.execute(_SQL["note"], *_values(entry, targets, details))


def _values(entry: Entry, targets: tuple[UUID, ...] = (), details: dict[str, object] | None = None) -> tuple[Any, ...]:
    said = json.dumps({**(entry.details or {}), **(details or {})})
    return entry.id, entry.actor, entry.action, [*entry.target_ids, *targets], said


def _entry(row: "Record") -> Entry:
    action = Action(row["action"])
    return Entry(row["id"], Actor(row["actor"]), action, row["target_ids"], json.loads(row["details"]), row["at"])


def _place(entry: Entry) -> Cursor:
    if entry.at is None:
        raise ValueError("an entry that was read has its time")
    return Cursor(entry.at, entry.id)
