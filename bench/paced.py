"""Profile ``paced``: texts at a fixed rate, whether or not earlier ones were answered (an open loop)."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from bench import cpu, dm, stats, users
from bench.ledger import Ledger
from bench.server import Target
from bench.socket import Talker

RATE = 200


class Pace:
    """Sends the texts of a timetable, each counted from its intended moment, so that a late start costs its latency."""

    def __init__(self, talkers: list[Talker], moments: list[float]) -> None:
        self._talkers = talkers
        self._moments = moments
        self.lags: list[float] = []
        self.done = asyncio.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Follow the timetable while the context is open.

        A thread keeps the time: the timers of the loop only know whole milliseconds, and those would count as latency.
        """
        here, there = socket.socketpair()
        loop = asyncio.get_running_loop()
        clock = threading.Thread(target=self._tick, args=(there,), daemon=True)
        loop.add_reader(here, self._due, here)
        clock.start()
        try:
            yield
        finally:
            loop.remove_reader(here)
            here.close()
            clock.join(1)
            there.close()

    def _tick(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for moment in self._moments:
                if (delay := moment - perf_counter()) > 0:
                    time.sleep(delay)
                wire.send(b".")

    def _due(self, wire: socket.socket) -> None:
        for _ in wire.recv(4096):
            number = len(self.lags)
            self.lags.append(perf_counter() - self._moments[number])
            self._talkers[number % len(self._talkers)].send(self._moments[number])
        if len(self.lags) == len(self._moments):
            self.done.set()


async def run(target: Target, *, warm_up: float = 3, measured: float = 15) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of one run and what went wrong, in sentences."""
    ledger = Ledger(follow_on=False)
    talkers = await users.pair_up(target, dm.PAIRS, ledger)
    loop_before = cpu.loop_ms()
    rows, commits = await dm.stored(target)
    dm.freeze()
    skipped, count = round(warm_up * RATE), round((warm_up + measured) * RATE)
    began = perf_counter() + 0.05
    pace = Pace(talkers, [began + number / RATE for number in range(count)])
    meter = target.meter()
    with pace.running():
        await asyncio.sleep(warm_up)
        spent, first = await asyncio.to_thread(meter.read), len(ledger.finished)
        await pace.done.wait()
        last, spent_then = len(ledger.finished), await asyncio.to_thread(meter.read)
    await ledger.drain(dm.DRAIN_PATIENCE)
    loop_after = cpu.loop_ms()
    rows_then, commits_then = await dm.stored(target)
    await users.part(talkers)
    figures = {
        "profile": "paced",
        "rate_per_s": RATE,
        **stats.milliseconds([took for took in ledger.took[skipped:] if took]),
        **{f"generator_lag_{name}": lag for name, lag in stats.milliseconds(pace.lags[skipped:], [50, 99]).items()},
        **spent_then.since(spent, last - first),
        "commits_per_message": dm.ratio(commits, commits_then, count),
        **dm.machine(loop_before, loop_after),
        "messages": count - skipped,
        "messages_with_warm_up": len(ledger.finished),
        "rows_in_database": None if rows is None or rows_then is None else rows_then - rows,
    }
    return figures, dm.verdict(ledger, figures["rows_in_database"])
