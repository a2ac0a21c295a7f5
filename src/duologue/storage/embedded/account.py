"""As whom PostgreSQL runs, since it refuses root, and how a program is started as that account.

Existing data is served by its owner. Otherwise: our own account; as root, a user namespace in which root has another
name; where the kernel refuses one, the account `nobody`, if it can reach the folder. No account is ever created.
"""

import asyncio
import contextlib
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from duologue.storage.embedded.errors import EmbeddedError
from duologue.storage.embedded.namespace import REFUSED

LAUNCHER = Path(__file__).with_name("namespace.py")
OVERFLOW = Path("/proc/sys/kernel/overflowuid")
ELSEWHERE = "Choose a folder such as /var/lib/duologue with --data or DATA_DIR, or set DATABASE_URL."


@dataclass(frozen=True)
class Account:
    """One way to run PostgreSQL.

    `uid` and `gid` own files and processes as seen from outside; `client` is our own name as PostgreSQL sees it.
    `inside` is uid and gid within a user namespace, or None without one.
    """

    uid: int
    gid: int
    client: str
    inside: tuple[int, int] | None = None

    def command(self, program: Path, *arguments: str) -> list[str]:
        """Return the command line that runs `program` as this account; the process id is the program's own."""
        command = [str(program), *arguments]
        if self.inside is None:
            return command
        return [sys.executable, "-I", "-S", str(LAUNCHER), *map(str, self.inside), *command]

    def options(self) -> dict[str, Any]:
        """Return the subprocess options: account, closed files, no terminal signals, and none of our secrets."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        options: dict[str, Any] = {
            "env": kept | {"LC_ALL": "C", "TZ": "UTC"},
            "start_new_session": True,
            "stdin": subprocess.DEVNULL,
            "umask": 0o077,
        }
        if self.uid != os.geteuid():
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def spawn(self, program: Path, *arguments: str, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a program that outlives us if need be, its output in a file.

        A plain child process: those of asyncio are killed with their event loop, and uvloop's cannot change account.
        """
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            self.command(program, *arguments), stdout=output, stderr=output, **self.options()
        )

    async def run(self, program: Path, *arguments: str) -> tuple[int, str]:
        """Run a program to its end and return its exit status and all it printed; cancelled, it is killed."""
        with tempfile.TemporaryFile() as output:
            child = self.spawn(program, *arguments, output=output)
            try:
                while child.poll() is None:  # noqa: ASYNC110 - no event tells it, see spawn
                    await asyncio.sleep(0.005)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                raise
            output.seek(0)
            return child.returncode, output.read().decode("utf-8", "replace")

    def hand_over(self, path: Path | int) -> None:
        """Give one file or folder of ours, by path or descriptor, to this account; when we are root, else nothing."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid, follow_symlinks=isinstance(path, int))

    def take_over(self, folder: Path) -> None:
        """Give a whole folder to this account, if it is still ours; afterwards root keeps its hands off.

        So an account that was broken into cannot make root follow its links.
        """
        if folder.lstat().st_uid != os.geteuid() or self.uid == os.geteuid():
            return
        for parent, folders, files in os.walk(folder, topdown=False):
            for name in (*folders, *files):
                self.hand_over(Path(parent, name))
        self.hand_over(folder)


def refuse_foreign(path: Path) -> None:
    """Refuse what belongs to another account, root included: its owner could lead us astray with links.

    Raises:
        EmbeddedError: it does; nothing there was touched.
    """
    found = _owner(path)
    if found and found.st_uid != os.geteuid():
        raise EmbeddedError(
            f"The folder {path} belongs to the account {_name(found.st_uid) or found.st_uid}. Start as that account, "
            "or choose another folder with --data or DATA_DIR."
        )


async def choose_account(folder: Path, data: Path, postgres: Path) -> Account:
    """Find out as whom PostgreSQL can run on `data`, which may not exist yet, by running it once.

    Raises:
        EmbeddedError: no account will do; the sentence says what would.
    """
    euid = os.geteuid()
    owner = _owner(data)
    if euid != 0:  # root serves data of others too, in a folder of its own, where they can exchange nothing
        refuse_foreign(data)
    own = _name(euid)
    if euid != 0 and own:
        return await _tried(Account(euid, os.getegid(), own), postgres)
    if owner and owner.st_uid != euid and own:
        return await _tried(Account(owner.st_uid, owner.st_gid, own), postgres, folder)
    mapped, refusal = await _namespace(postgres, folder)
    if mapped:
        return mapped
    nobody = [entry for entry in pwd.getpwall() if entry.pw_name == "nobody"]
    if euid == 0 and own and nobody:
        return await _tried(Account(nobody[0].pw_uid, nobody[0].pw_gid, own), postgres, folder)
    raise EmbeddedError(
        f"PostgreSQL needs an unprivileged account with a name in /etc/passwd, uid {euid} is none, and a user namespace "
        f"is refused here ({refusal}). Start as such an account, or set DATABASE_URL."
    )


async def _namespace(postgres: Path, folder: Path) -> tuple[Account | None, str]:
    """Return the account within a user namespace, or None and why there can be none."""
    name = _name_inside()
    if not name:
        return None, "there is no unprivileged account to be named after"
    account = Account(os.geteuid(), os.getegid(), name.pw_name, (name.pw_uid, name.pw_gid))
    status, printed = await account.run(postgres, "--version")
    if status == REFUSED:
        return None, printed.strip()
    _judge(account, status, printed, postgres, folder)
    return account, ""


async def _tried(account: Account, postgres: Path, folder: Path | None = None) -> Account:
    """Return the account after a trial run; with `folder`, only if it reaches that without our privileges."""
    try:
        status, printed = await account.run(postgres, "--version")
    except OSError as error:
        status, printed = 126, error.strerror or str(error)
    _judge(account, status, printed, postgres, folder)
    return account


def _judge(account: Account, status: int, printed: str, postgres: Path, folder: Path | None) -> None:
    name = _name(account.uid) or str(account.uid)
    if status != 0:
        raise EmbeddedError(
            f"The account {name} cannot run {postgres}: {printed.strip()}. Install Duologue where that account may "
            "read it, start as another account, or set DATABASE_URL."
        )
    closed = _closed(folder, account) if folder else None
    if closed:
        raise EmbeddedError(
            f"PostgreSQL has to run as the account {name} here, which cannot reach {folder}, because {closed} is "
            f"closed to it. {ELSEWHERE}"
        )


def _closed(folder: Path, account: Account) -> Path | None:
    """Return the first folder on the way to `folder` that the account may not pass by mode bits, or None."""
    groups = {account.gid, *os.getgroups()} if account.uid == os.geteuid() else {account.gid}
    for parent in reversed(folder.parents):
        found = parent.stat()
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid in groups:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return parent
    return None


def _name_inside() -> pwd.struct_passwd | None:
    """Return the account to be called after in a user namespace; its real owner gets no right from that."""
    # Whoever is not mapped shows up as this one, so it must not be the name of anybody who may connect.
    unmapped = int(OVERFLOW.read_text(encoding="ascii")) if OVERFLOW.exists() else 65534
    entries = [entry for entry in pwd.getpwall() if entry.pw_uid not in (0, unmapped)]
    return min(entries, key=lambda entry: entry.pw_uid, default=None)


def _owner(path: Path) -> os.stat_result | None:
    return path.stat() if path.exists() else None


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
