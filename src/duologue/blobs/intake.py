"""The way in for files: bytes are counted, judged by their beginning, hashed and spooled as they come; then processed and stored.

Limits hold as early as the bytes allow: a name or a declared type before the first byte, a size with the byte that passes it. A file
is never whole in memory, and one that is cut off leaves nothing. Not here: who may send, what is recorded of a file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from duologue.blobs.desk import Desk, IntakeLimits
from duologue.blobs.durable import second_name
from duologue.blobs.kinds import EMPTY, Kind, check_count, check_size, choose
from duologue.blobs.processing import Processing, Spooled
from duologue.blobs.settling import settled
from duologue.blobs.signatures import HEAD, check_head
from duologue.blobs.spool import Spool, Writer, digest_of
from duologue.core.errors import ValidationFailed
from duologue.core.files import Allowance, FileRules, Room, ScanState, StoredFile, clean_name
from duologue.core.model import MessageType
from duologue.core.ports import Clock, Ids

_BUFFER = 256 << 10  # bytes of one file in memory before they are written


class FileIntake:
    """The intake of one process.

    Args:
        allowance: what quotas leave; None if there are none.
        names: makes the ids of files, which are random (FST-12) and not in order of time.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        processing: Processing,
        clock: Clock,
        allowance: Allowance | None = None,
        limits: IntakeLimits | None = None,
        names: Ids = uuid4,
    ) -> None:
        self._spool = spool
        self._processing = processing
        self.desk = Desk(spool, clock, allowance, limits or IntakeLimits())
        self._names = names

    def batch(self, owner_id: UUID, rules: FileRules, message_type: MessageType | None = None) -> "FileBatch":
        """The files of one request, or of one message."""
        return FileBatch(self._spool, self._processing, self.desk, self._names, (owner_id, rules, message_type))

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove blobs."""
        await self._processing.discard(keys)

    async def rescan(self, key: str) -> ScanState:
        """Ask the scanner again."""
        return await self._processing.rescan(key)


class FileBatch:
    """The files of one request, one after another. On an error all that were stored are removed again.

    Keep it open until the records are written: until then its bytes count as coming, and a failure to write them removes the files.
    """

    def __init__(
        self,
        spool: Spool,
        processing: Processing,
        desk: Desk,
        names: Ids,
        terms: tuple[UUID, FileRules, MessageType | None],
    ) -> None:
        self.owner_id, self.rules, self._message_type = terms
        self.spool = spool
        self.processing = processing
        self.desk = desk
        self.size = 0  # bytes of all its files
        self.stored: list[StoredFile] = []
        self._names = names
        self._kinds: list[Kind] = []

    async def __aenter__(self) -> Self:
        """Take one of the user's places."""
        self.desk.enter(self.owner_id)
        return self

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        """Give the place back; undo, if it failed."""
        try:
            if failed is not None and self.stored:
                await self.processing.discard([key for file in self.stored for key in file.keys])
        finally:
            self.desk.leave(self.owner_id, self.size)

    def release(self) -> None:
        """Remove nothing that was stored."""
        self.stored.clear()

    def open(self, name: str, media_type: str | None) -> "FileUpload":
        """The next file."""
        kind, clean = self._next(name, media_type)
        return FileUpload(self, kind, clean, self._names())

    async def adopt(self, path: Path, name: str, media_type: str | None, file_id: UUID) -> StoredFile:
        """The next file, whole on this disk; a second name of it is what is moved into the store."""
        kind, clean = self._next(name, media_type)
        spooled = self.spool.folder / str(file_id)
        try:
            await settled(self.spool.run(lambda: second_name(path, spooled)))
            size, head, digest = await settled(self.spool.run(lambda: _look(spooled)))
            if not size:
                raise ValidationFailed(EMPTY)
            check_size(kind, self.rules, size, self.size + size)
            check_head(kind, head)
            stored = await self.processing.store(Spooled(file_id, kind, clean, spooled, size, digest))
        finally:
            clear(self.spool, file_id)
        self.stored.append(stored)
        return stored

    def _next(self, name: str, media_type: str | None) -> tuple[Kind, str]:
        """Kind and cleaned name of a file that may come."""
        clean = clean_name(name)
        kind = choose(clean, media_type, self.rules, self._message_type)
        check_count([*self._kinds, kind], self.rules)
        self._kinds.append(kind)
        return kind, clean


class FileUpload:
    """One file coming in."""

    def __init__(self, batch: FileBatch, kind: Kind, name: str, file_id: UUID) -> None:
        self._batch = batch
        self._kind = kind
        self._name = name
        self._id = file_id
        self._writer = Writer(batch.spool, str(file_id))
        self._buffer = bytearray()
        self._size = 0
        self._is_judged = False
        self._room = Room()

    async def __aenter__(self) -> Self:
        """Ask what quotas leave, once."""
        self._room = await self._batch.desk.room(self._batch.owner_id)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Clear the spool of it."""
        self._writer.close()
        clear(self._batch.spool, self._id)

    async def write(self, chunk: bytes | memoryview) -> None:
        """Count, judge, gather; written to disk when there is enough of it."""
        self._count(len(chunk))
        for at in range(0, len(chunk), _BUFFER):
            self._buffer += chunk[at : at + _BUFFER]
            if not self._is_judged and len(self._buffer) >= HEAD:
                self._judge()
            if len(self._buffer) >= _BUFFER:
                await self._flush()

    async def finish(self) -> StoredFile:
        """The last byte was there."""
        if not self._size:
            raise ValidationFailed(EMPTY)
        if not self._is_judged:
            self._judge()
        await self._flush()
        self._writer.close()
        file = Spooled(self._id, self._kind, self._name, self._writer.path, self._size, self._writer.digest)
        stored = await self._batch.processing.store(file)
        self._batch.stored.append(stored)
        return stored

    def _count(self, size: int) -> None:
        """So many bytes more, unless a limit is passed by them."""
        batch = self._batch
        check_size(self._kind, batch.rules, self._size + size, batch.size + size)
        self._size += size
        batch.size += size
        batch.desk.grow(batch.owner_id, size, self._size, self._room)

    def _judge(self) -> None:
        check_head(self._kind, bytes(self._buffer[:HEAD]))
        self._is_judged = True

    async def _flush(self) -> None:
        if self._buffer:
            self._batch.desk.check_disk()
            data, self._buffer = bytes(self._buffer), bytearray()
            await self._writer.write(data)


def clear(spool: Spool, file_id: UUID) -> None:
    """Remove a file from the spool, with all that was made of it."""
    for part in spool.folder.glob(f"{file_id}*"):
        part.unlink(missing_ok=True)


def _look(path: Path) -> tuple[int, bytes, bytes]:
    """A file's size, its first bytes, its SHA-256."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return path.stat().st_size, head, digest_of(path)
