"""Resumable uploads: begun by one request, brought by others, taken in like any file when the last byte is there (tus 1.0).

A part of a file lies on this machine's disk (port `Parts`) and outlives requests, cut connections and the process. Who asks for a whole
one has it taken in then and there, so that a server that died in between has lost nothing. Headers and statuses are the API's.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from duologue.core.attachments import SENT_BEFORE, UploadStore
from duologue.core.downloads import DownloadStore
from duologue.core.errors import (
    ChecksumMismatch,
    Conflict,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    StorageFull,
    ValidationFailed,
)
from duologue.core.files import Intake, UploadBatch
from duologue.core.limits import charge
from duologue.core.model import Attachment, Caller
from duologue.core.parts import BUSY, NO_UPLOAD, Held, Part, Parts, Terms
from duologue.core.ports import Limiter
from duologue.core.uploads import record

TAKEN_OVER = "Another request asked how far this upload is, to go on with it"
STALLED = "Nothing came for too long; ask how far the upload is, and go on from there"
WRONG_OFFSET = "Upload-Offset must be {}: so many bytes are here"

ALGORITHMS = ("sha1", "sha256")
PATIENCE = (
    60.0  # seconds without a byte, after which a request is taken for dead: its connection may have gone unnoticed
)

# What ends an upload: its file is not taken, now or ever; or there is no room, and it would only hold some.
_REFUSED = (ValidationFailed, Forbidden, PayloadTooLarge, StorageFull)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is, for its owner; `attachment` as soon as it was taken in."""

    part: Part
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What a request brings. `checksum`: the algorithm and what its digest has to be."""

    chunks: AsyncIterator[bytes]
    checksum: tuple[str, bytes] | None = None


class Records(UploadStore, DownloadStore, Protocol):
    """The records of files that were taken in."""


class _Turn:
    """A request at work on an upload. Who wants to go on with it may end its waiting for bytes, never its work."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._is_ended = False
        self._timeout: asyncio.Timeout | None = None

    def end(self) -> None:
        """Take no more bytes."""
        self._is_ended = True
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())

    async def next(self, chunks: AsyncIterator[bytes], patience: float) -> bytes | None:
        """The next bytes, None at their end. Raises `Conflict` when this was ended, or nothing came for so many seconds."""
        if self._is_ended:
            raise Conflict(TAKEN_OVER)
        try:
            async with asyncio.timeout(patience) as self._timeout:
                return await anext(chunks, None)
        except TimeoutError as error:
            raise Conflict(TAKEN_OVER if self._is_ended else STALLED) from error
        finally:
            self._timeout = None


class Resumable:
    """The use case.

    Args:
        patience: seconds for which a request may bring nothing.
    """

    def __init__(
        self,
        *,
        parts: Parts,
        intake: Intake,
        records: Records,
        limiter: Limiter,
        patience: float = PATIENCE,
    ) -> None:
        self._parts = parts
        self._intake = intake
        self._records = records
        self._limiter = limiter
        self._patience = patience
        self._turns: dict[UUID, _Turn] = {}

    async def begin(self, caller: Caller, terms: Terms, body: Body | None = None) -> Progress:
        """Begin an upload; with its first bytes, or all of them. If those are not taken, nothing has begun.

        Raises:
            RateLimited, and as `Parts.begin` and `append`.
        """
        await charge(self._limiter, "upload", caller)
        part = await self._parts.begin(terms)
        if body is None:
            return Progress(part)
        try:
            return await self.append(caller, part.id, 0, body)
        except BaseException:
            await self._remove(part.id)  # nobody was told its name
            raise

    async def append(self, caller: Caller, part_id: UUID, offset: int, body: Body) -> Progress:
        """Go on with an upload from `offset`. What came stays, also when the connection is cut; the last byte has the file taken in.

        Raises:
            NotFound: none of the caller's.
            Conflict: another request is at work on it, or other bytes are wanted.
            ChecksumMismatch: nothing of this body is kept.
            RateLimited: too many uploads at a time.
            ValidationFailed, FileRejected, PayloadTooLarge, StorageFull: refused, and gone.
            Unavailable: may be tried again.
        """
        part = await self._own(caller, part_id)
        if not part.is_done:
            with self._turn(part_id) as turn:
                await self._go_on(part, offset, body, turn)
            part = await self._own(caller, part_id)
        elif offset != part.offset:
            raise Conflict(WRONG_OFFSET.format(part.offset), details={"offset": part.offset})
        return await self._shown(part)

    async def progress(self, caller: Caller, part_id: UUID, *, to_go_on: bool = False) -> Progress:
        """How far an upload is; a whole one is taken in if it was not yet.

        Who asks `to_go_on` waits until nobody else is at work on it, and ends a request that still waits for bytes: mostly the
        connection on which they would come is dead, and only the client has noticed.

        Raises:
            NotFound, and what `append` refuses.
        """
        part = await self._own(caller, part_id)
        if to_go_on and part_id in self._turns:
            await self._end_turn(part_id)
            part = await self._own(caller, part_id)
        if part.is_whole and not part.is_done and part_id not in self._turns:
            with self._turn(part_id) as turn:
                await self._go_on(part, part.offset, Body(_nothing()), turn)
            part = await self._own(caller, part_id)
        return await self._shown(part)

    async def remove(self, caller: Caller, part_id: UUID) -> None:
        """End an upload, finished or not, and leave nothing of it.

        Raises:
            NotFound: none of the caller's.
            Conflict: a message carries it by now.
        """
        part = await self._own(caller, part_id)
        await self._end_turn(part_id)
        part = await self._own(caller, part_id)
        if not part.is_done:
            await self._remove(part_id)
            return
        keys = await self._records.take_back(caller.id, [part_id])
        if not keys and await self._attachment(part) is not None:
            raise Conflict(SENT_BEFORE)
        await self._parts.forget(part_id)
        await self._intake.discard(keys)

    async def sweep(self) -> int:
        """Remove what has expired; how many."""
        return await self._parts.sweep()

    # -- one request's work -----------------------------------------------------------------------------------------------

    async def _go_on(self, part: Part, offset: int, body: Body, turn: _Turn) -> None:
        terms, is_whole = part.terms, False
        async with self._parts.hold(part.id) as held:
            if offset != held.part.offset:
                here = held.part.offset
                raise Conflict(WRONG_OFFSET.format(here), details={"offset": here})
            try:
                async with self._intake.batch(terms.owner_id, terms.rules, terms.kind) as batch:
                    await self._receive(held, body, turn)
                    is_whole = held.part.is_whole
                    if is_whole:
                        await self._take_in(held, batch)
            except _REFUSED:
                await held.remove()
                raise
            if is_whole:
                await held.finish()

    async def _take_in(self, held: Held, batch: UploadBatch) -> None:
        """Into the store and the records, unless a process that died just then had done it."""
        part = held.part
        if await self._records.shown(part.terms.owner_id, part.id) is None:
            stored = await batch.adopt(held.path, part.terms.name, part.terms.media_type, part.id)
            await record(self._records, batch, part.terms.owner_id, [stored])

    async def _receive(self, held: Held, body: Body, turn: _Turn) -> None:
        start, digest, wanted = held.part.offset, None, b""
        if body.checksum is not None:
            algorithm, wanted = body.checksum
            digest = hashlib.new(algorithm, usedforsecurity=False)
            await held.on_trial()
        try:
            while (chunk := await turn.next(body.chunks, self._patience)) is not None:
                if digest is not None:
                    digest.update(chunk)
                await held.write(chunk)
        except _REFUSED:
            raise
        except BaseException:  # cut off: what came is kept, unless nobody can say any more whether it is right
            await (held.settle() if digest is None else held.back_to(start))
            raise
        if digest is not None and digest.digest() != wanted:
            await held.back_to(start)
            raise ChecksumMismatch
        await held.settle()

    # -- whose, and what of it --------------------------------------------------------------------------------------------

    async def _own(self, caller: Caller, part_id: UUID) -> Part:
        part = await self._parts.find(part_id)
        if part is None or part.terms.owner_id != caller.id:
            raise NotFound(NO_UPLOAD)
        return part

    async def _shown(self, part: Part) -> Progress:
        if not part.is_done:
            return Progress(part)
        attachment = await self._attachment(part)
        if attachment is None:
            raise NotFound(NO_UPLOAD)
        return Progress(part, attachment)

    async def _attachment(self, part: Part) -> Attachment | None:
        """None as soon as it is gone: removed because nobody sent it, or with its message."""
        found = await self._records.shown(part.terms.owner_id, part.id)
        return None if found is None or (found.is_sent and found.is_gone) else found.attachment

    async def _remove(self, part_id: UUID) -> None:
        """Remove an unfinished one, if it is still there."""
        try:
            async with self._parts.hold(part_id) as held:
                await held.remove()
        except NotFound:
            return

    @contextmanager
    def _turn(self, part_id: UUID) -> Iterator[_Turn]:
        if part_id in self._turns:
            raise Conflict(BUSY)
        turn = self._turns[part_id] = _Turn()
        try:
            yield turn
        finally:
            del self._turns[part_id]
            turn.over.set()

    async def _end_turn(self, part_id: UUID) -> None:
        """Nobody is at work on it when this returns."""
        while (turn := self._turns.get(part_id)) is not None:
            turn.end()
            await turn.over.wait()


async def _nothing() -> AsyncIterator[bytes]:
    """No bytes."""
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk
