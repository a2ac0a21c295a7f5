"""Profile ``dm``: pairs who write to each other as fast as they are answered (design part 7)."""

import asyncio
import gc
import os
import platform
from time import perf_counter
from typing import Any

from bench import cpu, stats, users
from bench.ledger import Ledger
from bench.server import Target
from bench.socket import Talker

PAIRS = 50
DRAIN_PATIENCE = 10.0
REFERENCE_LOOP_MS = 9.0


def start(talkers: list[Talker], outstanding: int) -> None:
    """Send the first ``outstanding`` texts of each talker; each finished text sends the next by itself."""
    for _ in range(outstanding):
        for talker in talkers:
            talker.send(perf_counter())


async def run(
    target: Target, outstanding: int, *, keys: bool = False, warm_up: float = 3, measured: float = 15
) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of one run and what went wrong, in sentences.

    ``messages_per_s_at_9_ms`` is the rate on a machine whose fixed loop takes 9 ms, by the better of the two loop
    times, so that a moment's disturbance never flatters.
    """
    ledger = Ledger()
    talkers = await users.pair_up(target, PAIRS, ledger, keys=keys)
    loop_before = cpu.loop_ms()
    rows, commits = await stored(target)
    freeze()
    start(talkers, outstanding)
    await asyncio.sleep(warm_up)
    meter = target.meter()
    spent, first, began = await asyncio.to_thread(meter.read), len(ledger.finished), perf_counter()
    await asyncio.sleep(measured)
    last, ended, spent_then = len(ledger.finished), perf_counter(), await asyncio.to_thread(meter.read)
    ledger.limit = 0
    await ledger.drain(DRAIN_PATIENCE)
    loop_after = cpu.loop_ms()
    rows_then, commits_then = await stored(target)
    await users.part(talkers)
    rate = (last - first) / (ended - began)
    figures = {
        "profile": "dm",
        "w": outstanding,
        "keys": keys,
        "messages_per_s": round(rate),
        "messages_per_s_at_9_ms": round(rate * min(loop_before, loop_after) / REFERENCE_LOOP_MS),
        **stats.milliseconds([ledger.took[seq] for seq in ledger.finished[first:last]]),
        **spent_then.since(spent, last - first),
        "commits_per_message": ratio(commits, commits_then, len(ledger.sent_at)),
        **machine(loop_before, loop_after),
        "messages": last - first,
        "messages_with_warm_up": len(ledger.finished),
        "rows_in_database": None if rows is None or rows_then is None else rows_then - rows,
    }
    return figures, verdict(ledger, figures["rows_in_database"])


def freeze() -> None:
    """Take what lives so far out of the garbage collector's sight and stop it: its pauses would count as latency."""
    gc.collect()
    gc.freeze()
    gc.disable()


async def stored(target: Target) -> tuple[int | None, int | None]:
    """Return rows and commits so far, or None where the database is not known."""
    if target.database is None:
        return None, None
    commits = await target.database.commits()
    return await target.database.rows(), commits


def ratio(before: int | None, after: int | None, messages: int) -> float | None:
    """Return the growth per message."""
    if before is None or after is None or not messages:
        return None
    return round((after - before) / messages, 4)


def machine(loop_before: float, loop_after: float) -> dict[str, Any]:
    """Return what makes figures of different machines comparable."""
    return {
        "loop_ms_before": loop_before,
        "loop_ms_after": loop_after,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }


def verdict(ledger: Ledger, rows: int | None) -> list[str]:
    """Return what went wrong: in the frames, and in the database where it is known."""
    failures = ledger.failures()
    if not ledger.finished:
        failures.append("Not one text was acknowledged and delivered.")
    if rows is not None and rows != ledger.acknowledged:
        failures.append(f"The database holds {rows} new messages, but {ledger.acknowledged} were acknowledged.")
    return failures
