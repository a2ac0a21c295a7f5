"""What a run costs: CPU seconds of server, PostgreSQL and generator, the server's memory, the machine's speed."""

import statistics
import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Spent:
    """CPU seconds since the start of each; None where the process is not known."""

    server: float | None
    postgres: float | None
    generator: float

    def since(self, earlier: "Spent", messages: int) -> dict[str, float | None]:
        """Return the microseconds per message that were spent after ``earlier``."""
        return {
            f"{name}_cpu_us_per_message": _per_message(getattr(self, name), getattr(earlier, name), messages)
            for name in ("server", "postgres", "generator")
        }


def _per_message(after: float | None, before: float | None, messages: int) -> float | None:
    if after is None or before is None or not messages:
        return None
    return round((after - before) * 1e6 / messages, 1)


class Meter:
    """Reads a server by its pid and its PostgreSQL by the postmaster's, whether or not one descends from the other."""

    def __init__(self, server: int | None, postmaster: int | None) -> None:
        self._server = psutil.Process(server) if server else None
        self._postmaster = psutil.Process(postmaster) if postmaster else None

    def read(self) -> Spent:
        """Return what was spent so far: all threads, living descendants and those that ended and were waited for."""
        return Spent(
            server=_tree_seconds(self._server, self._postmaster) if self._server else None,
            postgres=_tree_seconds(self._postmaster, None) if self._postmaster else None,
            generator=time.process_time(),
        )

    def server_bytes(self) -> int:
        """Return the resident bytes of the server and its descendants, PostgreSQL left out."""
        if not self._server:
            raise RuntimeError("The memory of a server needs its pid: --pid.")
        return sum(_resident(process) for process in _tree(self._server, self._postmaster))


def _tree(root: psutil.Process, without: psutil.Process | None) -> list[psutil.Process]:
    family = [root, *root.children(recursive=True)]
    if without is None or without not in family:
        return family
    foreign = {without, *without.children(recursive=True)}
    return [process for process in family if process not in foreign]


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def _tree_seconds(root: psutil.Process, without: psutil.Process | None) -> float:
    """Sum a tree whose members come and go.

    A process that ends moves its seconds to its parent's account of children. To count it once, the root's account
    must be the same before and after the living were read; otherwise they are read again.
    """
    while True:
        own = root.cpu_times()
        ended = own.children_user + own.children_system
        living = sum(_seconds(process) for process in _tree(root, without) if process != root)
        again = root.cpu_times()
        if again.children_user + again.children_system == ended:
            return float(own.user + own.system + ended + living)


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def loop_ms() -> float:
    """Time the fixed loop by which figures of different machines and hours are compared: median of five, in ms."""
    return round(statistics.median(_loop_once() for _ in range(5)), 2)


def _loop_once() -> float:
    started = time.perf_counter()
    x = 0
    for _ in range(500_000):
        x += 1  # noqa: SIM113 - the additions are the point
    return (time.perf_counter() - started) * 1000
