"""The life of the embedded PostgreSQL: claim the folder, adopt or launch, wait until it answers, stop."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import structlog

from duologue.storage.embedded.account import ELSEWHERE, choose_account, refuse_foreign
from duologue.storage.embedded.binaries import find_binaries
from duologue.storage.embedded.cluster import Cluster
from duologue.storage.embedded.errors import EmbeddedError, StillRecoveringError
from duologue.storage.embedded.lock import FolderLock
from duologue.storage.embedded.postmaster import find_postmaster, forget_stale_pid_file, processes, serves
from duologue.storage.embedded.roles import ensure_roles
from duologue.storage.embedded.settings import write_settings

_log = structlog.get_logger(__name__)

GLANCE = 0.02  # seconds between two looks at a process or socket
ORPHANS_END = 2.0  # seconds for the children of a dead postmaster, which notice its death, before they are killed
PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two tries to start a PostgreSQL that died
QUIT_TIMEOUT = 2.0  # seconds for an immediate shutdown, before SIGKILL


def running_dsn(folder: Path) -> str | None:
    """Return the DSN of the PostgreSQL that runs in this folder, whoever started it, or None. Nothing is changed."""
    found = find_postmaster(Cluster(folder.resolve()).data)
    return _dsn(found.socket, "duologue") if found and found.socket else None


class EmbeddedPostgres:
    """PostgreSQL in a folder of its own, for this process alone.

    `folder` is created if need be. `major` is 18, or 16 for tests; `binaries` names the folder of another one's.
    `start_timeout` is how long to wait for an answer, recovery included, and `stop_timeout` how long an orderly shutdown
    may take; both in seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        major: int = 18,
        binaries: Path | None = None,
        start_timeout: float = 60.0,
        stop_timeout: float = 30.0,
    ) -> None:
        self._cluster = Cluster(folder.resolve())
        self._lock = FolderLock(self._cluster.lock)
        self._major = major
        self._binaries = binaries
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self._turn = asyncio.Lock()
        self._stopped = True
        self._pid: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster as everybody outside sees it; None when it is not running."""
        return self._pid if self._alive() else None

    async def start(self) -> str:
        """Bring PostgreSQL up and return a DSN for role and database `duologue`.

        A server left behind by a killed Duologue is taken up as it is. Called again, it starts what has died since.

        Raises:
            EmbeddedError: it cannot run; nothing of ours is left running, except a server that is still recovering,
                which the next start takes up.
        """
        async with self._turn:
            self._stopped = False
            return await self._start()

    async def stop(self) -> None:
        """Shut PostgreSQL down, wait until no process of it is left, and give the folder back.

        Sessions are ended, a checkpoint is written; if that takes longer than `stop_timeout`, it is cut short, and the
        next start recovers.
        """
        self._stopped = True
        async with self._turn:
            await self._bring_down()

    async def supervise(self) -> None:
        """Start PostgreSQL again whenever it dies, until it is stopped. For a task beside the server.

        What keeps it from starting, such as a full disk, may pass: it is tried again, ever more seldom, and said in the log.
        """
        pause = PAUSE
        while not self._stopped:
            async with self._turn:
                if not self._stopped and not self._alive():
                    pause = await self._revive(pause)
            await asyncio.sleep(10 * GLANCE)

    async def _revive(self, pause: float) -> float:
        """Try once; how long to pause after the next failure."""
        try:
            await self._start()
        except EmbeddedError as error:
            _log.error("postgres_not_started", reason=str(error), next_try_s=pause)
            await asyncio.sleep(pause)
            return min(pause * 2, LONGEST_PAUSE)
        _log.warning("postgres_restarted", pid=self._pid)
        return PAUSE

    async def _start(self) -> str:
        try:
            self._claim()
            await self._bring_up()
        except StillRecoveringError:
            self._forget()
            raise
        except OSError as error:
            await self._bring_down()
            raise EmbeddedError(
                f"{error.filename or self._cluster.folder} cannot be used: {error.strerror}. {ELSEWHERE}"
            ) from error
        except BaseException:
            await self._bring_down()
            raise
        return _dsn(self._socket, "duologue")

    def _claim(self) -> None:
        if not self._lock.held:
            self._cluster.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_foreign(self._cluster.folder)
            self._lock.acquire()

    async def _bring_up(self) -> None:
        if self._alive():
            return
        self._child = self._pid = None
        deadline = time.monotonic() + self._start_timeout
        self._cluster.check_version(self._major)
        if await self._adopted(deadline):
            return
        await self._clear_away()
        await self._launch()
        if await self._answers(deadline):
            return
        self._child = None
        # A server launched a moment before its Duologue was killed can come up beside ours and win.
        if not await self._adopted(deadline):
            await self._ended(QUIT_TIMEOUT)  # its log is complete then
            raise EmbeddedError(
                f"PostgreSQL did not start in {self._cluster.folder}: {self._cluster.last_words()}. "
                f"Its log is in {self._cluster.log}."
            )

    async def _adopted(self, deadline: float) -> bool:
        """Take up a server that already runs on our data; False if there is none, or it ends meanwhile."""
        found = find_postmaster(self._cluster.data)
        self._pid = found.pid if found else None
        return found is not None and await self._answers(deadline)

    async def _launch(self) -> None:
        cluster = self._cluster
        binaries = self._binaries or find_binaries(self._major)
        account = await choose_account(cluster.folder, cluster.data, binaries / "postgres")
        await cluster.create(account, binaries / "initdb", self._major)
        cluster.prepare_log(account)
        self._socket = cluster.socket_folder(account)
        write_settings(cluster.data, account, socket=self._socket, log=cluster.log)
        with cluster.start_log.open("wb") as output:
            self._child = account.spawn(binaries / "postgres", "-D", str(cluster.data), output=output)
        self._pid = self._child.pid

    async def _answers(self, deadline: float) -> bool:
        """Wait until a statement is answered and our database is there; False if the server ends before.

        Raises:
            StillRecoveringError: it lives, but the time is up.
            EmbeddedError: it refuses us.
        """
        while self._alive():
            found = find_postmaster(self._cluster.data)
            if found and found.socket:
                self._socket = found.socket
                if await self._prepared(deadline):
                    return True
            if time.monotonic() > deadline:
                raise StillRecoveringError(
                    f"PostgreSQL in {self._cluster.folder} is still recovering after {self._start_timeout:g} s. "
                    "It goes on; start again in a while, and it is taken up."
                )
            await asyncio.sleep(GLANCE)
        return False

    async def _prepared(self, deadline: float) -> bool:
        """Try once to connect and to see to the role and the database; False if it is too early."""
        patience = max(deadline - time.monotonic(), 1.0)
        try:
            connection = await asyncpg.connect(_dsn(self._socket, "postgres"), timeout=patience)
            try:
                await ensure_roles(connection)
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            return False  # not there yet, or gone again
        except (asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.TooManyConnectionsError):
            return False  # recovering, shutting down, or still full of a dead server's sessions
        except asyncpg.PostgresError as error:
            raise EmbeddedError(
                f"The PostgreSQL that ran in {self._cluster.folder} refused us: {error}. It has been stopped; start "
                "again, which writes its settings anew."
            ) from error
        return True

    async def _clear_away(self) -> None:
        """Wait for what a dead postmaster left running, which ends by itself as a rule, and see to its pid file."""
        if not await self._ended(ORPHANS_END):
            self._kill_all()
            await self._ended(ORPHANS_END)
        forget_stale_pid_file(self._cluster.data)

    async def _bring_down(self) -> None:
        """Stop what runs and give the folder back, more forceful by steps; nothing if the folder is not ours."""
        if not self._lock.held:
            return
        for number, patience in ((signal.SIGINT, self._stop_timeout), (signal.SIGQUIT, QUIT_TIMEOUT)):
            self._signal(number)
            if await self._ended(patience):
                break
        else:
            self._kill_all()
            await self._ended(QUIT_TIMEOUT)
        if self._socket:
            with contextlib.suppress(OSError):
                self._cluster.remove_temporary(self._socket)
        self._forget()

    def _forget(self) -> None:
        self._child = self._pid = self._socket = None
        self._lock.release()

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _kill_all(self) -> None:
        for pid in processes(self._cluster.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _ended(self, patience: float) -> bool:
        """Wait until no process of this folder is left; False when patience ends first."""
        deadline = time.monotonic() + patience
        while self._alive() or processes(self._cluster.data):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(GLANCE)
        return True

    def _alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._pid is not None and serves(self._pid, self._cluster.data)


def _dsn(socket: Path | None, role: str) -> str:
    """Return a DSN over the socket; each role has a database of its name."""
    return f"postgresql://{role}@/{role}?host={socket}&port=5432"
