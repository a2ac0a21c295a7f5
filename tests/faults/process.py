"""The real command in processes of its own: one folder and one address for life, however often the process is killed."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from tests.live.people import SECRET

PATIENCE = 30.0  # seconds that a start, an end or a recovery may take
COMMAND = (sys.executable, "-m", "duologue")
GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: exit code and what it printed."""

    code: int
    out: str
    err: str


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Service:
    """`duologue serve` on a folder: `start`, `kill`, `start` again; behind a platform, without rate limits unless settings say so."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": str(folder),
            "JWT_SECRET": SECRET,
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "info",
            **settings,
        }
        self.process: Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.returncode is None

    @property
    def pid(self) -> int:
        """The process id of the server."""
        assert self.process is not None
        return self.process.pid

    @property
    def postmaster(self) -> int | None:
        """The process id of the embedded PostgreSQL; None while there is none."""
        try:
            return int((self.folder / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    @property
    def log(self) -> str:
        """What all processes said on standard error."""
        return (self.folder / "stderr").read_text()

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the settings as an environment, in which nothing else of ours stands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "JWT_"))}
        return kept | self._settings | settings

    async def start(self) -> None:
        """Start a process and wait until it says that it serves."""
        with (self.folder / "stderr").open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *COMMAND, "serve", stdout=PIPE, stderr=errors, env=self.environment(), cwd=self.folder
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while b"is ready on" not in (line := await self.process.stdout.readline()):
                assert line, f"it ended before it served: {self.log[-2000:]}"

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send the server a signal, by default the one that nobody survives."""
        os.kill(self.pid, number)

    async def ended(self) -> int:
        """Wait for the end of the process; its exit code."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def run(self, *arguments: str, **settings: str) -> Ended:
        """Run another command with the same settings, or others."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, stdout=PIPE, stderr=PIPE, env=self.environment(**settings), cwd=self.folder
        )
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    async def readiness(self, http: httpx.AsyncClient) -> int | None:
        """The status of `/health/ready`; None when nobody answers."""
        try:
            return (await http.get(f"{self.url}/health/ready", timeout=PATIENCE)).status_code
        except httpx.TransportError:
            return None

    def processes(self) -> list[str]:
        """The command lines of all processes that live on this folder."""
        return [" ".join(process.cmdline()) for process in psutil.process_iter() if self._is_mine(process)]

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).is_relative_to(self.folder) and process.status() != psutil.STATUS_ZOMBIE
        except GONE:
            return False

    async def clear(self) -> None:
        """End whatever is left, PostgreSQL too."""
        if self.is_running:
            self.kill(signal.SIGCONT)
            self.kill()
            await self.ended()
        for process in psutil.process_iter():
            if self._is_mine(process):
                with suppress(*GONE):
                    process.kill()


@asynccontextmanager
async def service(**settings: str) -> AsyncIterator[Service]:
    """A service on a fresh folder, with nothing left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="duologue-"))  # short: the name of a Unix socket has 107 bytes
    made = Service(folder, **settings)
    try:
        yield made
    finally:
        await made.clear()
        shutil.rmtree(folder, ignore_errors=True)
