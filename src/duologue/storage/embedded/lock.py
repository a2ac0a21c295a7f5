"""One server per data folder: a lock that the kernel gives back when its holder dies."""

import fcntl
import os
from pathlib import Path

from duologue.storage.embedded.errors import EmbeddedError


class FolderLock:
    """An exclusive flock(2) on one file, which names its holder's process.

    The descriptor is closed in every program we start (PEP 446), so PostgreSQL does not keep the lock when this
    process is killed, and the next start can take up the PostgreSQL that still runs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock or fail at once.

        Raises:
            EmbeddedError: another process holds it.
            OSError: the file cannot be opened or its file system knows no locks.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "(unknown)"
            os.close(descriptor)
            raise EmbeddedError(
                f"The data folder {self._path.parent} is already in use by process {holder}. "
                "Stop that server first, or choose another folder with --data or DATA_DIR."
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would race with the next holder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
