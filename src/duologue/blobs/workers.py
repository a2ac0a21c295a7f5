"""The worker processes, as the server sees them: a job goes in, an outcome comes out, whatever the file does to the decoder.

At most so many jobs at a time; the rest wait. A worker that dies by the file's doing (killed for its time, or crashed) refuses the
file; one that somebody else killed is told from it and answers `Unavailable`.
"""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping

import msgspec
import structlog

from duologue.blobs.jobs import Family, Job, Limits, Outcome
from duologue.blobs.settling import settled
from duologue.blobs.worker import LENGTH
from duologue.core.errors import Unavailable

_log = structlog.get_logger(__name__)

# Nothing of ours, and no path to programs.
_ENVIRONMENT = {"PATH": "/nonexistent", "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}
_FAREWELL = 2.0  # seconds that an idle process has to end by itself
JOBS = 200  # per process, so that what a decoder leaks does not add up
# Deaths that a file can bring about. Others (SIGKILL, SIGTERM) come from outside.
_OF_THE_FILE = {
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGABRT,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGXCPU,
    signal.SIGSYS,
}


class Workers:
    """At most `count` processes at work; `limits` per job. Processes start when they are needed; `close` ends them.

    `environment` is all they get beside the little they need.
    """

    def __init__(self, count: int, limits: Limits, environment: Mapping[str, str] | None = None) -> None:
        self._environment = {**_ENVIRONMENT, **(environment or {})}
        self._places = asyncio.Semaphore(count)
        self._count = count
        self._limits = limits
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    async def run(self, family: Family, job: Job) -> Outcome:
        """Do a job, when there is a place for it.

        Raises:
            Unavailable: the worker was killed from outside, or cannot be started.
        """
        async with self._places, self._worker(family) as worker:
            try:
                async with asyncio.timeout(self._limits.of(family).wall):
                    return await worker.ask(job)
            except TimeoutError:
                return Outcome(verdict="hostile", reason="time")
            except (OSError, asyncio.IncompleteReadError) as error:
                return await self._died(worker, error)

    @property
    def pids(self) -> list[int]:
        """The processes that live now."""
        return [worker.pid for worker in (*self._idle, *self._busy)]

    async def close(self) -> None:
        """End every process, at work or not."""
        self._is_closed = True
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.end() for worker in workers))

    @contextlib.asynccontextmanager
    async def _worker(self, family: Family) -> AsyncIterator["_Worker"]:
        """A process of the family for one job; kept for the next one only if it did well and has not worked long."""
        worker = await self._take(family)
        self._busy.add(worker)
        try:
            yield worker
        finally:
            self._busy.discard(worker)
            if worker.is_fit and worker.jobs < JOBS and not self._is_closed:
                self._idle.append(worker)
            else:
                await settled(worker.end())

    async def _take(self, family: Family) -> "_Worker":
        """One that idles, or a new one in the place of one that idles in another family."""
        if self._is_closed:
            raise Unavailable
        for worker in reversed(self._idle):
            if worker.family is family:
                self._idle.remove(worker)
                return worker
        if self._idle and len(self._idle) + len(self._busy) >= self._count:
            await self._idle.pop(0).end()
        starting = asyncio.ensure_future(_Worker.start(family, self._limits.of(family), self._environment))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await settled(_ended(starting))
            raise
        except OSError as error:
            _log.error("media_worker_not_started", family=family, error=type(error).__qualname__)
            raise Unavailable from error

    async def _died(self, worker: "_Worker", error: Exception) -> Outcome:
        code = await worker.end()
        if -code in _OF_THE_FILE:
            name = signal.Signals(-code).name
            _log.warning("media_worker_crashed", family=worker.family, signal=name)
            return Outcome(verdict="hostile", reason="time" if name == "SIGXCPU" else "crash")
        _log.error("media_worker_lost", family=worker.family, code=code)
        raise Unavailable from error


async def _ended(starting: "asyncio.Future[_Worker]") -> None:
    """End a process that nobody waits for any more, as soon as it has started."""
    with contextlib.suppress(OSError):
        await (await starting).end()


class _Worker:
    """One process. Fit for another job after each outcome that is fine."""

    def __init__(
        self, family: Family, process: Process, entry: asyncio.StreamWriter, output: asyncio.StreamReader
    ) -> None:
        self.family = family
        self.jobs = 0
        self.is_fit = False
        self._is_idle = False
        self._process = process
        self._entry = entry
        self._output = output

    @classmethod
    async def start(cls, family: Family, limits: Limits, environment: Mapping[str, str]) -> "_Worker":
        """A process that has been told its limits."""
        command = [sys.executable, "-I", "-m", f"duologue.blobs.worker_{family}"]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
        )
        if process.stdin is None or process.stdout is None:
            raise OSError("a process without pipes")
        worker = cls(family, process, process.stdin, process.stdout)
        worker._tell(msgspec.msgpack.encode(limits))
        return worker

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def ask(self, job: Job) -> Outcome:
        """A job, its outcome."""
        self.is_fit = self._is_idle = False
        self.jobs += 1
        self._tell(msgspec.msgpack.encode(job))
        size = LENGTH.unpack(await self._output.readexactly(LENGTH.size))[0]
        outcome = msgspec.msgpack.decode(await self._output.readexactly(size), type=Outcome)
        self.is_fit, self._is_idle = outcome.verdict == "fine", True
        return outcome

    async def end(self) -> int:
        """Kill it, unless it idles and goes when told to, or has died by itself; how it ended."""
        if self._is_idle:
            self._entry.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    return await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            if self._process.returncode is None and not self._has_closed():
                self._process.kill()
        return await self._process.wait()

    def _has_closed(self) -> bool:
        """Whether its output has ended, which it does by dying: the process is left to say by what."""
        return self._output.at_eof()

    def _tell(self, message: bytes) -> None:
        self._entry.write(LENGTH.pack(len(message)) + message)
