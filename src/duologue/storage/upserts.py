"""Users made and changed many at a time, in one transaction. What an item may say is core/upserts.py's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from duologue.core.admin import Fault
from duologue.core.audit import Entry
from duologue.core.errors import Conflict, Unavailable, ValidationFailed
from duologue.core.model import UserState
from duologue.core.ports import Ids
from duologue.core.standing import ERASED
from duologue.core.upserts import NAME_TAKEN, OTHERS_EXTERNAL_ID, TWICE, Upserted, Wanted
from duologue.core.users import generated_usernames, username_key
from duologue.storage import audit, rows
from duologue.storage.postgres import RETRY_AFTER, Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from asyncpg import Record

    from duologue.storage.postgres import Pooled

_SQL = load("upserts")
_ATTEMPTS = 8  # each lost to somebody who was faster with the same user or name


class UpsertStore:
    """Makes and changes users. `takes_names`: a name that an item gives is taken from whoever has it (design part 6)."""

    def __init__(self, postgres: Postgres, ids: Ids, *, takes_names: bool) -> None:
        self._postgres = postgres
        self._ids = ids
        self._takes_names = takes_names

    async def upsert(self, wanted: Sequence[Wanted], entry: Entry) -> Sequence[Upserted] | Sequence[Fault]:
        """Make or change all of them in one transaction, or nothing and say why.

        Race-safe by locks in the order of ids, and by trying again.
        """
        for _ in range(_ATTEMPTS):
            try:
                async with self._postgres.acquire() as connection, connection.transaction(isolation="read_committed"):
                    outcome = await self._upsert(connection, wanted, entry)
                if outcome is not None:
                    return outcome
            except asyncpg.UniqueViolationError:  # somebody took an id or a name between our look and our writing
                continue
        raise Unavailable(retry_after=RETRY_AFTER)

    async def _upsert(
        self, connection: "Pooled", wanted: Sequence[Wanted], entry: Entry
    ) -> Sequence[Upserted] | Sequence[Fault] | None:
        """One attempt; None: what it was to rest on has changed meanwhile."""
        batch = _Batch(wanted)
        await connection.execute(_SQL["patience"])
        seen = await connection.fetch(_SQL["involved"], *batch.named)
        if seen:
            await connection.fetch(_SQL["lock"], [row["id"] for row in seen])
            again = await connection.fetch(_SQL["involved"], *batch.named)
            if {row["id"] for row in again} != {row["id"] for row in seen}:
                return None
            seen = again
        batch.meet(seen)
        if faults := batch.faults(takes_names=self._takes_names):
            return faults
        await self._write(connection, batch)
        await audit.note(connection, entry, *batch.ids, created=len(batch.fresh), updated=len(batch.standing))
        found = {row["id"]: rows.known(row) for row in await connection.fetch(_SQL["many"], batch.ids)}
        return [Upserted(found[id_], id_ not in batch.there) for id_ in batch.ids]

    async def _write(self, connection: "Pooled", batch: "_Batch") -> None:
        if batch.evicted:
            offers = [self._offers(id_) for id_ in batch.evicted]
            await connection.execute(_SQL["evict"], batch.keys, batch.evicted, *zip(*offers, strict=True))
        if batch.standing:
            changes = [_change(id_, one) for id_, one in batch.standing]
            await connection.execute(_SQL["change"], *zip(*changes, strict=True))
        if batch.fresh:
            fresh = [(*_fresh(id_, one), *self._offers(id_)) for id_, one in batch.fresh]
            await connection.execute(_SQL["insert"], batch.keys, *zip(*fresh, strict=True))

    def _offers(self, user_id: UUID) -> tuple[str, str, str]:
        """Names for a user without one; the last, which nobody can have foreseen, is free."""
        return (*generated_usernames(user_id), f"user-{self._ids().hex}")


class _Batch:
    """The items of an upsert, held against the users who are there."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._wanted = wanted
        self.keys = [key for one in wanted if (key := _key(one)) is not None]
        external_ids = [one.external_id for one in wanted if one.external_id is not None]
        self.named = ([one.id for one in wanted], external_ids, self.keys)
        self.there: dict[UUID, Record] = {}

    def meet(self, seen: "Sequence[Record]") -> None:
        """Take in who is there: by id, by external id, by name."""
        self.there = {row["id"]: row for row in seen}
        self._by_external_id = {row["external_id"]: row["id"] for row in seen if row["external_id"] is not None}
        self._by_key = {row["username_key"]: row["id"] for row in seen}
        self.ids = [self._id(one) for one in self._wanted]
        items = list(zip(self.ids, self._wanted, strict=True))
        self.standing = [(id_, one) for id_, one in items if id_ in self.there]
        self.fresh = [(id_, one) for id_, one in items if id_ not in self.there]
        claimed = {key: id_ for id_, one in items if (key := _key(one)) is not None}
        self.evicted = [
            holder for key, id_ in claimed.items() if (holder := self._by_key.get(key)) is not None and holder != id_
        ]

    def _id(self, one: Wanted) -> UUID:
        """Somebody made with an id of their own, and this external id, is meant by the external id alone."""
        known = self._by_external_id.get(one.external_id) if one.derived and one.external_id else None
        if known is None and one.id is None:
            raise ValueError("the core gives every item an id")
        return known or one.id  # type: ignore[return-value]  # see above

    def faults(self, *, takes_names: bool) -> list[Fault]:
        """What stands against writing them."""
        faults: list[Fault] = []
        met: set[UUID] = set()
        for index, (id_, one) in enumerate(zip(self.ids, self._wanted, strict=True)):
            there = self.there.get(id_)
            if id_ in met:
                faults.append(Fault(index, ValidationFailed(TWICE), field="externalId"))
            met.add(id_)
            if there is not None and there["state"] == UserState.ERASED:
                faults.append(Fault(index, Conflict(ERASED)))
            holder = self._by_external_id.get(one.external_id) if one.external_id else None
            if holder is not None and holder != id_:
                faults.append(Fault(index, Conflict(OTHERS_EXTERNAL_ID), field="externalId"))
            if self._keeps_name(id_, one, takes_names=takes_names):
                faults.append(Fault(index, Conflict(NAME_TAKEN), field="username"))
        return faults

    def _keeps_name(self, id_: UUID, one: Wanted, *, takes_names: bool) -> bool:
        """Whether the one who has the name keeps it: an erased user always, where accounts are ours everybody but items of the batch."""
        key = _key(one)
        holder = None if key is None else self._by_key.get(key)
        if holder is None or holder == id_:
            return False
        gives_up = any(other == holder and (new := _key(item)) and new != key for other, item in self.standing)
        return self.there[holder]["state"] == UserState.ERASED or not (takes_names or gives_up)


def _key(one: Wanted) -> str | None:
    username = one.changes.get("username")
    return None if username is None else username_key(username)


def _change(id_: UUID, one: Wanted) -> tuple[object, ...]:
    said = one.changes
    return (
        *(id_, said.get("username"), _key(one), one.external_id),
        *(said.get("display_name"), "display_name" in said, said.get("avatar_url"), "avatar_url" in said),
    )


def _fresh(id_: UUID, one: Wanted) -> tuple[object, ...]:
    said = one.changes
    return id_, said.get("username"), _key(one), one.external_id, said.get("display_name"), said.get("avatar_url")
