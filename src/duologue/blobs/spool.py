"""Where files lie while they come in: a folder of each process, locked while the process lives, removed after it.

Beside the store's blobs, so that a finished file is moved in and not copied.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

from duologue.blobs.settling import settled
from duologue.core.errors import StorageFull, Unavailable

Result = TypeVar("Result")

THREADS = 4
_PIECE = 1 << 18
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Spool:
    """A folder for this process below `folder`; what dead processes have left there is removed. `close` removes its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.iterdir():
            _remove_abandoned(left)
        self._folder, self._lock = _take_folder(folder.absolute())
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="spool")

    @property
    def folder(self) -> Path:
        """Where this process writes."""
        return self._folder

    def free(self) -> int:
        """Bytes that the disk can take."""
        return shutil.disk_usage(self._folder).free

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do what waits for the disk in a thread.

        Raises:
            StorageFull: no room.
            Unavailable: another fault of the disk.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise (StorageFull() if error.errno in _FULL else Unavailable()) from error

    async def read(self, path: Path) -> AsyncIterator[bytes]:
        """A spooled file, in pieces."""
        with await self.run(lambda: path.open("rb")) as file:
            while piece := await self.run(lambda: file.read(_PIECE)):
                yield piece

    def close(self) -> None:
        """Wait for the threads, remove everything."""
        self._threads.shutdown()
        self._lock.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Writer:
    """One file being written, and its SHA-256; nothing of it is kept in memory. Not for two callers at a time."""

    def __init__(self, spool: Spool, name: str) -> None:
        self.path = spool.folder / name
        self._spool = spool
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    async def write(self, data: bytes) -> None:
        """Append; when this returns or raises, no thread is at work on the file."""
        await settled(self._spool.run(lambda: self._append(data)))

    def close(self) -> None:
        """No more bytes."""
        if self._file is not None:
            self._file.close()

    @property
    def digest(self) -> bytes:
        """Of what was written."""
        return self._digest.digest()

    def _append(self, data: bytes) -> None:
        if self._file is None:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb", buffering=0)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._digest.update(data)


def digest_of(path: Path) -> bytes:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _take_folder(parent: Path) -> tuple[Path, BinaryIO]:
    """A new folder and its lock. One that another process removed before it was locked is given up."""
    while True:
        folder = parent / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        lock = (folder / "lock").open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "lock").exists():
            return folder, lock
        lock.close()


def _remove_abandoned(folder: Path) -> None:
    """Remove the folder of a process that has ended; one that still holds its lock is left alone."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except (FileNotFoundError, NotADirectoryError, BlockingIOError):
        return
