"""One part of a file on the disk: its bytes, and beside them what was announced of it, written whole. All of this waits for the disk.

How far an upload is, is the length of its bytes: nothing else has to be kept in step with them.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec
import structlog

from duologue.blobs.durable import sync_folder, write_whole
from duologue.core.errors import Conflict
from duologue.core.parts import BUSY, Terms

_STATE, _BYTES = ".json", ".part"
_log = structlog.get_logger(__name__)


class State(msgspec.Struct, frozen=True):
    """What lies beside the bytes. `expires_at` in Unix seconds; `trial`: what lies behind it is not known to be right."""

    terms: Terms
    expires_at: float
    is_done: bool = False
    trial: int | None = None


class PartFolder:
    """Where parts lie."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder.absolute()

    def ids(self) -> Iterator[UUID]:
        """Every part; what belongs to none, left by a process that died, is removed."""
        for path in list(self._folder.iterdir()):
            part_id = _id_of(path)
            if part_id is None or self.read(part_id) is None:
                path.unlink(missing_ok=True)
            elif path.suffix == _STATE:
                yield part_id

    def bytes_of(self, part_id: UUID) -> Path:
        """Where its bytes lie."""
        return self._folder / f"{part_id}{_BYTES}"

    def size(self, part_id: UUID) -> int:
        """How many there are."""
        try:
            return self.bytes_of(part_id).stat().st_size
        except FileNotFoundError:
            return 0

    def settled_size(self, part_id: UUID, state: State) -> int:
        """How many there are for good."""
        try:
            with self.bytes_of(part_id).open("rb") as file:
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return 0
        return size if state.trial is None else min(size, state.trial)

    def begin(self, part_id: UUID, state: State) -> None:
        """A part without bytes."""
        os.close(os.open(self.bytes_of(part_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self.write(part_id, state)

    def read(self, part_id: UUID) -> State | None:
        """What is known of it; None: nothing."""
        try:
            return msgspec.json.decode(self._state_of(part_id).read_bytes(), type=State)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            _log.error("upload_unreadable", id=str(part_id))
            return None

    def write(self, part_id: UUID, state: State) -> None:
        """Keep what is known of it."""
        write_whole(self._state_of(part_id), msgspec.json.encode(state))

    def done(self, part_id: UUID, state: State) -> None:
        """Its bytes are not needed any more."""
        self.write(part_id, state)
        self.bytes_of(part_id).unlink(missing_ok=True)

    def remove(self, part_id: UUID) -> None:
        """Leave nothing of it."""
        self._state_of(part_id).unlink(missing_ok=True)
        self.bytes_of(part_id).unlink(missing_ok=True)
        sync_folder(self._folder)

    def remove_alone(self, part_id: UUID) -> None:
        """Likewise, unless somebody has it in hand: `Conflict`."""
        try:
            with self.take(part_id):
                self.remove(part_id)
        except FileNotFoundError:
            self.remove(part_id)

    def take(self, part_id: UUID) -> BinaryIO:
        """Its bytes, to be added to; locked against every process of this machine. Raises `Conflict`, `FileNotFoundError`."""
        path = self.bytes_of(part_id)
        if not os.access(path, os.W_OK):
            path.chmod(0o600)  # it was on its way into the store, which wants it read-only
        file = path.open("r+b", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise Conflict(BUSY) from error
        return file

    def _state_of(self, part_id: UUID) -> Path:
        return self._folder / f"{part_id}{_STATE}"


def append(file: BinaryIO, data: bytes) -> None:
    """Write at the end."""
    file.seek(0, os.SEEK_END)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _id_of(path: Path) -> UUID | None:
    """Whose file it is; None: it is none of ours, or was just being written when the process died."""
    try:
        return UUID(path.stem) if path.suffix in (_STATE, _BYTES) else None
    except ValueError:
        return None
