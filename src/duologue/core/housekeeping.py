"""Keeping house: uploads that nobody sent go, files the scanner has not seen are shown to it again, blobs without a record go.

A record goes first, its blobs after the commit: what a crash leaves between the two is found here, as blobs without a record. The
files of who is erased are erasure.py's; what an operator is only told of is inventory.py's.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from duologue.core.errors import NotFound, StorageFull, Unavailable
from duologue.core.files import BlobEntry, BlobStore, ScanState
from duologue.core.model import Cursor
from duologue.core.ports import Clock

BLOBS = "messages/"  # every key begins so; what else lies in the store is not ours
AGE = timedelta(days=1)  # of a blob that surely is not on its way in
DAY = 86_400.0  # seconds

Rescan = Callable[[str], Awaitable[ScanState]]  # asks the scanner about a blob by its key


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of each a round does, so that the house is kept slowly and nobody notices.

    Attributes:
        chunk: records in one transaction.
        chunks: of unsent uploads in a round.
        scans: files that are shown to the scanner.
        silent: answers that it has none yet, after which it is left alone.
        blobs: entries of the store's listing.
        walks: seconds between the beginnings of two walks through the whole store.
    """

    chunk: int = 500
    chunks: int = 10
    scans: int = 20
    silent: int = 3
    blobs: int = 5_000
    walks: float = DAY


@dataclass(frozen=True, slots=True)
class Unscanned:
    """A file that the scanner has not seen."""

    id: UUID
    place: Cursor
    key: str


class HousekeepingStore(Protocol):
    """The records of files, as housekeeping needs them; every method is one short transaction."""

    def turn(self) -> AbstractAsyncContextManager[bool]:
        """Whether this node keeps house for now: as long as the context lasts, no other does."""
        ...

    async def erased(self, user_ids: Collection[UUID]) -> Sequence[UUID]:
        """Who of these was erased."""
        ...

    async def remove_unsent(self, before: datetime, limit: int) -> tuple[int, list[str]]:
        """Forget files that were taken in before and never sent, oldest first; how many, and the keys of their blobs.

        One that a send is just claiming is left to it.
        """
        ...

    async def pending(self, after: Cursor | None, limit: int) -> Sequence[Unscanned]:
        """Files the scanner has not seen, oldest first."""
        ...

    async def scanned(self, file_id: UUID, state: ScanState) -> bool:
        """Keep what it said; False if that is known already, or the file is gone."""
        ...

    async def strays(self, blobs: Sequence[tuple[UUID, datetime]]) -> Mapping[int, bool]:
        """Which of these blobs, by id and time, have no record: their places in the list.

        True: written since this database keeps records. An older one may be another's, or its record was lost.
        """
        ...


class PartsHere(Protocol):
    """Parts of files that lie on this machine, and no other node's."""

    def owners(self) -> Collection[UUID]:
        """Whose they are."""
        ...

    async def forget_all(self, owner_id: UUID) -> int:
        """Leave nothing of a user's, but what a request has in hand; how many went."""
        ...


@dataclass(slots=True)
class Round:
    """What a round did. `failed`: the steps that were cut short because database or store were away."""

    parts: int = 0  # unfinished uploads of erased users, on this machine
    unsent: int = 0
    clean: int = 0
    infected: list[UUID] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)  # could not be scanned, their blobs not being there
    strays: int = 0
    foreign: int = 0  # blobs without a record that were left, being older than the records
    failed: list[str] = field(default_factory=list)


class Housekeeping:
    """The use case. One node at a time does it; each goes on where it stopped in its last round.

    Args:
        upload_ttl: seconds after which an upload that nobody sent goes (G-31).
    """

    def __init__(
        self,
        *,
        store: HousekeepingStore,
        blobs: BlobStore,
        parts: PartsHere,
        rescan: Rescan,
        clock: Clock,
        upload_ttl: float = DAY,
        bounds: Bounds | None = None,
    ) -> None:
        self.infected = 0  # files that were found to be so, since the process began
        self._store = store
        self._blobs = blobs
        self._parts = parts
        self._ask = rescan
        self._clock = clock
        self._ttl = timedelta(seconds=upload_ttl)
        self._bounds = bounds or Bounds()
        self._scanned_to: Cursor | None = None
        self._walk: AsyncIterator[BlobEntry] | None = None
        self._walk_at = float("-inf")

    async def round(self) -> Round:
        """Do a bounded part of what there is to do, unless another node does; `Unavailable` without the database."""
        done = Round()
        await self._erased(done)
        async with self._store.turn() as is_mine:
            if is_mine:
                steps = {"unsent": self._unsent, "rescan": self._rescan, "strays": self._strays}
                for name, step in steps.items():
                    try:
                        await step(done)
                    except (Unavailable, StorageFull):
                        done.failed.append(name)
        return done

    async def _erased(self, done: Round) -> None:
        """What erased users had on its way in; every node looks to its own."""
        owners = self._parts.owners()
        for owner_id in await self._store.erased(owners) if owners else ():
            done.parts += await self._parts.forget_all(owner_id)

    async def _unsent(self, done: Round) -> None:
        before = self._now() - self._ttl
        for _ in range(self._bounds.chunks):
            count, keys = await self._store.remove_unsent(before, self._bounds.chunk)
            done.unsent += count
            if keys:
                await self._blobs.delete(keys)
            if count < self._bounds.chunk:
                return

    async def _rescan(self, done: Round) -> None:
        """From where the last round stopped, so that files the scanner never answers for do not stand in others' way."""
        files = await self._store.pending(self._scanned_to, self._bounds.scans)
        silent = 0
        for file in files:
            self._scanned_to = file.place
            silent += not await self._rescan_one(file, done)
            if silent == self._bounds.silent:
                return
        if len(files) < self._bounds.scans:
            self._scanned_to = None

    async def _rescan_one(self, file: Unscanned, done: Round) -> bool:
        """Did the scanner answer?"""
        try:
            state = await self._ask(file.key)
        except NotFound:
            done.missing.append(file.id)
            return True
        if state is ScanState.PENDING:
            return False
        if await self._store.scanned(file.id, state):
            if state is ScanState.INFECTED:
                self.infected += 1
                done.infected.append(file.id)
            else:
                done.clean += 1
        return True

    async def _strays(self, done: Round) -> None:
        """The next part of a walk through the store."""
        listed = [(file_id, entry) for entry in await self._listed() if (file_id := file_of(entry.key))]
        old = [(file_id, entry) for file_id, entry in listed if entry.modified < self._now() - AGE]
        for start in range(0, len(old), self._bounds.chunk):
            part = old[start : start + self._bounds.chunk]
            strays = await self._store.strays([(file_id, entry.modified) for file_id, entry in part])
            keys = [part[place][1].key for place, is_ours in strays.items() if is_ours]
            if keys:
                await self._blobs.delete(keys)
            done.strays += len(keys)
            done.foreign += len(strays) - len(keys)

    async def _listed(self) -> Sequence[BlobEntry]:
        """Some entries more; nothing until it is time for the next walk."""
        if self._walk is None:
            if self._clock.monotonic() - self._walk_at < self._bounds.walks:
                return ()
            self._walk, self._walk_at = self._blobs.entries(BLOBS), self._clock.monotonic()
        entries: list[BlobEntry] = []
        try:
            while len(entries) < self._bounds.blobs:
                entries.append(await anext(self._walk))
        except StopAsyncIteration:
            self._walk = None
        except BaseException:
            self._walk, self._walk_at = None, float("-inf")  # from the beginning, as soon as the store answers
            raise
        return entries

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


def file_of(key: str) -> UUID | None:
    """The id of the file to which a blob belongs, by its name; None for what is not named by us."""
    stem = (
        key.rpartition("/")[2].lstrip(".").partition(".")[0]
    )  # a dot begins what was being copied when the power went
    try:
        found = UUID(stem)
    except ValueError:
        return None
    return found if str(found) == stem else None
