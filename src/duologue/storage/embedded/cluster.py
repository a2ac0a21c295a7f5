"""The folder of one embedded PostgreSQL: its parts, how it is made, and where its socket lies.

In it: `lock`, held by the Duologue that uses it; `start.log`, what PostgreSQL said before it had a log; and, owned by the
account that runs PostgreSQL, `data/`, `log/` with one file per weekday, and `socket/`, unless the path is too long.
"""

import contextlib
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path

from duologue.storage.embedded.account import ELSEWHERE, Account
from duologue.storage.embedded.errors import EmbeddedError

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LENGTH = 103  # bytes in sun_path without its NUL: 107 on Linux (unix(7)), 103 on macOS
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
# Not what our own knocking is answered while it starts.
COMPLAINT = re.compile(r"(FATAL|PANIC|error):(?! +the database system is)|could not")
UNFINISHED = "initdb-"
LOG_AGE = 6 * 86_400.0  # seconds
LOG_SIZE = 10 * 1024 * 1024  # bytes


class Cluster:
    """The parts of the folder, as paths; nothing is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.start_log = folder / "start.log"
        self.lock = folder / "lock"

    def check_version(self, major: int) -> None:
        """Refuse data that this major version cannot read.

        Raises:
            EmbeddedError: the data is another version's, or no PostgreSQL data at all.
        """
        try:
            found = (self.data / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            if self.data.exists() and any(self.data.iterdir()):
                raise EmbeddedError(
                    f"{self.data} holds something that is no PostgreSQL data. Move it away, or choose another folder "
                    "with --data or DATA_DIR."
                ) from None
            return
        if not found.isdigit():
            found = "of an unknown version"
        if found != str(major):
            raise EmbeddedError(
                f"{self.data} was written by PostgreSQL {found}, and this is PostgreSQL {major}. Dump it with version "
                f"{found} and restore it here, or choose another folder with --data or DATA_DIR."
            )

    async def create(self, account: Account, initdb: Path, major: int) -> None:
        """Make `data` if it does not exist: under another name first, so that half of one is never taken for it.

        Raises:
            EmbeddedError: PostgreSQL says why it cannot.
        """
        for left in self.folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)  # the rest of a start cut short
        # Others may pass through where the account is another one, but neither look nor change anything.
        self.folder.chmod(0o700 if account.uid == os.geteuid() else 0o711)
        if (self.data / "PG_VERSION").exists():
            account.take_over(self.data)
            return
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        account.hand_over(unfinished)
        status, printed = await account.run(initdb, "-D", str(unfinished), *initdb_options(major))
        if status != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise EmbeddedError(f"PostgreSQL cannot set up a database in {self.folder}: {cause(printed)}. {ELSEWHERE}")
        self._put_in_place(unfinished)

    def _put_in_place(self, unfinished: Path) -> None:
        unfinished.rename(self.data)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # the rename itself outlives a power cut
        finally:
            os.close(descriptor)

    def prepare_log(self, account: Account) -> None:
        """Make the folder of the logs, and delete those that are a week old or far too long.

        PostgreSQL itself starts a file anew only if it runs over midnight.
        """
        self.log.mkdir(mode=0o700, exist_ok=True)
        account.take_over(self.log)
        for path in self.log.iterdir():
            found = path.lstat()
            if found.st_size > LOG_SIZE or found.st_mtime < time.time() - LOG_AGE:
                path.unlink()

    def last_words(self) -> str:
        """Return why PostgreSQL did not start, in its own words."""
        printed = self.start_log.read_text(encoding="utf-8", errors="replace")
        begun = self.start_log.stat().st_mtime
        for path in self.log.glob("*.log"):
            # Written to since PostgreSQL turned from start.log to its logs; a link could lead anywhere.
            if not path.is_symlink() and path.stat().st_mtime >= begun:
                printed += path.read_text(encoding="utf-8", errors="replace").rpartition("LOG:  starting PostgreSQL")[2]
        return cause(printed)

    def socket_folder(self, account: Account) -> Path:
        """Return a folder for the socket that only this account can enter, the same one at every start.

        Below the data if the path fits into a socket address, else below the system's temporary folder.

        Raises:
            EmbeddedError: no path is short enough, or somebody else holds the folder's name.
        """
        path = self.folder / "socket"
        if not _fits(path):
            path = Path(tempfile.gettempdir(), self._socket_name())
            path = path if _fits(path) else Path("/tmp", path.name)  # noqa: S108 - checked below, and 0700
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        ours = found.st_uid in (account.uid, os.geteuid())
        if not stat.S_ISDIR(found.st_mode) or not ours or found.st_mode & 0o077:
            raise EmbeddedError(f"{path} must be a folder of our own, closed to all others. Remove it and start again.")
        account.hand_over(path)
        return path

    def remove_temporary(self, socket: Path) -> None:
        """Remove the socket's folder if it is the temporary one; only that, as a pid file may name any folder."""
        if socket.name == self._socket_name():
            for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
                (socket / name).unlink(missing_ok=True)  # what a killed server left
            socket.rmdir()

    def _socket_name(self) -> str:
        return f"duologue-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"


def initdb_options(major: int) -> list[str]:
    """Return the options of initdb: UTF-8, the same order and case rules on every machine, checksums, all on disk."""
    options = ["--username=postgres", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
    options += ["--auth-local=peer", "--auth-host=reject"]
    if major < 17:
        return [*options, "--locale=C.UTF-8"]
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*options, "--sync-method=syncfs"] if sys.platform == "linux" else options


def cause(printed: str) -> str:
    """Return the last complaint in what PostgreSQL printed, without its prefix, in one line."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    complaints = [line for line in lines if COMPLAINT.search(line)] or lines or ["it gave no reason"]
    return re.sub(r"^.*?(?:FATAL|PANIC|error): +", "", complaints[-1]).rstrip(".")[:300]


def _fits(path: Path) -> bool:
    """Tell whether a socket in this folder has a valid address, and one that every DSN parser reads alike."""
    length = len(os.fsencode(path / SOCKET_NAME))
    return length <= SOCKET_LENGTH and PLAIN_PATH.fullmatch(str(path)) is not None
