"""Parts of files on this machine, for uploads that go on after a cut, a crash or a restart (docs/decisions/0009).

What all of them share: what is counted for whom, what has expired. Single ones are part.py's (on the disk) and held.py's (in hand).
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from duologue.blobs.desk import Desk, lessen
from duologue.blobs.held import HeldPart, kind_of, part_of
from duologue.blobs.kinds import EMPTY, check_size
from duologue.blobs.part import PartFolder, State
from duologue.blobs.settling import settled
from duologue.blobs.spool import Result, Spool
from duologue.core.errors import ChatError, Conflict, NotFound, RateLimited, StorageFull, ValidationFailed
from duologue.core.files import Room
from duologue.core.parts import NO_UPLOAD, Part, Terms
from duologue.core.ports import Clock, Ids

MOST_OPEN = 100  # unfinished uploads of one user
TOO_MANY_OPEN = "Maximum {} unfinished uploads"
_SOON = 60.0  # seconds


@dataclass(slots=True)
class _Entry:
    """What this process knows of a part without looking."""

    owner_id: UUID
    expires_at: float
    size: int = 0  # bytes that are counted for it
    is_open: bool = True


class PartFiles:
    """The parts below `folder`; what lies there from before is counted, and what has expired is removed.

    Args:
        ttl: seconds after which a part expires.
        names: makes ids, which are random (FST-12).
    """

    def __init__(self, folder: Path, *, spool: Spool, desk: Desk, clock: Clock, ttl: float, names: Ids = uuid4) -> None:
        self.folder = PartFolder(folder)
        self._spool = spool
        self._desk = desk
        self._clock = clock
        self._ttl = ttl
        self._names = names
        self._entries: dict[UUID, _Entry] = {}
        self._open: Counter[UUID] = Counter()
        self._take_stock()

    # -- the port ---------------------------------------------------------------------------------------------------------

    async def begin(self, terms: Terms) -> Part:
        """Judge what was announced; remember it."""
        if not terms.length:
            raise ValidationFailed(EMPTY)
        check_size(kind_of(terms), terms.rules, terms.length, terms.length)
        self._check_open(terms.owner_id)
        await self._check_room(terms)
        part_id, state = self._names(), State(terms, self._clock.now() + self._ttl)
        self._enter(part_id, state)
        try:
            await self.run(partial(self.folder.begin, part_id, state))
        except BaseException:
            self._leave(part_id)
            with suppress(ChatError):
                await self.run(partial(self.folder.remove, part_id))
            raise
        return part_of(part_id, state, 0)

    async def find(self, part_id: UUID) -> Part | None:
        """What is there, made durable before it is told."""
        state = await self.run(partial(self.folder.read, part_id))
        if state is None or state.expires_at <= self._clock.now():
            return None
        return part_of(part_id, state, await self.run(partial(self.folder.settled_size, part_id, state)))

    @asynccontextmanager
    async def hold(self, part_id: UUID) -> AsyncIterator[HeldPart]:
        """Lock it against every process on this disk."""
        file = await self.run(partial(self._take, part_id))
        if file is None:
            raise NotFound(NO_UPLOAD)
        with file:
            state = await self.run(partial(self.folder.read, part_id))
            if state is None or state.is_done:
                raise NotFound(NO_UPLOAD)
            if part_id not in self._entries:  # begun by another process
                self._enter(part_id, state)
            try:
                held = HeldPart(self, part_id, state, file)
                await held.begin()
                yield held
            finally:
                self._recount(part_id)

    async def forget(self, part_id: UUID) -> None:
        """Leave nothing."""
        await self.run(partial(self.folder.remove, part_id))
        self._leave(part_id)

    async def sweep(self) -> int:
        """Remove what has expired."""
        now = self._clock.now()
        return await self._remove_if(lambda entry: entry.expires_at <= now)

    def owners(self) -> set[UUID]:
        """Whose parts lie here, finished ones included."""
        return {entry.owner_id for entry in self._entries.values()}

    async def forget_all(self, owner_id: UUID) -> int:
        """Leave nothing of a user's parts, but what somebody has in hand; how many went."""
        return await self._remove_if(lambda entry: entry.owner_id == owner_id)

    async def _remove_if(self, is_due: Callable[[_Entry], bool]) -> int:
        gone = 0
        for part_id in [part_id for part_id, entry in self._entries.items() if is_due(entry)]:
            with suppress(Conflict):
                await self.run(partial(self.folder.remove_alone, part_id))
                self._leave(part_id)
                gone += 1
        return gone

    # -- for a held one ---------------------------------------------------------------------------------------------------

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do what waits for the disk in a thread, to its end."""
        return await settled(self._spool.run(work))

    async def room(self, owner_id: UUID) -> Room:
        """What quotas leave."""
        return await self._desk.room(owner_id)

    def grow(self, part_id: UUID, size: int, of_piece: int, room: Room) -> None:
        """Count more bytes; `StorageFull` if quotas leave no more."""
        entry = self._entries[part_id]
        entry.size += size
        self._desk.grow(entry.owner_id, size, of_piece, room)

    def check_disk(self) -> None:
        """Raise `StorageFull` before the disk is full."""
        self._desk.check_disk()

    def close(self, part_id: UUID) -> None:
        """It is unfinished no more."""
        entry = self._entries[part_id]
        if entry.is_open:
            entry.is_open = False
            lessen(self._open, entry.owner_id, 1)

    # -- stock ------------------------------------------------------------------------------------------------------------

    def _take_stock(self) -> None:
        """Count what lies here."""
        for part_id in self.folder.ids():
            state = self.folder.read(part_id)
            if state is None:
                continue
            if state.expires_at <= self._clock.now():
                with suppress(Conflict):
                    self.folder.remove_alone(part_id)
                    continue
            if state.is_done:
                self.folder.bytes_of(part_id).unlink(missing_ok=True)
            self._enter(part_id, state)

    def _enter(self, part_id: UUID, state: State) -> None:
        owner_id = state.terms.owner_id
        self._entries[part_id] = _Entry(owner_id, state.expires_at, is_open=not state.is_done)
        if not state.is_done:
            self._open[owner_id] += 1
        self._recount(part_id)

    def _leave(self, part_id: UUID) -> None:
        """Know nothing of it any more."""
        entry = self._entries.pop(part_id, None)
        if entry is not None:
            self._desk.drop(entry.owner_id, entry.size)
            if entry.is_open:
                lessen(self._open, entry.owner_id, 1)

    def _recount(self, part_id: UUID) -> None:
        """What is counted for it is what lies here."""
        entry = self._entries.get(part_id)
        if entry is not None:
            size = self.folder.size(part_id)
            self._desk.drop(entry.owner_id, entry.size - size)
            entry.size = size

    def _take(self, part_id: UUID) -> BinaryIO | None:
        try:
            return self.folder.take(part_id)
        except FileNotFoundError:
            return None

    def _check_open(self, owner_id: UUID) -> None:
        if self._open[owner_id] >= MOST_OPEN:
            text, reset = TOO_MANY_OPEN.format(MOST_OPEN), self._clock.now() + _SOON
            raise RateLimited(text, retry_after=_SOON, limit=MOST_OPEN, reset_at=reset)

    async def _check_room(self, terms: Terms) -> None:
        """A file that does not fit now is not begun. What does is not reserved: who brings nothing takes no room from others."""
        room = await self.room(terms.owner_id)
        if any(left is not None and terms.length > left for left in (room.of_user, room.of_store)):
            raise StorageFull
        self.check_disk()
