"""Profile ``idle``: many users who are connected and say nothing, and what each costs the server in memory."""

import asyncio
import resource
from time import perf_counter
from typing import Any

from bench import cpu, dm, users
from bench.cpu import Meter
from bench.ledger import Ledger
from bench.server import Target

FIRST = 100
SPARE_FILES = 500
READ_BUFFER = 512


def allow_files(count: int) -> None:
    """Raise the limit of open files, which the server inherits, for ``count`` sockets.

    Raises:
        RuntimeError: the hard limit is lower.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + SPARE_FILES:
        raise RuntimeError(f"{count} sockets need {count + SPARE_FILES} open files, the hard limit is {hard}.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def run(target: Target, sockets: int) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of one run and what went wrong, in sentences.

    The first 100 connections, which load code and fill pools, stay open and do not count.
    """
    ledger = Ledger()
    people = users.invent(FIRST + sockets, target.secret)
    meter = target.meter()
    loop_before = cpu.loop_ms()
    talkers = await users.connect(target, people[:FIRST], ledger, READ_BUFFER)
    before = await settled(meter)
    spent, began = meter.read(), perf_counter()
    talkers += await users.connect(target, people[FIRST:], ledger, READ_BUFFER)
    took, spent_then = perf_counter() - began, meter.read()
    after = await settled(meter)
    loop_after = cpu.loop_ms()
    failures = ledger.failures()
    await users.part(talkers)
    per_socket = spent_then.since(spent, sockets)
    figures = {
        "profile": "idle",
        "sockets": sockets,
        "kib_per_connection": round((after - before) / 1024 / sockets, 1),
        "server_mib": round(after / 1024 / 1024, 1),
        "connects_per_s": round(sockets / took),
        **{name.replace("message", "connect"): value for name, value in per_socket.items()},
        **dm.machine(loop_before, loop_after),
    }
    return figures, failures


async def settled(meter: Meter) -> int:
    """Return the server's resident bytes once they changed by less than 0.1 % within two seconds (at most 20 s)."""
    before = meter.server_bytes()
    for _ in range(10):
        await asyncio.sleep(2)
        now = meter.server_bytes()
        if abs(now - before) < before / 1000:
            return now
        before = now
    return before
