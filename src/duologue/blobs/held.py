"""One upload in the hand of one request: bytes are counted, judged by the first of them, gathered and written."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from msgspec.structs import replace

from duologue.blobs.kinds import Kind, choose
from duologue.blobs.part import PartFolder, State, append
from duologue.blobs.signatures import HEAD, check_head
from duologue.core.errors import PayloadTooLarge
from duologue.core.files import Room, clean_name
from duologue.core.parts import TOO_LONG, Part, Terms

_BUFFER = 256 << 10  # bytes of one file in memory before they are written


class Keeper(Protocol):
    """Who keeps count of all parts."""

    folder: PartFolder

    def run(self, work: Callable[[], Any]) -> Awaitable[Any]:
        """Do what waits for the disk in a thread, to its end."""
        ...

    def room(self, owner_id: UUID) -> Awaitable[Room]:
        """What quotas leave."""
        ...

    def grow(self, part_id: UUID, size: int, of_piece: int, room: Room) -> None:
        """`size` bytes more of it are here, `of_piece` in this request; `StorageFull` if quotas leave no more."""
        ...

    def check_disk(self) -> None:
        """Raise `StorageFull` before the disk is full."""
        ...

    def close(self, part_id: UUID) -> None:
        """It is unfinished no more."""
        ...

    async def forget(self, part_id: UUID) -> None:
        """Leave nothing of it."""
        ...


class HeldPart:
    """What a request does to an upload. `file` is locked, and its opener's to close."""

    def __init__(self, keeper: Keeper, part_id: UUID, state: State, file: BinaryIO) -> None:
        self._keeper = keeper
        self._id = part_id
        self._state = state
        self._file = file
        self._kind = kind_of(state.terms)
        self._written = 0
        self._piece = 0  # bytes of this request
        self._room = Room()
        self._buffer = bytearray()
        self._head = bytearray()  # what is needed of the first bytes, as long as they were not judged
        self._is_judged = False

    async def begin(self) -> None:
        """Look at what is there; what was on trial when a process died is forgotten."""
        if self._state.trial is not None:
            await self.back_to(self._state.trial)
        self._written = await self._keeper.run(lambda: os.fstat(self._file.fileno()).st_size)
        self._is_judged = self._written >= min(HEAD, self._state.terms.length)
        if not self._is_judged:
            self._head += await self._keeper.run(lambda: os.pread(self._file.fileno(), HEAD, 0))
        self._room = await self._keeper.room(self._state.terms.owner_id)

    @property
    def part(self) -> Part:
        """As it is now."""
        return part_of(self._id, self._state, self._written + len(self._buffer))

    @property
    def path(self) -> Path:
        """Where its bytes lie."""
        return self._keeper.folder.bytes_of(self._id)

    async def write(self, chunk: bytes) -> None:
        """Count, judge, gather."""
        length = self._state.terms.length
        if self._written + len(self._buffer) + len(chunk) > length:
            raise PayloadTooLarge(TOO_LONG, details={"limit": length})
        self._piece += len(chunk)
        self._keeper.grow(self._id, len(chunk), self._piece, self._room)
        for at in range(0, len(chunk), _BUFFER):
            piece = chunk[at : at + _BUFFER]
            self._judge(piece)
            self._buffer += piece
            if len(self._buffer) >= _BUFFER:
                await self._flush()

    async def on_trial(self) -> None:
        """Remember where ends what is known to be right."""
        await self._remember(replace(self._state, trial=self._written))

    async def settle(self) -> None:
        """Written, synced, no more on trial."""
        await self._flush()
        await self._keeper.run(lambda: os.fsync(self._file.fileno()))
        if self._state.trial is not None:
            await self._remember(replace(self._state, trial=None))

    async def back_to(self, offset: int) -> None:
        """As it was."""
        self._buffer.clear()
        await self._keeper.run(lambda: os.ftruncate(self._file.fileno(), offset))
        self._written = offset
        await self.settle()

    async def finish(self) -> None:
        """Its bytes go."""
        self._state = replace(self._state, is_done=True, trial=None)
        await self._keeper.run(lambda: self._keeper.folder.done(self._id, self._state))
        self._keeper.close(self._id)

    async def remove(self) -> None:
        """Nothing stays."""
        await self._keeper.forget(self._id)

    def _judge(self, piece: bytes) -> None:
        """As soon as there is enough of it."""
        if self._is_judged:
            return
        self._head += piece[: HEAD - len(self._head)]
        if len(self._head) >= min(HEAD, self._state.terms.length):
            check_head(self._kind, bytes(self._head))
            self._is_judged = True
            self._head.clear()

    async def _flush(self) -> None:
        if self._buffer:
            self._keeper.check_disk()
            data, self._buffer = bytes(self._buffer), bytearray()
            await self._keeper.run(lambda: append(self._file, data))
            self._written += len(data)

    async def _remember(self, state: State) -> None:
        await self._keeper.run(lambda: self._keeper.folder.write(self._id, state))
        self._state = state


def kind_of(terms: Terms) -> Kind:
    """The kind that name and declared type agree on. Raises `ValidationFailed`."""
    return choose(clean_name(terms.name), terms.media_type, terms.rules, terms.kind)


def part_of(part_id: UUID, state: State, size: int) -> Part:
    """A part as the core knows it; all bytes of one that was taken in count as here."""
    offset = state.terms.length if state.is_done else size
    return Part(part_id, state.terms, datetime.fromtimestamp(state.expires_at, UTC), offset, state.is_done)
