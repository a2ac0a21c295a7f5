"""Nodes that write to one real database, its operator's own connection, and users."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, Published, SystemClock

from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.storage.ledger import Ledger
from duologue.storage.postgres import Postgres


@pytest.fixture
async def start_node(database: str) -> AsyncIterator[Callable[..., Awaitable[Node]]]:
    """Start a node; `dsn` leads it elsewhere, such as through a proxy."""
    async with AsyncExitStack() as stack:

        async def start(dsn: str = database) -> Node:
            store = Postgres(dsn)
            await store.open()
            stack.push_async_callback(store.close)
            published, clock = Published(), SystemClock()
            ledgers = (Ledger(store.connect), Ledger(store.connect))
            flush = Flush(ledgers[0])
            lanes = Lanes(
                queue=Queue(clock=clock), first=flush, second=Flush(ledgers[1]), broker=published, clock=clock
            )
            lanes.start()
            for ledger in ledgers:
                stack.push_async_callback(ledger.close)
            stack.push_async_callback(lanes.stop)
            return Node(store, lanes, flush, published)

        yield start


@pytest.fixture
async def node(start_node: Callable[..., Awaitable[Node]]) -> Node:
    """One node."""
    return await start_node()


@pytest.fixture
async def admin(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the operator's own, as psql would have."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def people(admin: "asyncpg.Connection[asyncpg.Record]") -> Callable[[int], Awaitable[list[UUID]]]:
    """Make users."""

    async def make(count: int) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        await admin.execute(
            "INSERT INTO users (id, username, username_key) SELECT u, u::text, u::text FROM unnest($1::uuid[]) u", ids
        )
        await admin.execute("INSERT INTO positions (user_id) SELECT * FROM unnest($1::uuid[])", ids)
        return ids

    return make
