"""Profile ``reference``: what the machine's own PostgreSQL does with bare single-row commits, in the same run."""

import asyncio
from time import perf_counter
from typing import Any

import asyncpg

from bench import cpu, dm
from bench.server import Target
from bench.socket import BODY

TABLE = "CREATE TABLE bench_reference (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL)"
INSERT = "INSERT INTO bench_reference (content) VALUES ($1)"


async def run(target: Target, connections: int, *, measured: float = 3) -> tuple[dict[str, Any], list[str]]:
    """Return the figures of ``connections`` that each commit one row after the other."""
    if target.database is None:
        raise RuntimeError("The reference needs the server's PostgreSQL: --data.")
    loop_before = cpu.loop_ms()
    owner = await target.database.connect()
    await owner.execute(TABLE)
    pool = [await target.database.connect() for _ in range(connections)]
    meter = target.meter()
    try:
        await asyncio.gather(*(_insert(connection, perf_counter() + 0.5) for connection in pool))
        spent, began = meter.read(), perf_counter()
        counts = await asyncio.gather(*(_insert(connection, began + measured) for connection in pool))
        took, spent_then = perf_counter() - began, meter.read()
    finally:
        await owner.execute("DROP TABLE bench_reference")
        for connection in (owner, *pool):
            await connection.close()
    per_commit = spent_then.since(spent, sum(counts))
    figures = {
        "profile": "reference",
        "connections": connections,
        "commits_per_s": round(sum(counts) / took),
        "postgres_cpu_us_per_commit": per_commit["postgres_cpu_us_per_message"],
        "client_cpu_us_per_commit": per_commit["generator_cpu_us_per_message"],
        **dm.machine(loop_before, cpu.loop_ms()),
    }
    return figures, []


async def _insert(connection: asyncpg.Connection, until: float) -> int:
    statement = await connection.prepare(INSERT)
    count = 0
    while perf_counter() < until:
        await statement.fetch(BODY % count)
        count += 1
    return count
