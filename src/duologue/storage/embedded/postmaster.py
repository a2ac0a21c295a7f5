"""What runs in a data folder: PostgreSQL's own pid file, and the processes as the kernel shows them.

A pid alone proves nothing, since after a crash another program may have it. A process belongs to a data folder when
it runs the program `postgres` and stands in that folder, as all processes of a PostgreSQL server do.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"


@dataclass(frozen=True)
class Postmaster:
    """A living server: its process id, and the folder of its socket once it has one."""

    pid: int
    socket: Path | None


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the server that runs on `data`, or None; a stale, empty or torn pid file counts as none."""
    try:
        lines = (data / PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    if not lines or not lines[0].isdigit() or not serves(int(lines[0]), data):
        return None
    # Line 5, written a moment after the others, is the first socket folder.
    socket = lines[4] if len(lines) > 4 else ""
    return Postmaster(int(lines[0]), Path(socket) if socket else None)


def serves(pid: int, data: Path) -> bool:
    """Tell whether this process is a living PostgreSQL of `data`. A zombie, which has no folder any more, is not."""
    if sys.platform != "linux":
        return says_to_serve(_printed_by_ps(pid), data)
    process = Path("/proc", str(pid))
    try:
        # Compared by inode, so that links and bind mounts on the way do not matter.
        return _program(process) == "postgres" and process.joinpath("cwd").samefile(data)
    except PermissionError:
        # A container may keep even root from looking into another account's process.
        return says_to_serve(_shown_by_kernel(process), data)
    except OSError:
        return False


def _program(process: Path) -> str:
    try:
        return process.joinpath("exe").readlink().name.removesuffix(" (deleted)")
    except FileNotFoundError:
        # On its way out, and perhaps still holding the shared memory; it loses its folder only after that.
        return "postgres"


def says_to_serve(command: bytes, data: Path) -> bool:
    """Judge a command line, which is how a postmaster was started."""
    return command.strip().endswith(b"/postgres -D " + os.fsencode(data))


def _shown_by_kernel(process: Path) -> bytes:
    try:
        return process.joinpath("cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return b""


def _printed_by_ps(pid: int) -> bytes:
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout  # noqa: S603, S607 - fixed words


def processes(data: Path) -> set[int]:
    """Return the ids of all PostgreSQL processes of `data`, children included."""
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names are enough
    except OSError:
        return set()
    return {pid for pid in pids if serves(pid, data)}


def forget_stale_pid_file(data: Path) -> None:
    """Remove a pid file that would stop a start for nothing. Only to be called when no process serves `data`.

    PostgreSQL refuses when the pid in it is alive, whoever has it now, and when the file is empty or torn. A plain
    dead pid is left to PostgreSQL, which then also looks for shared memory still in use.
    """
    path = data / PID_FILE
    try:
        first = path.read_bytes().split(b"\n", 1)[0]
    except FileNotFoundError:
        return
    if not first.isdigit() or _is_taken(int(first)):
        path.unlink(missing_ok=True)


def _is_taken(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False  # PostgreSQL, too, takes a process of another account for somebody else
    except OverflowError:
        return True
    return True
