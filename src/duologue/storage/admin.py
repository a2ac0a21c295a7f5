"""Operators' reads and writes in PostgreSQL: users, follows, messages, counts. Making users is upserts.py's."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from duologue.core.admin import BOTH_WAYS, ONESELF, Edge, Edges, Fault, Known, as_uuid
from duologue.core.audit import Entry
from duologue.core.errors import NotFound, Unavailable, ValidationFailed
from duologue.core.model import Message, UserState
from duologue.core.standing import NO_USER
from duologue.storage import audit, rows
from duologue.storage.postgres import RETRY_AFTER, Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from asyncpg import Record

_SQL = load("admin")
EXACT = 100_000  # rows that are counted one by one


class AdminStore:
    """Reads and writes for operators."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def find(self, user_id: UUID | None, external_id: str) -> Known | None:
        """A user by id, else by external id."""
        row = None
        if user_id is not None:
            row = await self._postgres.fetchrow(_SQL["by_id"], user_id)
        if row is None and "\0" not in external_id:
            row = await self._postgres.fetchrow(_SQL["by_external_id"], external_id)
        return rows.known(row) if row else None

    async def message(self, message_id: UUID) -> Message | None:
        """A message that is there for its users, without its text."""
        row = await self._postgres.fetchrow(_SQL["message"], message_id)
        return rows.message(row) if row else None

    async def counts(self) -> Mapping[str, int]:
        """How many rows of each noun there are: exact up to 100,000, from there the database's estimate. Files and bytes: exact."""
        row = await self._postgres.fetchrow(_SQL["counts"], EXACT)
        if row is None:
            raise Unavailable(retry_after=RETRY_AFTER)
        estimates = json.loads(row["estimates"])
        counted = {name: row[name] for name in estimates}
        rough = {name: max(count, estimates[name]) if count == EXACT else count for name, count in counted.items()}
        return rough | {"files": row["files"], "bytes": row["bytes"]}

    async def change_follows(
        self, add: Sequence[Edge], remove: Sequence[Edge], entry: Entry
    ) -> Edges | Sequence[Fault]:
        """Apply all of them in one transaction, or nothing and say why."""
        async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
            await connection.execute(_SQL["patience"])
            names = {name for edge in (*add, *remove) for name in (edge.follower, edge.followed)}
            ids = [found for name in names if (found := as_uuid(name))]
            held = await connection.fetch(_SQL["hold"], ids, [name for name in names if "\0" not in name])
            faults, pairs = _pairs({"add": add, "remove": remove}, held)
            if faults:
                return faults
            gone = await connection.fetch(_SQL["unfollow"], *_columns(pairs["remove"]))
            come = await connection.fetch(_SQL["follow"], *_columns(pairs["add"]))
            await audit.note(connection, entry, added=len(come), removed=len(gone))
        return Edges(len(come), len(gone))


Pair = tuple[UUID, UUID]


def _pairs(lists: Mapping[str, Sequence[Edge]], held: "Sequence[Record]") -> tuple[list[Fault], dict[str, list[Pair]]]:
    """The follows by ids, each once; and what stands against them."""
    there = {str(row["id"]): row["id"] for row in held if row["state"] != UserState.ERASED}
    there = {row["external_id"]: row["id"] for row in held if row["external_id"] is not None} | there
    faults: list[Fault] = []
    pairs: dict[str, list[Pair]] = {name: [] for name in lists}
    met: dict[Pair, str] = {}
    for name, edges in lists.items():
        for index, edge in enumerate(edges):
            ends = [there.get(end.lower() if as_uuid(end) else end) for end in (edge.follower, edge.followed)]
            missing = [field for field, end in zip(("follower", "followed"), ends, strict=True) if end is None]
            faults += [Fault(index, NotFound(NO_USER), name, field) for field in missing]
            if missing:
                continue
            pair: Pair = (ends[0], ends[1])  # type: ignore[assignment]  # none is missing
            if pair[0] == pair[1]:
                faults.append(Fault(index, ValidationFailed(ONESELF), name))
            elif pair not in met:
                met[pair] = name
                pairs[name].append(pair)
            elif met[pair] != name:
                faults.append(Fault(index, ValidationFailed(BOTH_WAYS), name))
    return faults, pairs


def _columns(pairs: Sequence[Pair]) -> tuple[list[UUID], list[UUID]]:
    return [one for one, _ in pairs], [other for _, other in pairs]
